#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What the sample workers post is what they print, on the frame that it belongs to; people are found
# where people are.
# Usage: samples.sh ZOE_CAPTURE SAMPLES_FOLDER LISTEN; the real clips are in $ZOE_TEST_MEDIA.
# shellcheck source=tests/media/common.sh
. "$(dirname "$0")/../media/common.sh"

[ $# -eq 3 ] || { echo "usage: samples.sh ZOE_CAPTURE SAMPLES_FOLDER LISTEN" >&2; exit 2; }
capture=$1
samples=$2
listen=$3

# run WORKER INPUT OPTION…: what it prints in $temp/printed, what it posts in $temp/posted; ended by the pool's end.
run() {
	local worker=$1
	shift
	timeout 100 "$capture" --quiet -n "$pool" --wait-readers 1 "$@" &
	pids=($!)
	timeout 100 "$listen" "$pool" >"$temp/posted" &
	pids+=($!)
	timeout 100 "$samples/$worker" "$pool" >"$temp/printed" || fail "$worker ended with $?"
	wait "${pids[1]}" || fail "the results did not end with the stream: $?"
	end_first
	pids=()
}

# agree WORKER LEAST: it looked at so many frames at least, however busy the machine is, and its results stand
# for frames that were printed, at least half of them: a listener may miss some, if it is slow.
agree() {
	local all
	all=$(wc -l <"$temp/printed")
	[ "$all" -ge "$2" ] || fail "$1 looked at $all frames only"
	! grep -vxFf "$temp/printed" "$temp/seen" || fail "$1 posted what it did not print (above)"
	[ "$(wc -l <"$temp/seen")" -ge $((all / 2)) ] || fail "$1 printed $all lines, and posted $(wc -l <"$temp/seen")"
}

run zoe-brightness -f lavfi "testsrc=s=320x240:r=25:d=2,format=yuv420p"
sed -nE 's/^zoe-brightness ([0-9]+) 1 \{"mean":([0-9.]+)\}$/\1 \2/p' "$temp/posted" >"$temp/seen"
agree zoe-brightness 3
grep -qE '^  3 0.02 0.02 0 0 0 mean luma [0-9.]+$' "$temp/posted" || fail "no text mark: $(head -2 "$temp/posted")"

# A square of 16 pixels moves over a picture of 320 x 240; its old place and its new one may be two boxes.
run zoe-motion -f lavfi "color=gray:s=320x240:r=25:d=2[a];color=white:s=16x16:r=25:d=2[b];[a][b]overlay=x=n*4:y=96,format=yuv420p[out0]"
awk 'function done() { if (seq) print seq, "[" boxes "]" }
	/^zoe-motion/ { done(); seq = $2; boxes = "" }
	/^  0 / { boxes = boxes (boxes ? "," : "") sprintf("[%.0f,%.0f,%.0f,%.0f]", $2 * 320, $3 * 240, $4 * 320, $5 * 240) }
	END { done() }' "$temp/posted" >"$temp/seen"
sed -i -E 's/.*"seq":([0-9]+),.*"boxes":(.*),"moving.*/\1 \2/' "$temp/printed"
agree zoe-motion 3
grep -q '\[\[' "$temp/seen" || fail "nothing moves"

if [ ! -x "$samples/zoe-faces-or-people" ] || [ ! -e "${ZOE_TEST_MEDIA:-}/pedestrians-768x576.avi" ]; then
	echo "SKIPPED: zoe-faces-or-people, which needs OpenCV and pedestrians-768x576.avi in ZOE_TEST_MEDIA"
	exit 77
fi

# Somebody is to be seen in each frame of the clip, upright; OpenCV's detector finds one to five of them.
ffmpeg -v error -nostdin -i "$ZOE_TEST_MEDIA/pedestrians-768x576.avi" -t 6 -c copy "$temp/people.avi"
run zoe-faces-or-people "$temp/people.avi"
awk '/^zoe-faces-or-peop/ { print $2 ": " $3 }' "$temp/posted" >"$temp/seen"
agree zoe-faces-or-people 1
awk '/^zoe/ { frames++; seen += $3 > 0 && $3 <= 8 }
	/^  / { boxes++; people += $1 == 0 && $2 >= -0.1 && $3 >= -0.1 && $2 + $4 <= 1.1 && $3 + $5 <= 1.1 &&
		$5 * 576 > $4 * 768 && $6 > 0.5 && $6 <= 1 && $7 == "person" }
	END { print frames " frames, in " seen " of them people; " boxes " boxes"
		exit people != boxes || seen < frames * 0.8 }' "$temp/posted" || fail "these are no people: $(head -20 "$temp/posted")"
echo "what is posted is what was seen"
