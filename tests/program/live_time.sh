#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A sender whose clock is set while it plays, ahead, back, to 0, round its 33 bits: frames come with times that rise.
. "$(dirname "$0")/common.sh"
cd "$temp" || exit 1
port=$((20000 + $$ % 9000))

# 40 pictures each, at times of their own: hours apart, and one that wraps by itself
n=0
for offset in 20000 10200 47800 0 95440 36000; do
	ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 40 -c:v mpeg2video -g 5 -bf 0 \
		-output_ts_offset "$offset" -f mpegts "$((n++)).ts" || fail "ffmpeg made no $offset"
done

zoe-framemd5 "$pool" >md5 2>framemd5.log &
framemd5=$!
zoe-capture --json --lossless --wait-readers 1 --reconnect never -n "$pool" "tcp://127.0.0.1:$port?listen=1" \
	>capture.json 2>capture.log &
capture=$!
send() { cat ./[0-9].ts >"/dev/tcp/127.0.0.1/$port"; }
until_true eval 'send 2>/dev/null'
wait "$capture" && fail "a live source that ended was success"
grep -q "it ended" capture.log || fail "$(cat capture.log)"
wait "$framemd5"
[ $? -eq 1 ] && grep -q ' failed' framemd5.log || fail "zoe-framemd5: $(cat framemd5.log)"
grep -q '"event":"source"' capture.json || fail "not told: $(cat capture.json)"

# FFmpeg may lose the picture before a jump, whose end it does not see
frames=$(grep -vc '^#' md5)
[ "$frames" -ge 230 ] || fail "$frames of 240 frames: $(cat capture.log)"
awk -F, '!/^#/ { if (n++ && ($3 <= last || $3 - last > 3 * 3600)) { print "from " last " to " $3; bad = 1 } last = $3 }
	END { exit bad }' md5 >steps || fail "its times: $(cat steps)"
# Three at each jump, but at the one that libavformat knows
[ "$(member capture.json .restamped)" -ge 12 ] || fail "counted: $(tail -n 1 capture.json)"
finish
