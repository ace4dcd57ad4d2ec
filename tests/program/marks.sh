#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A box that a worker posts lies around what is in the picture there: letterboxed, with wide
# pixels, mirrored, turned. The picture shows it: a white rectangle where the box is to be.
. "$(dirname "$0")/common.sh"

for tool in convert ffmpeg; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done
export SDL_VIDEODRIVER=dummy
cd "$temp" || exit 1

# The worker's box: from an eighth to five, from the half to three quarters
picture=color=c=gray:size=640x360:rate=20,drawbox=x=80:y=180:w=320:h=90:color=white:t=fill,format=yuv420p

# shot FILE OPTION...: what the window shows
shot() {
	local file=$1
	shift
	rm -f "$file"
	zoe-display --quiet --frames 8 --screenshot "$file" "$@" "$pool" || fail "zoe-display $*: $?"
}

pixel() { convert "$1" -format "%[pixel:p{$2,$3}]" info:; }

# begin INPUT...: capture it, with a worker that has posted
begin() {
	zoe-capture --quiet -n "$pool" "$@" &
	capture=$!
	poster "$pool" &
	worker=$!
	until_true served 1 '.posted > 3'
}

end() {
	kill "$worker" "$capture"
	wait "$worker" || fail "the worker failed: $?"
	wait "$capture" || fail "capture failed: $?"
}

# around WHAT: the box in marked.png is around the rectangle in plain.png, and in one colour
around() {
	local width height x y right bottom colour
	read -r width height x y <<<"$(convert plain.png -threshold 75% -trim -format '%w %h %X %Y' info: | tr -d +)"
	right=$((x + width - 1)) bottom=$((y + height - 1))
	colour=$(pixel marked.png "$x" "$y")
	[ "$colour" != "$(pixel plain.png "$x" "$y")" ] && [ "$colour" != "$(pixel marked.png $((x - 1)) "$y")" ] ||
		fail "$1: no box at $x,$y: $colour"
	for at in "$right $y" "$x $bottom" "$right $bottom" "$((x + width / 2)) $bottom" "$((x + 1)) $((y + height / 2))"; do
		# shellcheck disable=SC2086
		[ "$(pixel marked.png $at)" = "$colour" ] || fail "$1: at $at $(pixel marked.png $at) and not $colour ($width $height $x $y)"
	done
	for at in "$((x - 1)) $((y + 9))" "$((right + 1)) $((y + 9))" "$((x + 9)) $((bottom + 1))"; do
		# shellcheck disable=SC2086
		pixel marked.png $at | grep -Eq 'black|\(0,0,0\)|gray\(0\)' || fail "$1: no seam at $at but $(pixel marked.png $at)"
	done
	for at in "$((x + width / 2)) $((y + height / 2))" "$((x - 9)) $((y - 9))" "2 2"; do
		# shellcheck disable=SC2086
		[ "$(pixel marked.png $at)" = "$(pixel plain.png $at)" ] || fail "$1: at $at the picture is painted over"
	done
}

begin -f lavfi "$picture"
shot plain.png --no-overlay
shot marked.png
around "as it is"
shot plain.png --no-overlay --size 640x640
shot marked.png --overlay --size 640x640
around "letterboxed"
# What is gone is seen no longer
kill "$worker"
wait "$worker" || fail "the worker failed: $?"
shot plain.png --no-overlay
zoe-display --quiet --frames 60 --screenshot marked.png "$pool" || fail "zoe-display: $?"
[ "$(convert plain.png marked.png -metric AE -compare -format '%[distortion]' info:)" = 0 ] || fail "an old box has not faded away"
kill "$capture"
wait "$capture" || fail "capture failed: $?"

ffmpeg -nostdin -v error -y -f lavfi -i "$picture" -vf setsar=2 -frames:v 5 -c:v libx264 -qp 0 clip.mp4
begin --loop clip.mp4
shot plain.png --no-overlay
shot marked.png
around "with wide pixels"
end

ffmpeg -nostdin -v error -y -f lavfi -i "$picture" -frames:v 5 -c:v libx264 -qp 0 clip.mp4
# Turned by 90 and 180 degrees, mirrored, both
for matrix in "0 1 -1 0" "-1 0 0 -1" "-1 0 0 1" "0 -1 -1 0"; do
	# shellcheck disable=SC2086
	set_matrix clip.mp4 $matrix
	begin --loop clip.mp4
	shot plain.png --no-overlay
	shot marked.png
	around "by $matrix"
	end
done
finish
