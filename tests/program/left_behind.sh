#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A name server that does not answer: the tries that wait for it are left behind, a few at most, and capture comes back
# with it, and ends when it is asked to. Usage: left_behind.sh SUPPORT LIBRARY
. "$(dirname "$0")/common.sh"
support=$(realpath "$1") library=$2
cd "$temp" || exit 1
export RESOLVER_SILENT=$temp/silent
# Memory that was leaked is told of where a sanitizer can be loaded after another library.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"

port=$((20000 + $$ % 9000))
ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=320x180:rate=30 -t 1 -c:v mjpeg -pix_fmt yuvj420p camera.mjpeg
start_camera() {
	: >ready
	"$support"/http_camera.py "$port" camera.mjpeg >ready &
	camera=$!
	until_true grep -q ready ready
}
end_camera() { kill -KILL "$camera"; wait "$camera" 2>/dev/null; }
start_capture() {
	LD_PRELOAD=$library zoe-capture --json "$@" -n "$pool" "http://localhost:$port/" >capture.json 2>capture.log &
	capture=$!
}
events() { jq -r "select(.event == \"$1\") | $2" capture.json; }
count() { [ "$(events "$1" .event | wc -l)" -ge "$2" ]; }
published() { zoe-top --list --json "$pool" | jq -es "map(.published > $1) | any"; }
threads() { find "/proc/$1/task" -maxdepth 1 -mindepth 1 | wc -l; }
# It ends in time, whatever hangs.
ends_in_time() {
	local since=$SECONDS
	kill "$capture"
	wait "$capture" || fail "$1: exit $? after SIGTERM: $(cat capture.log)"
	[ $((SECONDS - since)) -le 15 ] || fail "$1: $((SECONDS - since)) s after SIGTERM"
	jq -es 'map(.event == "end") | any' capture.json >/dev/null || fail "$1: no summary: $(cat capture.json)"
}

# The first try is under way
touch silent
start_capture
until_true eval '[ "$(threads "$capture")" -ge 3 ]'
ends_in_time "the first try"
[ "$(events end .left_behind)" -eq 1 ] || fail "counted: $(events end .)"

# It plays, is lost, and cannot be found any more; four tries are left behind, and the next wait for them
rm silent
start_camera
start_capture --connect-timeout 0.5 --read-timeout 1
until_true published 10
before=$(threads "$capture")
touch silent
end_camera
until_true count lost 4
until_true eval 'events lost .why | grep -q "does not end"'
until_true eval 'count lost 5 && events lost .why | grep -q "not ended 4 times"'
[ "$(threads "$capture")" -le "$((before + 4))" ] || fail "$before threads, later $(threads "$capture")"
start_camera
rm silent
until_true count back 1
until_true eval '[ "$(threads "$capture")" -eq "$before" ]'
ends_in_time "back"
[ "$(events end .left_behind)" -eq 4 ] || fail "counted: $(events end .)"
end_camera
finish
