#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The whole of zoetrope in one command: one capture, a motion worker and a window looking at the same frames, and
# what the worker sees drawn on the frames in the window.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=common/packages.sh
. "$root/common/packages.sh"
build=$root/.build/release
pool=demo-$$
seconds=
keep=
input=
interrupted=
temp=
pids=()

usage() {
	cat <<'END'
Usage: samples/demo.sh [--seconds N] [--keep] [FILE]
Install what is missing (Debian), build, make an H.264 clip (or take FILE), and show
it: zoe-capture decodes it once, a motion worker and a window look at the same pixels,
and the window draws what the worker finds (key o: on, off). Runs until the window is
closed. Without a display it runs for 10 seconds and writes zoe-demo.png in the
current folder.

  --seconds N  End after N seconds.
  --keep       Keep the clip and the logs.
  -h, --help   Print this and exit.
END
}

fail() {
	printf 'demo.sh: error: %s\n' "$1" >&2
	exit "${2:-1}"
}

say() {
	printf '\n== %s\n' "$1"
}

# End what was started, and leave nothing behind.
cleanup() {
	local status=$?
	trap - EXIT
	trap '' INT TERM
	stop_all
	rm -f "/dev/shm/zoe.$pool" "/dev/shm/zoe.$pool.seats"
	if [ -n "$temp" ] && [ -n "$keep" ]; then
		echo "The clip and the logs are in $temp"
	elif [ -n "$temp" ]; then
		rm -rf "$temp"
	fi
	exit "$status"
}

stop_all() {
	local pid tries
	for pid in "${pids[@]}"; do
		kill -TERM "$pid" 2>/dev/null || continue
		for ((tries = 0; tries < 40; tries++)); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL "$pid" 2>/dev/null || true
	done
	pids=()
	wait
}

# Run a command quietly; what it said is shown when it fails.
quietly() {
	local what=$1
	shift
	if ! "$@" >"$temp/command.log" 2>&1; then
		tail -n 40 "$temp/command.log" >&2
		fail "$what failed; its last words are above"
	fi
}

parse() {
	while [ $# -gt 0 ]; do
		case $1 in
		--seconds)
			[ $# -gt 1 ] || fail "option --seconds needs a value: N; see demo.sh --help" 2
			seconds=$2
			shift
			;;
		--seconds=*) seconds=${1#*=} ;;
		--keep) keep=yes ;;
		-h | --help)
			usage
			exit 0
			;;
		-?*) fail "unknown option $1; see demo.sh --help" 2 ;;
		*)
			[ -z "$input" ] || fail "one argument too many ($1); see demo.sh --help" 2
			input=$1
			;;
		esac
		shift
	done
	if [ -n "$seconds" ] && ! [[ $seconds =~ ^[1-9][0-9]{0,5}$ ]]; then
		fail "option --seconds ($seconds): expected a whole number, 1 or more; see demo.sh --help" 2
	fi
	if [ -n "$input" ] && ! [ -r "$input" ]; then
		fail "FILE ($input): cannot be read"
	fi
}

# The tests need more than the demo does, so a first build here leaves them out.
build_programs() {
	local options=()
	say "Building"
	[ -e "$build/CMakeCache.txt" ] || options+=(-DBUILD_TESTING=OFF)
	cd "$root"
	quietly "cmake" cmake --preset release "${options[@]}"
	quietly "the build" cmake --build --preset release --target zoe-capture zoe-display zoe-motion
	cd "$OLDPWD"
}

