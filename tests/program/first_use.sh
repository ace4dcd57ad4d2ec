#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What people type at first is answered with what to type: options of ffmpeg and ffplay, a file instead of a pool, a pool
# that is not there yet, a worker that nobody is.
. "$(dirname "$0")/common.sh"
export SDL_VIDEODRIVER=dummy

# Options of ffmpeg's program and of ffplay
while read -r pattern words; do
	# shellcheck disable=SC2086
	refuses 2 "$pattern" zoe-capture -n "$pool" $words
done <<'END'
--fast -re x.mp4
--seek -ss 5 x.mp4
--loop -stream_loop -1 x.mp4
--size -vf scale=320:240 x.mp4
--pix-fmt -filter:v format=gray x.mp4
--frames x.mp4 -t 5
--frames -frames:v 5 x.mp4
-framerate -r 30 x.mp4
--size -s 640x480 x.mp4
--pix-fmt -pix_fmt gray x.mp4
--stream -map 0:1 x.mp4
leave.it.out -y x.mp4
leave.it.out -an x.mp4
leave.it.out -c:v h264 x.mp4
--read-timeout -stimeout 5000000 rtsp://camera/1
END
refuses 2 "--name \(-v\)" zoe-capture -n -v rtsp://camera/1
refuses 2 "--fullscreen" zoe-display -fs "$pool"
refuses 2 "--follow never" zoe-display -autoexit "$pool"

# A file, URL or device instead of a pool
for program in zoe-display zoe-events zoe-top; do
	refuses 2 "zoe-capture clip.mp4" "$program" clip.mp4
	refuses 2 "zoe-capture rtsp://camera/1" "$program" rtsp://camera/1
done
for program in zoe-motion zoe-brightness zoe-framemd5 zoe-faces-or-people; do
	command -v "$program" >/dev/null && refuses 1 "zoe-capture /dev/video0" "$program" /dev/video0
done

# What is waited for is said once, and that it came; so is what comes after it.
# says NAME PATTERN [TIMES]
says() { [ "$(grep -c "$2" "$temp/$1.err")" -eq "${3:-1}" ]; }
start() {
	local name=$1
	shift
	# Whoever looks at what it says may do so before it runs
	: >"$temp/$name.err"
	"$@" >"$temp/$name.out" 2>"$temp/$name.err" &
}
start events zoe-events --worker nobody "$pool"
events=$!
start display zoe-display --match nobody "$pool"
display=$!
workers=()
programs="zoe-motion zoe-brightness zoe-framemd5 zoe-faces-or-people"
for program in $programs; do
	command -v "$program" >/dev/null || continue
	start "$program" "$program" "$pool"
	workers+=($!)
done
for program in events display $programs; do
	[ ! -e "$temp/$program.err" ] || until_true says "$program" "waiting for pool '$pool': zoe-capture .*--name $pool"
done
zoe-capture --quiet --lossless -n "$pool" test:128x128@30 &
capture=$!
for program in events display $programs; do
	[ ! -e "$temp/$program.err" ] || until_true says "$program" "pool '$pool' is there"
done
for name in events display; do
	until_true says "$name" "waiting for nobody: .*pool '$pool'"
done
poster --label nobody "$pool" &
for name in events display; do
	until_true says "$name" "nobody posts in pool '$pool'"
done

# Somebody else, and not whom was asked for
start others zoe-events --worker X2 --worker X --worker X2 "$pool"
others=$!
until_true says others "waiting for X2, X: .*nobody"
kill "$others"

start dying zoe-display --exit-at-end "$pool"
dying=$!
until_true served 2 '.label == "zoe-display"'
kill -KILL "$capture"
wait "$capture" 2>/dev/null
wait "$dying"
[ $? -eq 1 ] && says dying "^zoe-display: error: .*$pool.* died" || fail "--exit-at-end after a death: $(cat "$temp/dying.err")"
for name in events display; do
	until_true says "$name" "died.*; waiting for the next one"
done
zoe-capture --quiet -n "$pool" test:128x128@30 &
capture=$!
for name in events display; do
	until_true says "$name" "pool '$pool' is there" 2
done
kill "$capture"
wait "$capture" || fail "capture: $?"
for name in events display; do
	until_true says "$name" "was stopped; waiting for the next one"
done
for name in events display; do
	says "$name" "died.*; waiting for the next one" || fail "$name said it again: $(cat "$temp/$name.err")"
done
# The proof of a run ended with that run
kill "${workers[@]}" 2>/dev/null
wait "${workers[@]}" 2>/dev/null
# A pool whose writer stands still is waited for as well
zoe-capture --quiet --lossless -n "$pool" test:128x128@30 &
capture=$!
until_true served 1
kill -STOP "$capture"
for program in $programs; do
	[ ! -e "$temp/$program.err" ] || start "$program" "$program" "$pool"
done
for program in $programs; do
	[ ! -e "$temp/$program.err" ] || until_true says "$program" "does not answer: is it stopped?; waiting for it"
done
kill -CONT "$capture"
for program in $programs; do
	[ ! -e "$temp/$program.err" ] || until_true says "$program" "pool '$pool' is there"
done
kill "$capture"
wait "$capture" || fail "capture: $?"
kill "$events" "$display"
wait "$events" || fail "zoe-events: $?"
wait "$display" || fail "zoe-display: $?"
finish
