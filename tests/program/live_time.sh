#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A sender whose clock is set while it plays, ahead, back, to 0, round its 33 bits, and one that says no time: frames
# come with times that rise.
. "$(dirname "$0")/common.sh"
cd "$temp" || exit 1
port=$((20000 + $$ % 9000))

# 40 pictures each, at times of their own: hours apart, and one that wraps by itself
n=0
for offset in 20000 10200 47800 0 95440 36000; do
	ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 40 -c:v mpeg2video -g 5 -bf 0 \
		-output_ts_offset "$offset" -f mpegts "$((n++)).ts" || fail "ffmpeg made no $offset"
done

# play FILE...: sent one after the other by one live source, whose end is waited for
play() {
	zoe-framemd5 "$pool" >md5 2>framemd5.log &
	framemd5=$!
	zoe-capture --json --lossless --wait-readers 1 --reconnect never -n "$pool" "tcp://127.0.0.1:$port?listen=1" \
		>capture.json 2>capture.log &
	capture=$!
	send() { cat "$@" >"/dev/tcp/127.0.0.1/$port"; }
	until_true eval "send $* 2>/dev/null"
	wait "$capture" && fail "a live source that ended was success"
	grep -q "it ended" capture.log || fail "$(cat capture.log)"
	wait "$framemd5"
	[ $? -eq 1 ] && grep -q ' failed' framemd5.log || fail "zoe-framemd5: $(cat framemd5.log)"
	frames=$(grep -vc '^#' md5)
}

# rises MOST: from each frame's time to the next one's it is that much at most
rises() {
	awk -F, -v most="$1" '!/^#/ { if (n++ && ($3 <= last || $3 - last > most)) { print "from " last " to " $3; bad = 1 }
		last = $3 } END { exit bad }' md5 >steps || fail "its times: $(cat steps)"
}

play ./[0-9].ts
grep -q '"event":"source"' capture.json || fail "not told: $(cat capture.json)"

# FFmpeg may lose the picture before a jump, whose end it does not see
[ "$frames" -ge 230 ] || fail "$frames of 240 frames: $(cat capture.log)"
rises $((3 * 3600))
# Three at each jump, but at the one that libavformat knows
[ "$(member capture.json .restamped)" -ge 12 ] || fail "counted: $(tail -n 1 capture.json)"

# Stamps that are missing: of all but each third picture, and of all
perl -0777 -pe 'my $n = 0; for (my $at = 0; $at < length; $at += 188) {
	next unless (unpack("n", substr($_, $at + 1, 2)) & 0x5fff) == 0x4100;
	my $pes = $at + 4 + (ord(substr($_, $at + 3, 1)) & 0x20 ? 1 + ord(substr($_, $at + 4, 1)) : 0);
	substr($_, $pes + 7, 1) = chr(ord(substr($_, $pes + 7, 1)) & 0x3f) if $n++ % 3; }' 0.ts >missing.ts
ffprobe -v error -show_entries packet=pts_time missing.ts | grep -c N/A >/dev/null || fail "no stamp is missing"
play missing.ts
[ "$frames" -eq 40 ] || fail "$frames of 40 frames without stamps: $(cat capture.log)"
rises $((3 * 3600))
ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 40 -c:v libx264 -bf 2 -f h264 0.h264
play 0.h264
[ "$frames" -eq 40 ] || fail "$frames of 40 frames of a raw stream: $(cat capture.log)"
rises $((1200000 / 25))
finish
