#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Cameras that go away and come back: a server that is killed, one that falls silent at any step of RTSP, one that
# comes back with another picture, one that ends. Usage: reconnect.sh SUPPORT [KILLS]
# With KILLS it says how long each step took, and what capture had of memory, descriptors and threads.
. "$(dirname "$0")/common.sh"
support=$(realpath "$1") kills=${2:-3} is_long=${2:+yes}
root=$(cd "$(dirname "$0")/../.." && pwd)
/usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null ||
	skip "no GStreamer RTSP server (Debian: python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-ugly)"
cd "$temp" || exit 1
export SDL_VIDEODRIVER=dummy

# Ports of this run's own, below those that the system gives away.
port=$((20000 + $$ % 9000)) relayed=$((29001 + $$ % 2000))
url=rtsp://127.0.0.1:$port/cam
through_relay=rtsp://127.0.0.1:$relayed/cam

# Without a line of shell that says who was killed.
end_now() { kill -KILL "$1" 2>/dev/null; wait "$1" 2>/dev/null; }
start_camera() {
	: >ready
	"$support"/rtsp_camera.py "$port" "$@" >ready 2>camera.log &
	camera=$!
	until_true grep -q ready ready || cat camera.log >&2
}
start_relay() {
	: >relay-ready
	"$support"/relay.py "$relayed" "$port" "$@" >relay-ready &
	relay=$!
	until_true grep -q ready relay-ready
}
events() { jq -r "select(.event == \"$1\") | $2" capture.json; }
count() { [ "$(events "$1" .event | wc -l)" -ge "$2" ]; }
# jq is content when there is nothing to read at all: hence the array.
published() { zoe-top --list --json "$pool" | jq -es "map(.published > $1) | any"; }
width_is() { zoe-top --list --json "$pool" | jq -es "map(.width == $1) | any"; }
state_is() { [ "$(zoe-top --list --json "$pool" | jq -r .state)" = "$1" ]; }
descriptors() { find "/proc/$1/fd" | wc -l; }
threads() { find "/proc/$1/task" -maxdepth 1 | wc -l; }
resident_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }
source_is() { zoe-top --list --json "$pool" | jq -es "map(.source | $1) | any"; }

# A camera that is killed, and away at first: the same readers see it come, and nothing is used up
zoe-capture --json -n "$pool" "$url" >capture.json 2>capture.log &
capture=$!
zoe-display --quiet --json "$pool" >shown &
display=$!
zoe-motion --quiet "$pool" >motion &
motion=$!
n_readers=2 python=
export PYTHONPATH=$root/common/python ZOETROPE_LIBRARY
ZOETROPE_LIBRARY=$(dirname "$(command -v zoe-capture)")/../common/libzoetrope.so
# It loads no library that is instrumented.
if python3 -c 'import zoetrope' 2>/dev/null; then
	python3 -m zoetrope "$pool" >python.out 2>python.err &
	python=$! n_readers=3
fi
until_true state_is "source lost"
until_true source_is '.why != null and .tries > 0'
refuses 1 "being written by pid $capture" zoe-capture -n "$pool" "$url"
start_camera
until_true served $n_readers
late=$(events back .event | wc -l)
before="$(descriptors $capture) $(threads $capture)" memory=$(resident_kb $capture)
slowest_lost=0 slowest_back=0
for ((i = 1; i <= kills; i++)); do
	sleep "0.$((RANDOM % 9 + 1))"
	n_lost=$(events lost .event | wc -l)
	at=$(now_ms)
	end_now "$camera"
	until_true count lost $((n_lost + 1))
	lost_ms=$(($(now_ms) - at))
	until_true state_is "source lost"
	until_true source_is '.why != null and .tries > 0'
	start_camera
	at=$(now_ms)
	until_true count back $((late + i))
	back_ms=$(($(now_ms) - at))
	[ $lost_ms -le $slowest_lost ] || slowest_lost=$lost_ms
	[ $back_ms -le $slowest_back ] || slowest_back=$back_ms
	until_true state_is live
	until_true source_is ".why == null and .reconnects == $i"
	now=$(zoe-top --list --json "$pool" | jq .published)
	until_true published "$((now + 10))"
	# What is loaded with the first time is not what grows.
	[ "$i" -ne 1 ] || memory=$(resident_kb $capture)
