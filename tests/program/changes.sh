#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What changes in mid-stream: the size, the bits of a sample, the codec on another PID of a transport stream, and on the
# same one. As a file and live. Usage: changes.sh SUPPORT [TROUBLED_DECODER]
. "$(dirname "$0")/common.sh"
support=$(realpath "$1") troubled_decoder=${2:-}
ffmpeg -hide_banner -encoders 2>/dev/null | grep -q libx265 || skip "this ffmpeg has no libx265"
cd "$temp" || exit 1

# part NUMBER SECONDS SIZE FORMAT CODEC PID: a key frame every 10 of 25 a second.
begin=0
part() {
	local more=()
	[ "$5" != libx265 ] || more=(-x265-params log-level=none)
	ffmpeg -nostdin -v error -f lavfi -i "testsrc2=size=$3:rate=25" -t "$2" -pix_fmt "$4" -c:v "$5" -preset ultrafast \
		-threads 2 "${more[@]}" -g 10 -bf 0 -mpegts_start_pid "$6" -muxdelay 0 -output_ts_offset "$begin" -f mpegts \
		"$2-$1.ts" || fail "encoding part $1"
	begin=$((begin + $2))
}
part 1 1 1920x1080 yuv420p libx264 256
part 2 1 1280x720 yuv420p libx264 256
part 3 1 1280x720 yuv420p10le libx264 256
part 4 1 1280x720 yuv420p libx265 300
part 5 6 1920x1080 yuv420p libx264 300
part 6 10 1280x720 yuv420p libx265 300
events() { jq -r "select(.event == \"$1\") | $2" capture.json; }
shown() { events epoch '"\(.width)x\(.height) \(.format)"' | tr '\n' ','; }
followed="1920x1080 yuv420p,1280x720 yuv420p,1280x720 yuv420p10le,1280x720 yuv420p,"

# A file: all of it, but for what libavformat keeps back of a PID that ends, a picture or two
cat 1-1.ts 1-2.ts 1-3.ts 1-4.ts >file.ts
zoe-capture --json --fast -n "$pool" file.ts >capture.json 2>capture.log || fail "a file: $(cat capture.log)"
[ "$(shown)" = "$followed" ] || fail "a file: $(shown)"
[ "$(events end .published)" -ge 98 ] || fail "a file: $(events end .)"
[ "$(events end .decode_errors)" -eq 0 ] || fail "a file: $(events end .)"

# Back again, and what --seek jumps over
cat 1-1.ts 1-4.ts 1-1.ts >file.ts
zoe-capture --json --fast -n "$pool" file.ts >capture.json 2>capture.log || fail "back: $(cat capture.log)"
[ "$(shown)" = "1920x1080 yuv420p,1280x720 yuv420p,1920x1080 yuv420p," ] || fail "back: $(shown)"
cat 1-1.ts 1-2.ts 1-3.ts 1-4.ts >file.ts
zoe-capture --json --fast --seek 3.2 -n "$pool" file.ts >capture.json 2>capture.log || fail "--seek: $(cat capture.log)"
[ "$(shown)" = "1280x720 yuv420p," ] || fail "--seek: $(shown)"

# Live: the codec of a PID takes another connection, at once, and what follows the next key frame is there. These parts
# are long, since on a busy machine so is that
port=$((20000 + $$ % 9000))
"$support"/ts_camera.py "$port" 1-1.ts 1-2.ts 1-3.ts 1-4.ts 6-5.ts 10-6.ts >ready &
until_true grep -q ready ready
zoe-capture --json -n "$pool" "tcp://127.0.0.1:$port" >capture.json 2>capture.log &
capture=$!
until_true eval '[ "$(shown)" = "${followed}1920x1080 yuv420p,1280x720 yuv420p," ]' || fail "live: $(shown) $(cat capture.log)"
until_true eval 'zoe-top --list --json "$pool" | jq -es "map(.published > 20) | any"'
kill "$capture"
wait "$capture" || fail "live: exit $?: $(cat capture.log)"
[ "$(events lost .why)" = "" ] || fail "live: it was lost: $(events lost .why)"
[ "$(events end .epochs)" -eq 6 ] || fail "live: $(events end .)"

# A decoder that cannot be opened in mid-stream ends no camera: another connection has it
if [ -n "$troubled_decoder" ]; then
	LD_PRELOAD=$troubled_decoder ZOE_TEST_REFUSED=hevc zoe-capture --fast -n "$pool" file.ts >capture.out 2>capture.log
	status=$?
	[ $status -eq 1 ] && grep -q 'error: decoder (hevc)' capture.log || fail "refused: $status: $(cat capture.log)"
	"$support"/ts_camera.py $((port + 1)) 1-1.ts 10-6.ts >ready &
	until_true grep -q ready ready
	LD_PRELOAD=$troubled_decoder ZOE_TEST_REFUSED=hevc zoe-capture --json -n "$pool" "tcp://127.0.0.1:$((port + 1))" \
		>capture.json 2>capture.log &
	capture=$!
	until_true eval '[ "$(events lost .why | grep -c hevc)" -eq 1 ] && [ "$(events back .tries)" = 1 ]' ||
		fail "refused: $(cat capture.json capture.log)"
	until_true eval '[ "$(shown)" = "1920x1080 yuv420p,1280x720 yuv420p," ]' || fail "refused: $(shown)"
	kill "$capture"
	wait "$capture" || fail "refused: exit $?: $(cat capture.log)"
fi
finish
