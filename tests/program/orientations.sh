#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The eight ways in which a picture may lie in its file: each is shown upright, pixel by pixel as ffmpeg turns it, whether
# the container's matrix says so or a photograph's Exif does.
. "$(dirname "$0")/common.sh"

for tool in compare ffmpeg; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done
export SDL_VIDEODRIVER=dummy
cd "$temp" || exit 1

# shot INPUT: what the window shows of it, in shot.png, and what ffmpeg makes of it, in want.png
shot() {
	rm -f shot.png
	zoe-display --quiet --lossless --exit-at-end --screenshot shot.png "$pool" &
	local display=$!
	zoe-capture --quiet -n "$pool" --fast --lossless --wait-readers 1 --frames 1 "$1" || fail "zoe-capture $1: $?"
	wait "$display" || fail "zoe-display $1: $?"
	ffmpeg -nostdin -v error -y -i "$1" -frames:v 1 -pix_fmt rgb24 want.png
}

# near INPUT LIMIT: the most that a pixel may be off, of 1
near() {
	local off
	off=$(compare -metric PAE shot.png want.png null: 2>&1 | sed 's/.*(\(.*\)).*/\1/')
	awk -v off="$off" -v limit="$2" 'BEGIN { exit !(off <= limit) }' || fail "$1 is $off off what ffmpeg makes of it"
}

# No pixel is like its neighbours.
source=testsrc2=size=96x64:rate=20,format=rgb24
ffmpeg -nostdin -v error -y -f lavfi -i "$source" -frames:v 1 -c:v png clip.mov
for matrix in "1 0 0 1" "0 1 -1 0" "-1 0 0 -1" "0 -1 1 0" "-1 0 0 1" "0 -1 -1 0" "1 0 0 -1" "0 1 1 0"; do
	# shellcheck disable=SC2086
	set_matrix clip.mov $matrix
	shot clip.mov
	near "the matrix $matrix" 0
done

# The same in its Exif, behind the first two bytes of a JPEG; soft edges, as chroma is not interpolated alike
ffmpeg -nostdin -v error -y -f lavfi -i "$source,gblur=sigma=4" -frames:v 1 -q:v 1 -pix_fmt yuvj420p plain.jpg
for orientation in 1 2 3 4 5 6 7 8; do
	{
		head -c 2 plain.jpg
		printf '\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00'
		# shellcheck disable=SC2059
		printf "\\x0$orientation\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
		tail -c +3 plain.jpg
	} >photo.jpg
	shot photo.jpg
	near "Exif orientation $orientation" 0.1
done
finish
