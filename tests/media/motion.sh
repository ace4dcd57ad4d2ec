#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-motion prints a line of JSON a frame whose boxes are where a square moves on a still ground,
# in each kind of luma; what has no luma is one clear error.
# Usage: motion.sh ZOE_CAPTURE ZOE_MOTION
# shellcheck source=tests/media/common.sh
. "$(dirname "$0")/common.sh"

[ $# -eq 2 ] || { echo "usage: motion.sh ZOE_CAPTURE ZOE_MOTION" >&2; exit 2; }
capture=$1
motion=$2

# A square of 16 pixels at y 96 moves 4 pixels to the right in each of 30 frames, 12.5 a second. (Where
# more than half a second is missed, its old place and its new one are two boxes.)
make_clip() {
	ffmpeg -v error -nostdin -y -f lavfi -i "color=gray:s=330x250:r=25/2:d=2.4" \
		-f lavfi -i "color=white:s=16x16:r=25/2:d=2.4" \
		-filter_complex "[0][1]overlay=x=n*4:y=96:format=auto:shortest=1,format=yuv420p" -c:v rawvideo "$temp/clip.nut"
}

# In the foreground timeout sends no SIGCONT after SIGTERM: it would undo the stop by which LeakSanitizer
# looks at a process that is ending, and leave that process waiting for ever.
start_capture() {
	timeout --foreground 60 "$capture" --quiet -n "$pool" --wait-readers 1 "$@" &
	pids=($!)
}

number='-?[0-9]+(\.[0-9]+)?'
line="^\{\"pool\":\"$pool\",\"seq\":[0-9]+,\"pts\":$number,\"time\":$number,"
box='\[[0-9]+,[0-9]+,[0-9]+,[0-9]+\]'
line+="\"boxes\":\[($box(,$box)*)?\],\"moving\":[01]\.[0-9]{3}\}\$"

# At most one box a frame, of the square's rows, about as wide as its steps; they go to the right.
check_boxes() {
	local found
	[ "$(grep -c '^{' "$temp/lines")" -ge 10 ] || fail "$1: fewer than 10 of 30 frames were looked at"
	! grep -Ev "$line" "$temp/lines" || fail "$1: these lines have another form"
	! grep '\],\[' "$temp/lines" || fail "$1: one square, but two boxes"
	found=$(sed -n 's/.*"boxes":\[\[\(.*\)\]\].*/\1/p' "$temp/lines")
	awk -F, '$2 != 96 || $4 != 16 || $1 < x || $3 < 32 || $3 > 96 { bad = 1 } { x = $1 }
		END { exit bad || NR < 9 || x < 48 }' <<<"$found" || fail "$1: the boxes are not where the square is: $found"
}

make_clip
for format in yuv420p nv12 gray yuyv422 uyvy422 yuv422p10le gray12le p010le; do
	start_capture --pix-fmt "$format" "$temp/clip.nut"
	timeout 60 "$motion" "$pool" >"$temp/lines" || fail "$format: zoe-motion ended with $?"
	end_first
	check_boxes "$format"
done

# Nearly all of the test picture moves, but for its first frame; blocks may be odd, and --frames ends it.
start_capture test:320x240@50
timeout 60 "$motion" --frames 5 --block 7 --threshold 0 "$pool" >"$temp/lines" || fail "--frames: ended with $?"
end_first
[ "$(grep -cE "$line" "$temp/lines")" -eq 5 ] || fail "--frames 5: not 5 lines"
[ "$(grep -cE '"moving":(0\.[5-9]|1\.)' "$temp/lines")" -eq 4 ] ||
	fail "--threshold 0: too little moves: $(cat "$temp/lines")"

# A still picture has no boxes, whatever the threshold.
start_capture -f lavfi color=gray:s=64x64:r=50:d=0.3
timeout 60 "$motion" --threshold 0 "$pool" >"$temp/lines" || fail "still picture: ended with $?"
end_first
[ "$(grep -c '"boxes":\[\],"moving":0.000' "$temp/lines")" -eq "$(grep -c . "$temp/lines")" ] ||
	fail "a still picture moves: $(cat "$temp/lines")"

for format in rgb24 yuv420p10be; do
	start_capture --pix-fmt "$format" "$temp/clip.nut"
	status=0
	timeout 60 "$motion" "$pool" >"$temp/lines" 2>"$temp/stderr" || status=$?
	end_first
	[ "$status" -eq 1 ] || fail "$format: ended with $status, not 1"
	grep -q "^zoe-motion: error: pixel format ($format): no plane of luma" "$temp/stderr" ||
		fail "$format: says $(cat "$temp/stderr")"
done
echo "the boxes are where the square is"
