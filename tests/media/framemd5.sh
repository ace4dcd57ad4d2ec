#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# One clip through a pool: every frame's size and MD5 are those of ffmpeg -f framemd5, for a reader
# that looks and lets go and for one that holds to its limit and looks again; and nothing was copied
# that need not be.
# Usage: framemd5.sh ZOE_CAPTURE ZOE_FRAMEMD5 CASE; the real clips are in $ZOE_TEST_MEDIA.
# shellcheck source=tests/media/common.sh
. "$(dirname "$0")/common.sh"

[ $# -eq 3 ] || { echo "usage: framemd5.sh ZOE_CAPTURE ZOE_FRAMEMD5 CASE" >&2; exit 2; }
capture=$1
framemd5=$2
name=$3

# What the case is about; set by its line below.
clip=           # the file, made or real
copied=0        # frames that capture may copy: a number, or "any"
times=yes       # whether the container has timestamps, which then are equal too
options=()      # further ones of zoe-capture

real() {
	clip=${ZOE_TEST_MEDIA:-}/$1
	if [ ! -e "$clip" ]; then
		echo "skipped: there is no $clip (ZOE_TEST_MEDIA is the folder of real clips)"
		exit 77
	fi
}

# make FILE SIZE SECONDS OPTION…: a moving picture in the codec that the options name.
make() {
	clip=$temp/$1
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=$2:r=25:d=$3" "${@:4}" "$clip"
}

# A frame that was published already is shown again, three times over, and then the stream goes on.
make_vp9_repeats() {
	local pts
	for part in a b; do
		make $part.ivf 160x120 0.6 -c:v libvpx-vp9 -deadline realtime -cpu-used 8
	done
	cat "$temp/a.ivf" >"$temp/repeats.ivf"
	for pts in 0f 10 11; do
		# size, pts, and the frame header "show existing frame 0"
		printf '%b' "\x01\0\0\0\x$pts\0\0\0\0\0\0\0\x88" >>"$temp/repeats.ivf"
	done
	tail -c +33 "$temp/b.ivf" >>"$temp/repeats.ivf"
	clip=$temp/repeats.ivf
}

# Frames that are shown long after they were decoded, by "show existing frame".
make_vp9_existing() {
	local pass
	for pass in 1 2; do
		make existing.webm 160x120 2 -y -c:v libvpx-vp9 -deadline good -cpu-used 2 -lag-in-frames 25 \
			-auto-alt-ref 6 -b:v 60k -pass "$pass" -passlogfile "$temp/pass"
	done
	[ "$(ffmpeg -v trace -nostdin -i "$clip" -c copy -bsf:v trace_headers -f null - 2>&1 |
		grep -c 'show_existing_frame .*= 1')" -gt 0 ] || fail "the clip has no frame that is shown again"
}

case $name in
pedestrians) real pedestrians-768x576.avi ;;
person) real person-768x432.mp4 ;;
street) real street-1280x720.264 && times=no ;;
gesture) real gesture-640x480.mkv ;;
resize-1-thread) real resize-352x288-640x480-352x288.264 && times=no && options=(--threads 1) ;;
resize-4-threads) real resize-352x288-640x480-352x288.264 && times=no && options=(--threads 4) ;;
h264) make x.mp4 320x180 2 -c:v libx264 -preset veryfast -bf 2 -refs 4 ;;
h264-interlaced) make x.mp4 320x176 1 -c:v libx264 -preset veryfast -flags +ildct+ilme ;;
h264-cropped) make x.mkv 318x178 1 -c:v libx264 -preset veryfast ;;
h264-10-bit) make x.mkv 320x180 1 -pix_fmt yuv420p10le -c:v libx264 -preset veryfast ;;
hevc) make x.mp4 320x180 1 -c:v libx265 -preset ultrafast -x265-params log-level=error ;;
vp8) make x.webm 160x120 2 -c:v libvpx -cpu-used 5 -auto-alt-ref 1 -lag-in-frames 16 -b:v 100k ;;
vp9) make x.webm 160x120 1 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 ;;
vp9-existing) make_vp9_existing ;;
vp9-repeats) make_vp9_repeats && times=no && copied=3 ;;
mpeg2) make x.mpg 320x176 2 -c:v mpeg2video -bf 2 -q:v 4 && times=no ;;
mpeg4) make x.avi 320x180 2 -c:v mpeg4 -q:v 4 ;;
avi-gaps) make x.avi 320x180 2 -vf "select=not(between(n\,20\,29))" -vsync vfr -c:v mpeg4 -q:v 4 ;;
mjpeg) make x.avi 320x180 1 -c:v mjpeg -q:v 4 ;;
prores) make x.mov 320x180 1 -c:v prores_ks && copied=any ;;
ffv1) make x.mkv 320x180 1 -c:v ffv1 -level 3 && copied=any ;;
# These repaint the picture that they gave before; a part of the clip stands still.
gif) make x.gif 160x120 2 -vf "loop=10:1:20" && copied=any ;;
qtrle) make x.mov 160x120 2 -vf "loop=10:1:20" -c:v qtrle && copied=any ;;
cinepak) make x.avi 128x96 0.8 -vf "loop=4:1:5,setpts=N" -c:v cinepak && copied=any ;;
msvideo1) make x.avi 160x120 1 -vf "loop=4:1:5,setpts=N" -c:v msvideo1 && copied=any ;;
raw-*) make x.nut 162x122 1 -pix_fmt "${name#raw-}" -c:v rawvideo && copied=any ;;
*) fail "no such case" ;;
esac

