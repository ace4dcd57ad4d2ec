#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-display keeps its window through 20 restarts of capture, every other one killed,
# each at another size: the same process, and on an X server the same window.
. "$(dirname "$0")/../../program/common.sh"

restarts=20 mailbox=mutex
while [ $# -gt 0 ]; do
	case $1 in
	--restarts) restarts=$2 ;;
	--mailbox) mailbox=$2 ;;
	*) echo "Usage: window.sh [--restarts N] [--mailbox WHICH]" >&2; exit 2 ;;
	esac
	shift 2
done
cd "$temp" || exit 1

if command -v Xvfb >/dev/null && command -v xdotool >/dev/null; then
	start_display
else
	echo "no Xvfb or xdotool here: the window's identity is not looked at" >&2
	export SDL_VIDEODRIVER=dummy
	window() { echo none; }
fi

start() {
	width=$((160 + 16 * $1))
	zoe-capture --quiet --mailbox "$mailbox" -n "$pool" "test:${width}x120@60" &
	capture=$!
}

# The window has had a frame of the present capture.
arrives() { served 1 ".pid == $display"; }

start 0
zoe-display --quiet --verify --json "$pool" >shown &
display=$!
until_true window
until_true arrives
first=$(window)
for ((i = 1; i <= restarts; i++)); do
	kill -"$([ $((i % 2)) -eq 0 ] && echo TERM || echo KILL)" "$capture"
	wait "$capture" 2>/dev/null
	start "$i"
	until_true arrives
	[ "$(window)" = "$first" ] || fail "restart $i: window $(window) instead of $first"
done
sleep 0.3
kill -0 "$display" || fail "zoe-display is gone"
kill -TERM "$display"
wait "$display" || fail "zoe-display failed: $?"
kill -TERM "$capture"
wait "$capture" || fail "the last capture failed: $?"
printf 'restarts=%s window=%s %s\n' "$restarts" "$first" "$(cat shown)"
[ "$(member shown .epochs)" -eq $((restarts + 1)) ] || fail "it showed $(member shown .epochs) of $((restarts + 1)) captures"
[ "$(member shown .width)" -eq "$width" ] || fail "it ended with a picture $(member shown .width) wide, not $width"
[ "$(member shown .torn)" -eq 0 ] || fail "torn frames"
finish