done
until_true served $n_readers
# RTCP says when a picture was taken, by a clock that is ours here.
has_camera_clock() {
	python3 -c 'import sys, time, zoetrope
frame = zoetrope.reader(sys.argv[1], timeout=10).acquire(10)
sys.exit(not (frame.flags & zoetrope.Flags.CAMERA_CLOCK and 0 <= time.time_ns() - frame.wall_ns < 10e9))' "$pool"
}
[ -z "$python" ] || until_true has_camera_clock
[ "$(descriptors $capture) $(threads $capture)" = "$before" ] ||
	fail "descriptors and threads: $before, later $(descriptors $capture) $(threads $capture)"
grown=$(($(resident_kb $capture) - memory))
# What AddressSanitizer keeps of what was freed is no leak.
[ $grown -lt 16384 ] || grep -q __asan_init "$(command -v zoe-capture)" || fail "$kills kills cost $grown KiB of memory"
[ -z "$is_long" ] || echo "kills=$kills lost_max_ms=$slowest_lost back_max_ms=$slowest_back descriptors_threads='$before'" \
	"resident_kib=$memory grown_kib=$grown"
[ "$(events epoch .epoch | wc -l)" -eq 1 ] || fail "the same picture came back in another epoch"

# One that comes back with another picture: a new epoch for the same readers
end_now "$camera"
start_camera 640 360
until_true count epoch 2
until_true width_is 640
until_true served $n_readers
kill "$capture"
wait "$capture" || fail "exit $? after SIGTERM: $(cat capture.log)"
[ "$(events end .reconnects)" -eq "$((kills + 1))" ] || fail "counted: $(events end .)"
# Its stop is no end for them.
sleep 0.3
for reader in "$display" "$motion" $python; do
	kill "$reader" || fail "a reader did not live through it"
	wait "$reader" || fail "a reader: $?"
done
[ "$(member shown .epochs)" -eq 2 ] || fail "the viewer saw: $(cat shown)"

# A server that falls silent, in each step: capture comes back, and ends when it is asked to
for step in - DESCRIBE SETUP PLAY; do
	start_relay "$step"
	zoe-capture --json --connect-timeout 1 --read-timeout 1 -n "$pool" "$through_relay" >capture.json 2>capture.log &
	capture=$!
	until_true count lost 1
	kill "$capture"
	wait "$capture" || fail "$step: exit $? after SIGTERM: $(cat capture.log)"
	zoe-capture --json --connect-timeout 1 -n "$pool" "$through_relay" >capture.json 2>capture.log &
	capture=$!
	until_true count lost 1
	kill -USR2 "$relay"
	until_true count back 1
	until_true published 10
	kill "$capture"
	wait "$capture" || fail "$step, later: exit $? after SIGTERM: $(cat capture.log)"
	end_now "$relay"
done

# And while it plays
start_relay
zoe-capture --json --read-timeout 8 -n "$pool" "$through_relay" >capture.json 2>capture.log &
capture=$!
until_true published 10
kill -USR1 "$relay"
until_true state_is "source lost"
until_true count lost 1
[ "$(events lost '[.why, .tries, .pause_s] | @json' | head -n 1)" = '["no packets come",0,null]' ] ||
	fail "it was given up at once: $(cat capture.json)"
until_true source_is '.why == "no packets come" and .tries == 0'
until_true count lost 2
[ "$(events lost '[.why, .tries] | @json' | head -n 2 | tail -n 1)" = '["nothing for 8 s",1]' ] && ! count back 1 ||
	fail "what a parser had left is no picture: $(cat capture.json)"
kill -USR2 "$relay"
until_true count back 1
[ "$(events back '.tries > 0 and .lost_s > 8')" = true ] || fail "lost for how long: $(events back .)"
kill -USR1 "$relay"
until_true state_is "source lost"
kill "$capture"
wait "$capture" || fail "silent: exit $? after SIGTERM: $(cat capture.log)"
end_now "$relay"

# A short silence is told, too, and is no reconnect
start_relay
zoe-capture --json --read-timeout 0 -n "$pool" "$through_relay" >capture.json 2>capture.log &
capture=$!
until_true published 10
kill -STOP "$relay"
until_true count lost 1
kill -CONT "$relay"
until_true count back 1
[ "$(events back '.tries == 0 and .lost_s >= 2')" = true ] || fail "back after how long: $(events back .)"
grep -q 'is back after [0-9.]* s$' capture.log || fail "not said: $(cat capture.log)"
until_true state_is live
kill "$capture"
wait "$capture" || fail "a short silence: exit $? after SIGTERM: $(cat capture.log)"
[ "$(events end .reconnects)" -eq 0 ] || fail "a short silence: $(events end .)"
end_now "$relay"