# A calm picture with three things that move in it.
make_clip() {
	local graph
	graph="gradients=s=1280x720:r=30:d=10:n=3:c0=0x10243f:c1=0x28527a:c2=0x0f1b2d:"
	graph+="x0=0:y0=0:x1=1279:y1=719:speed=0.00001[ground];"
	graph+="testsrc2=s=320x180:r=30:d=10[card];"
	graph+="life=s=96x54:r=15:seed=7:ratio=0.3:mold=12:life_color=0x7fe7c4:death_color=0x234b6b:mold_color=0x10243f,"
	graph+="scale=384:216:flags=neighbor,fps=30[life];"
	graph+="mandelbrot=s=240x240:r=30:end_scale=0.001:end_pts=300[fractal];"
	graph+="[ground][life]overlay=x=60:y=60:shortest=1[a];"
	graph+="[a][fractal]overlay=x=980:y=420:shortest=1[b];"
	graph+="[b][card]overlay=x='(W-w)*abs(mod(t/4,2)-1)':y='(H-h)*abs(mod(t/2.5,2)-1)':shortest=1,format=yuv420p"
	say "Making an H.264 clip"
	input=$temp/clip.mp4
	quietly "ffmpeg" ffmpeg -nostdin -hide_banner -y -filter_complex "$graph" -t 10 -c:v libx264 -preset veryfast \
		-g 60 -movflags +faststart "$input"
	ffprobe -v error -select_streams v:0 -show_entries \
		stream=codec_name,profile,width,height,r_frame_rate,duration -of default=nw=1 "$input" |
		paste -sd ' '
}

# start NAME COMMAND…: in the background, with a log.
start() {
	local log=$temp/$1.log
	shift
	"$@" >"$log" 2>&1 &
	pids+=($!)
}

run_all() {
	local display_options=(--follow never) display capture status=0
	say "One decode, two watchers"
	if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
		seconds=${seconds:-10}
		echo "No display here (neither DISPLAY nor WAYLAND_DISPLAY is set): running for $seconds s without a window."
		export SDL_VIDEODRIVER=dummy
		display_options+=(--screenshot zoe-demo.png)
	else
		echo "Close the window, or press q in it, to end; o takes the boxes away and brings them back."
	fi
	[ -z "$seconds" ] || display_options+=(--seconds "$seconds")
	start motion "$build/samples/zoe-motion" --block 40 --threshold 3 "$pool"
	start display "$build/display/zoe-display" "${display_options[@]}" "$pool"
	display=$!
	start capture "$build/capture/zoe-capture" --loop -n "$pool" "$input"
	capture=$!
	# Ctrl-C reaches the programs too; what they have to say is still wanted.
	trap 'interrupted=yes' INT
	wait -n "$display" "$capture" || status=$?
	if [ -z "$interrupted" ] && [ "$status" -ne 0 ] && ! kill -0 "$capture" 2>/dev/null; then
		cat "$temp/capture.log" >&2
		fail "zoe-capture ended with $status; what it said is above"
	fi
	[ -n "$interrupted" ] || wait "$display" || status=$?
	if [ -z "$interrupted" ] && [ "$status" -ne 0 ]; then
		cat "$temp/capture.log" "$temp/display.log" >&2
		fail "zoe-display ended with $status; what the programs said is above"
	fi
	stop_all
	trap 'exit 130' INT
}

# A few of the lines with boxes, spread over the run, and what the others said at the end.
summarise() {
	local lines moving
	lines=$(grep -c '^{' "$temp/motion.log" || true)
	moving=$(grep -c '"boxes":\[\[' "$temp/motion.log" || true)
	say "The motion worker looked at $lines frames and saw something move in $moving"
	grep '"boxes":\[\[' "$temp/motion.log" | awk -v n="$moving" 'NR % (int(n / 4) + 1) == 0' || true
	say "zoe-capture"
	tail -n 12 "$temp/capture.log" | tr '\r' '\n'
	say "zoe-display"
	tail -n 12 "$temp/display.log"
	if [ "${SDL_VIDEODRIVER:-}" = dummy ] && [ -s zoe-demo.png ]; then
		printf '\nThe last frame, as the window would have shown it: %s\n' "$PWD/zoe-demo.png"
	fi
}

parse "$@"
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
temp=$(mktemp -d)
need "${ZOE_BUILD_PACKAGES[@]}"
build_programs
[ -n "$input" ] || make_clip
run_all
summarise
