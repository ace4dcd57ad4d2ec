#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A real window on a virtual X server, looked at through the server's eyes: the right
# colours, the keys, a new size in the same window, the end.
. "$(dirname "$0")/common.sh"

for tool in Xvfb xdotool import compare convert; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done
cd "$temp" || exit 1
start_display
# The desktop's libraries (mesa, dbus) leak; headless.sh, without them, looks for leaks of ours.
export ASAN_OPTIONS=detect_leaks=0

bars=smptebars=size=640x360:rate=20,format=yuv420p
ffmpeg -nostdin -v error -f lavfi -i "$bars" -frames:v 1 want.png
ffmpeg -nostdin -v error -f lavfi -i rgbtestsrc=size=640x360,format=yuv420p -frames:v 1 other.png

# How far apart two pictures are: 0 the same, 1 black and white.
apart() {
	compare -metric RMSE "$1" "$2" null: 2>&1 | sed 's/.*(\(.*\)).*/\1/'
}

alike() { awk -v a="$(apart "$1" "$2")" 'BEGIN { exit !(a < 0.02) }'; }
unlike() { awk -v a="$(apart "$1" "$2")" 'BEGIN { exit !(a > 0.02) }'; }
# Without a window, import would wait for a click.
look() { local id; id=$(window) && timeout 60 import -window "$id" now.png; }
shows() { look && alike now.png "$1"; }
differs() { look && unlike now.png "$1"; }
size_is() { [ "$(xdotool getwindowgeometry --shell "$(window)" | grep -E 'WIDTH|HEIGHT' | paste -sd ' ')" = "$1" ]; }

unlike want.png other.png || fail "the comparison cannot tell two pictures apart"

zoe-display --quiet --json "$pool" >shown &
display=$!
until_true window
zoe-capture --quiet -n "$pool" -f lavfi "$bars" &
capture=$!
until_true shows want.png
until_true size_is "WIDTH=640 HEIGHT=360"

# Keys: statistics on and off, a PNG of the frame, full screen and back
xdotool key --window "$(window)" i
until_true differs want.png
# Of the colour that the graph gives the last stage there is more than its square in the table
graph() { look && [ "$(convert now.png -fill black +opaque 'rgb(230,130,0)' -fill white -opaque 'rgb(230,130,0)' \
	-format '%[fx:int(w*h*mean+0.5)]' info:)" -gt 200 ]; }
until_true graph
xdotool key --window "$(window)" i
until_true shows want.png
xdotool key --window "$(window)" s
# The file is there before all of it is.
saved() { alike zoe-"$pool"-*.png "$1"; }
until_true saved want.png || fail "the saved frame is another"

# What a worker sees, on and off; not in the PNG
rm zoe-*.png
poster "$pool" &
worker=$!
until_true differs want.png
xdotool key --window "$(window)" s
until_true saved want.png || fail "the saved frame is painted over"
xdotool key --window "$(window)" o
until_true shows want.png
kill "$worker"
wait "$worker" || fail "the worker failed: $?"

# A new capture at another size, in the same window
before=$(window)
kill "$capture"
wait "$capture" || fail "capture failed: $?"
until_true differs want.png
zoe-capture --quiet -n "$pool" -f lavfi "rgbtestsrc=size=320x180:rate=20,format=yuv420p" &
capture=$!
until_true shows other.png
[ "$(window)" = "$before" ] || fail "another window"

# Pause holds no slot; q ends
xdotool key --window "$before" p
sleep 0.3
xdotool key --window "$before" q 2>/dev/null
# With its window gone xdotool may have ended before it let the key go, which would end the next one, too
xdotool keyup q
wait "$display" || fail "q did not end it cleanly: $?"
[ "$(member shown .shown)" -gt 5 ] && [ "$(member shown .epochs)" -eq 2 ] || fail "$(cat shown)"
kill "$capture"
wait "$capture" || fail "capture failed: $?"

# A picture that is more than a texture of the graphics card is shown all the same (Mesa's end at 16384)
ffmpeg -nostdin -v error -y -f lavfi -i color=red:size=16400x800:rate=5 -frames:v 1 -c:v mjpeg -pix_fmt yuvj420p wide.avi
for renderer in opengl software; do
	rm -f wide.png
	SDL_RENDER_DRIVER=$renderer zoe-display --quiet --lossless --exit-at-end --size 410x20 --screenshot wide.png "$pool" &
	display=$!
	zoe-capture --quiet -n "$pool" --fast --lossless --wait-readers 1 wide.avi || fail "capture failed: $?"
	wait "$display" || fail "$renderer, a wide picture: $?"
	convert -size 410x20 xc:red red.png
	alike wide.png red.png || fail "$renderer: a wide picture has other colours"
done
finish