# One that never was there is there, not back
end_now "$camera"
zoe-capture --json -n "$pool" "$url" >capture.json 2>capture.log &
capture=$!
until_true count lost 1
start_camera
until_true count back 1
grep -q 'tried again until it is there' capture.log && grep -q ' is there after ' capture.log ||
	fail "a camera that comes late: $(cat capture.log)"
kill "$capture"
wait "$capture" || fail "a camera that comes late: exit $? after SIGTERM: $(cat capture.log)"

# What listens waits for as long as it is told to
zoe-capture --json --reconnect never --read-timeout 2 -n "$pool" "udp://127.0.0.1:$relayed" >capture.json 2>capture.log &
capture=$!
until_true grep -qi ":$(printf %04X "$relayed") " /proc/net/udp
ffmpeg -nostdin -v error -re -f lavfi -i testsrc2=size=320x180:rate=25 -t 3 -c:v mpeg2video -g 5 -f mpegts "udp://127.0.0.1:$relayed" ||
	fail "ffmpeg sent nothing"
wait "$capture" && fail "a sender that has gone was success"
grep -q 'broke off: Connection timed out' capture.log && count epoch 1 || fail "a sender that has gone: $(cat capture.log)"

# And when it is said farewell to, which it is told of all the same
start_relay TEARDOWN
zoe-capture --json -n "$pool" "$through_relay" >capture.json 2>capture.log &
capture=$!
until_true published 10
kill "$capture"
wait "$capture" || fail "TEARDOWN: exit $? after SIGTERM: $(cat capture.log)"
[ "$(events end .left_behind)" -eq 0 ] || fail "TEARDOWN: counted: $(events end .)"
until_true grep -q silent relay-ready
end_now "$relay"

# One over HTTP is known for a camera by its pace alone, which it does not have while it is away
ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=320x180:rate=30 -t 1 -c:v mjpeg -pix_fmt yuvj420p camera.mjpeg
start_web_camera() {
	: >ready
	"$support"/http_camera.py "$relayed" camera.mjpeg >ready &
	web_camera=$!
	until_true grep -q ready ready
}
start_web_camera
zoe-capture --json --read-timeout 2 -n "$pool" "http://user:secret@127.0.0.1:$relayed/" >capture.json 2>capture.log &
capture=$!
until_true published 10
end_now "$web_camera"
until_true count lost 2
events lost .why | grep -q "the sender has gone" || fail "why it was lost: $(events lost .why)"
start_web_camera
until_true count back 1
kill -STOP "$web_camera"
until_true eval 'events lost .why | grep -q "nothing for 2 s"'
kill -CONT "$web_camera"
until_true count back 2
kill "$capture"
wait "$capture" || fail "over HTTP: exit $? after SIGTERM: $(cat capture.log)"
[ "$(events start .input)" = "http://user:***@127.0.0.1:$relayed/" ] || fail "told of: $(events start .input)"
! grep secret capture.json capture.log || fail "a password was told"
end_now "$web_camera"

# Without a reconnect it is a failure, however it ended; a mistake is one at once
zoe-capture --quiet --reconnect never -n "$pool" "$url" 2>capture.log &
capture=$!
until_true published 5
end_now "$camera"
wait "$capture" && fail "a lost camera was success"
grep -q "^zoe-capture: error: input ($url): " capture.log || fail "$(cat capture.log)"
refuses 1 'Connection refused' zoe-capture --reconnect never -n "$pool" "$url"
start_camera
refuses 1 'Not Found|404' zoe-capture -n "$pool" "rtsp://127.0.0.1:$port/other"
refuses 2 'auto, always or never' zoe-capture --reconnect sometimes -n "$pool" "$url"
end_now "$camera"

# What is no camera comes back when it is told to: a pipe whose writer changes
mkfifo fifo
feed() { ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 20 -c:v mpeg4 -f mpegts fifo; }
zoe-capture --json --fast --reconnect always -n "$pool" fifo >capture.json 2>capture.log &
capture=$!
feed
feed
until_true published 37
kill "$capture"
wait "$capture" || fail "a pipe: exit $? after SIGTERM: $(cat capture.log)"
finish
