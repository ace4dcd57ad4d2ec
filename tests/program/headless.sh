#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-display without a display: pictures of many formats come out in the right colours,
# shapes and directions, through SDL's dummy driver.
. "$(dirname "$0")/common.sh"

for tool in compare ffmpeg; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done
export SDL_VIDEODRIVER=dummy
cd "$temp" || exit 1

# shot WANTED-CONVERTED INPUT...: what the window shows of it, in shot.png, and its JSON in shot.json
shot() {
	local converted=$1
	shift
	rm -f shot.png
	zoe-display --quiet --json --frames 3 --screenshot shot.png "$pool" >shot.json &
	local display=$!
	zoe-capture --quiet -n "$pool" "$@" &
	local capture=$!
	wait "$display" || fail "zoe-display failed for $*: $?"
	kill "$capture" 2>/dev/null
	wait "$capture" || fail "zoe-capture failed for $*: $?"
	[ "$(member shot.json '.converted > 0')" = "$converted" ] || fail "converted: $(cat shot.json) ($*)"
}

# near WHAT: fails unless the shot is the wanted picture, but for rounding and chroma.
near() {
	local apart
	apart=$(compare -metric RMSE shot.png want.png null: 2>&1 | sed 's/.*(\(.*\)).*/\1/')
	awk -v a="$apart" 'BEGIN { exit !(a < 0.02) }' || fail "$1 is $apart away from what ffmpeg makes of it"
}

# Soft edges: SDL takes the nearest chroma sample, ffmpeg interpolates.
source=smptebars=size=320x240:rate=20,gblur=sigma=6
# What ffmpeg makes of the same input, in want.png
want() { ffmpeg -nostdin -v error -y "$@" -frames:v 1 -pix_fmt rgb24 want.png; }

# Natively, and through swscale
for format in yuv420p nv12 nv21 yuyv422 uyvy422 rgb24 bgr24 bgra rgba argb abgr rgb565le; do
	shot false -f lavfi "$source,format=$format"
	want -f lavfi -i "$source,format=$format"
	near "$format"
done
for format in yuv444p yuv422p yuv420p10le gbrp gray16le; do
	shot true -f lavfi "$source,format=$format"
	want -f lavfi -i "$source,format=$format"
	near "$format"
done

# The right matrix and range, stated by the file
for colour in "bt709 tv" "bt709 pc" "smpte170m pc" "bt2020nc tv"; do
	read -r matrix range <<<"$colour"
	ffmpeg -nostdin -v error -y -f lavfi -i "$source" -vf "scale=out_color_matrix=${matrix/nc/}:out_range=$range,format=yuv420p" \
		-frames:v 5 -c:v libx264 -qp 0 -colorspace "$matrix" -color_range "$range" clip.mp4
	shot "$([ "$colour" = "bt709 pc" ] || [ "$matrix" = bt2020nc ] && echo true || echo false)" --loop clip.mp4
	want -i clip.mp4
	near "$colour"
done

# What each stage took, in order, none more than all together
stages_are_plausible() {
	member shot.json '.stages_us | .read_to_presented as $all | (keys | length) == 5 and all(.[];
		.p50 >= 0 and .p99 >= .p50 and .p50 <= $all.p50 and .p99 <= $all.p99) and .read_to_decoded.p99 > 0'
}
shot true --loop clip.mp4
[ "$(stages_are_plausible)" = true ] || fail "stages: $(cat shot.json)"

# Wide pixels are shown wide
ffmpeg -nostdin -v error -y -f lavfi -i "$source" -vf setsar=2 -pix_fmt yuv420p -frames:v 5 -c:v libx264 -qp 0 clip.mp4
shot false --loop clip.mp4
[ "$(identify -format %wx%h shot.png)" = 640x240 ] || fail "sample aspect 2:1 of 320x240 is $(identify -format %wx%h shot.png)"
finish
