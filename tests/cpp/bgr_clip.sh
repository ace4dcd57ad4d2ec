#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A real clip in some pixel formats: zoetrope::bgr() is what OpenCV makes of it, to one level.
# Usage: bgr_clip.sh ZOE_CAPTURE BGR_CLIP; the clip is in $ZOE_TEST_MEDIA.
# shellcheck source=tests/media/common.sh
. "$(dirname "$0")/../media/common.sh"

[ $# -eq 2 ] || { echo "usage: bgr_clip.sh ZOE_CAPTURE BGR_CLIP" >&2; exit 2; }
clip=${ZOE_TEST_MEDIA:-}/pedestrians-768x576.avi
if [ ! -e "$clip" ]; then
	echo "SKIPPED: there is no $clip (ZOE_TEST_MEDIA is the folder of real clips)"
	exit 77
fi
ffmpeg -v error -nostdin -i "$clip" -t 2 -c copy "$temp/clip.avi"
for format in yuv420p nv12 yuyv422 rgb24 gray; do
	timeout 100 "$1" --quiet --fast --lossless --wait-readers 1 --pix-fmt "$format" -n "$pool" "$temp/clip.avi" &
	pids=($!)
	timeout 100 "$2" "$pool" >"$temp/said" || fail "$format: bgr_clip ended with $?"
	end_first
	echo "$format: $(cat "$temp/said")"
	grep -q '^20 frames' "$temp/said" || fail "$format: these are not the 20 frames of the clip"
done