# dts, pts, size and sum of all frames; where the container has no timestamps, only the last two.
# The duration is the packet's in the pool, and in ffmpeg sometimes the frame rate's.
lines() {
	grep -v '^#' "$1" | awk -v times="$times" '{ print (times == "yes" ? $2 $3 : ""), $5, $6 }'
}

ffmpeg -v error -nostdin -noautorotate -copyts -i "$clip" -map 0:v:0 -vsync passthrough -enc_time_base -1 \
	-autoscale 0 -f framemd5 "$temp/ffmpeg"
[ "$(grep -vc '^#' "$temp/ffmpeg")" -ge 6 ] || fail "ffmpeg saw fewer than 6 frames"

timeout 200 "$framemd5" "$pool" >"$temp/looking" &
pids+=($!)
timeout 200 "$framemd5" --hold-check --hold 3 "$pool" >"$temp/holding" &
pids+=($!)
timeout 200 "$capture" -n "$pool" --lossless --wait-readers 2 --fast --json --quiet "${options[@]}" "$clip" \
	>"$temp/json" &
pids+=($!)
for who in zoe-framemd5 "zoe-framemd5 --hold-check" zoe-capture; do
	wait "${pids[0]}" || fail "$who ended with $?"
	pids=("${pids[@]:1}")
done

for reader in looking holding; do
	diff <(lines "$temp/ffmpeg") <(lines "$temp/$reader") >"$temp/diff" ||
		fail "the frames of the $reader reader (>) are not ffmpeg's (<): $(head -n 6 "$temp/diff")"
done
n=$(sed -n 's/.*"event":"end".*"copied":\([0-9]*\).*/\1/p' "$temp/json")
[ -n "$n" ] || fail "zoe-capture's last line has no count of copies: $(tail -n 1 "$temp/json")"
[ "$copied" = any ] || [ "$n" -eq "$copied" ] || fail "$n frames were copied, not $copied"
if [ -e "/dev/shm/zoe.$pool" ] || [ -e "/dev/shm/zoe.$pool.seats" ]; then
	fail "the pool is still in /dev/shm"
fi
echo "$(grep -vc '^#' "$temp/looking") frames, all as ffmpeg has them, $n copied"
