#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Decoders that cannot keep up with a live source: their frames are no later at the end than at the beginning, but for
# --max-lag, and each is one of the original's, to the bit. Usage: lag.sh SLOW_DECODER [SECONDS]
. "$(dirname "$0")/common.sh"
troubled_decoder=$1 seconds=${2:-12} short=12
# In a short time the beginning is much of it, and a busy machine is given a second.
[ "$seconds" -ge 60 ] && part=10 slack=0 || part=40 slack=1000
cd "$temp" || exit 1
# Four of its own
port=$((20000 + $$ % 2000 * 4))
pools=() senders=()

# try NAME SECONDS DECODE_MS CLIP OPTION...: show it, by one picture each DECODE_MS at most; when each frame came, in NAME.times
try() {
	local name=$1 t=$2 ms=$3 clip=$4 at=$((port++))
	shift 4
	pools+=("$name")
	stdbuf -oL zoe-framemd5 "$pool-$name" 2>"$name.framemd5" | while read -r line; do
		printf '%s, %s\n' "$EPOCHREALTIME" "$line"
	done >"$name.times" &
	# Without --lossless, which stands here so that the reader gets each frame, it is the default
	LD_PRELOAD=$troubled_decoder ZOE_TEST_DECODE_MS=$ms zoe-capture --json --lossless --wait-readers 1 --reconnect never \
		-n "$pool-$name" "$@" "tcp://127.0.0.1:$at?listen=1" >"$name.json" 2>"$name.log" &
	until_true grep -qi ":$(printf %04X $at) 00000000:0000 0A" /proc/net/tcp
	ffmpeg -nostdin -v error -re -stream_loop -1 -i "$clip" -c copy -t "$t" -f mpegts "tcp://127.0.0.1:$at" &
	senders+=($!)
}

# age NAME FIRST LAST: of the frames that came in this part of the time (in percent), the 99th percentile and the median
# of how late they were, in ms, by the best of all
age() {
	awk -F, '$2 !~ /#/ { time[++n] = $1; late[n] = $1 - $4 / 90000; if (n == 1 || late[n] < best) best = late[n] }
		END { for (i = 1; i <= n; i++) { part = (time[i] - time[1]) * 100 / (time[n] - time[1])
			if (part >= '"$2"' && part <= '"$3"') printf "%d\n", (late[i] - best) * 1000 } }' "$1.times" | sort -n |
		awk '{ a[NR] = $1 } END { print a[int(NR * 0.99 + 0.5)], a[int(NR / 2 + 0.5)] }'
}

clip() {
	local name=$1
	shift
	ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 250 -c:v libx264 -g 25 "$@" "$name" ||
		fail "ffmpeg: $name"
	ffmpeg -nostdin -v error -i "$name" -f framemd5 - | awk -F, '!/^#/ { print $6 }' | tr -d ' ' | sort -u >"$name.sums"
}
clip plain.ts -tune zerolatency
# Each second picture is needed by no other, and those before a key picture need what was before it
clip reordered.ts -bf 1 -x264-params open_gop=1:keyint=25:scenecut=0

# At 80 % of real time, and at 27 %
try unbounded $short 50 plain.ts --max-lag 0
try plain "$seconds" 50 plain.ts --max-lag 500ms --whole-frames
try reordered "$seconds" 150 reordered.ts --max-lag 500ms --whole-frames
# A fast one, whose source is held up and then bursts
try burst $short 0 plain.ts --max-lag 500ms
sleep 4
kill -STOP "${senders[3]}"
sleep 1.5
kill -CONT "${senders[3]}"

# Without its sender a capture would wait for ever
for sender in "${senders[@]}"; do
	wait "$sender" || exit 1
done
wait
for name in "${pools[@]}"; do
	read -r first first_median <<<"$(age "$name" 0 $part)"
	read -r last last_median <<<"$(age "$name" $((100 - part)) 100)"
	skipped=$(member "$name.json" .skipped)
	n=$(grep -vc '#' "$name.times")
	printf '%s: age at the beginning p99 %s ms, median %s ms; at the end %s ms, %s ms; %s frames, %s skipped\n' \
		"$name" "$first" "$first_median" "$last" "$last_median" "$n" "$skipped"
	case $name in
	unbounded)
		[ "$last_median" -gt $((first_median + 800)) ] || fail "$name: it kept up"
		[ "$skipped" -eq 0 ] || fail "$name: $skipped skipped"
		;;
	burst)
		[ "$skipped" -eq 0 ] || fail "$name: $skipped skipped, though it is fast"
		;;
	*)
		[ "$last" -le $((first + 500 + slack)) ] || fail "$name: it falls behind"
		[ "$skipped" -gt 0 ] || fail "$name: nothing was skipped"
		grep -q 'pictures skipped to keep up' "$name.log" || fail "$name: not said: $(cat "$name.log")"
		[ "$n" -gt $((seconds * 2)) ] || fail "$name: only $n frames: $(tail -n 1 "$name.json")"
		[ "$(member "$name.json" '.damaged + .corrupt + .decode_errors')" -eq 0 ] || fail "$(tail -n 1 "$name.json")"
		;;
	esac
	[ $name != reordered ] && clip=plain.ts || clip=reordered.ts
	awk -F, '$2 !~ /#/ { print $7 }' "$name.times" | tr -d ' ' | sort -u | comm -13 "$clip.sums" - >bad
	[ ! -s bad ] || fail "$name: $(wc -l <bad) frames are none of the original's"
done
finish
