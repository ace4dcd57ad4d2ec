#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A transport stream of which packets were lost: with --whole-frames each frame is one of the original's, to the bit;
# without it those that are not are marked.
. "$(dirname "$0")/common.sh"
cd "$temp" || exit 1
port=$((20000 + $$ % 9000))

# Seven packets of 188 bytes make a datagram: lose one of fifty, but not the first.
lose() {
	perl -e 'srand 5; binmode STDIN; binmode STDOUT;
		for (my $n = 0; read STDIN, my $datagram, 1316; $n++) { print $datagram if $n < 30 || rand > 0.02 }'
}
sums() { grep -v '^#' "$1" | awk -F, '{ print $6 }' | tr -d ' ' | sort -u; }

# try WHAT OPTION...: the frames of lossy.ts, as a file or, with a port, as a live source
try() {
	local what=$1
	shift
	zoe-framemd5 "$pool" >got 2>framemd5.log &
	framemd5=$!
	if [ "$what" = live ]; then
		zoe-capture --json --lossless --wait-readers 1 --reconnect never -n "$pool" "$@" \
			"tcp://127.0.0.1:$port?listen=1" >capture.json 2>capture.log &
		capture=$!
		send() { cat lossy.ts >"/dev/tcp/127.0.0.1/$port"; }
		until_true eval 'send 2>/dev/null'
		wait "$capture"
	else
		zoe-capture --json --lossless --fast --wait-readers 1 -n "$pool" "$@" lossy.ts >capture.json 2>capture.log ||
			fail "$what: exit $?: $(cat capture.log)"
	fi
	# A live source that is not waited for has failed when it ends.
	wait "$framemd5"
	status=$?
	if [ "$what" = live ]; then
		[ "$status" -eq 1 ] && grep -q ' failed' framemd5.log || fail "the end of $what: $status: $(cat framemd5.log)"
	else
		[ "$status" -eq 0 ] || fail "$what: zoe-framemd5: exit $status: $(cat framemd5.log)"
	fi
	sums got >sums
	bad=$(comm -13 want-sums sums | wc -l)
	n=$(grep -vc '^#' got)
}

# The third has no key picture but its first: each renews a part of it.
for codec in "libx264 -tune zerolatency" "libx264 -bf 2" "libx264 -bf 0 -intra-refresh 1" "mpeg2video -bf 2"; do
	# shellcheck disable=SC2086
	ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=640x360:rate=25 -frames:v 300 -c:v $codec -g 10 -b:v 1M \
		-f mpegts all.ts || fail "ffmpeg: $codec"
	ffmpeg -nostdin -v error -y -i all.ts -f framemd5 want
	sums want >want-sums
	lose <all.ts >lossy.ts
	ways="file one-thread many-threads live" enough=60
	[[ $codec != *refresh* ]] || ways="one-thread live" enough=20
	for what in $ways; do
		options=()
		[ $what != one-thread ] || options=(--threads 1)
		[ $what != many-threads ] || options=(--threads 16)
		try $what "${options[@]}" --whole-frames
		[ "$bad" -eq 0 ] || fail "$codec, $what: $bad of $n frames are none of the original's"
		[ "$n" -ge $enough ] || fail "$codec, $what: only $n frames: $(tail -n 1 capture.json)"
		[ "$(member capture.json '.damaged > 0 and .corrupt == 0')" = true ] || fail "counted: $(tail -n 1 capture.json)"
	done
	# Pictures that are passed over on the way to --seek damage those behind them as well
	# (With frame threads, and without key pictures, none is whole any more.)
	for second in 2.3 3.3 4.3 5.3 6.3 7.3 8.3 9.3; do
		[[ $codec != *refresh* ]] || break
		try file --whole-frames --seek "$second"
		[ "$bad" -eq 0 ] || fail "$codec, from $second s: $bad of $n frames are none of the original's"
	done
	try file
	[ "$bad" -ge 20 ] || fail "$codec: the loss shows in $bad frames only"
	[ "$(member capture.json .corrupt)" -ge "$bad" ] || fail "$codec: $bad damaged: $(tail -n 1 capture.json)"
done

# It is told while it happens
source_is() { zoe-top --list --json "$pool" | jq -es "map(.source | $1) | any"; }
for options in "" --whole-frames; do
	zoe-capture --json -n "$pool" ${options:+"$options"} lossy.ts >capture.json 2>capture.log &
	capture=$!
	count=.corrupt
	[ -z "$options" ] || count=.damaged
	until_true source_is "$count > 0"
	until_true eval 'jq -es "map(select(.event == \"source\") | $count > 0) | any" capture.json'
	kill "$capture"
	wait "$capture" || fail "exit $? after SIGTERM: $(cat capture.log)"
done
finish
