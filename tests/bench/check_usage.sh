#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-bench: help for each subcommand, one line for what is wrong, and nothing left when it is told to stop.
. "$(dirname "$0")/common.sh"

zoe-bench --help >"$temp/out" || fail "--help: exit $?"
subcommands=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$temp/out")
[ "$(wc -w <<<"$subcommands")" -eq 6 ] || fail "not six subcommands: $subcommands"
for subcommand in $subcommands; do
	zoe-bench "$subcommand" --help >"$temp/out" 2>"$temp/err" || fail "$subcommand --help: exit $?"
	grep -q "^Usage: zoe-bench $subcommand " "$temp/out" || fail "$subcommand --help: no usage"
	grep -q '^Examples:' "$temp/out" || fail "$subcommand --help: no examples"
	[ ! -s "$temp/err" ] || fail "$subcommand --help: $(cat "$temp/err")"
	complains 2 '--nosuch' "$subcommand" --nosuch
done
zoe-bench --version | grep -q '^zoe-bench (zoetrope) [0-9]' || fail "--version"

complains 2 'subcommand' # none
complains 2 "'nosuch'" nosuch
complains 2 '--nosuch' --nosuch
complains 2 '--readers' latency --readers 33
complains 2 '--readers' latency --readers 0
complains 2 '--runs' latency --runs 101
complains 2 '--fps' latency --fps 100001
complains 2 '--poll and --spin' latency --poll --spin
complains 2 '--csv' latency --json --csv
complains 2 '--hgrm' latency --hgrm --json
complains 2 '--hgrm' latency --hgrm --stopped
complains 2 '--hgrm' latency --hgrm --sizes
complains 2 '--sizes' latency --size 64x64 --sizes
complains 2 'mutex or atomic' latency --mailbox both
for size in 1x64 64x 64 64x64, 64x64x 64x16385 x 99999999999x64 64X64; do
	complains 2 'WxH' latency --size "$size"
done
complains 2 'one argument too many' latency 64x64
complains 2 '--readers' fanout --readers 65
complains 2 '--csv' fanout --json --csv
complains 2 '--runs' targets --runs 101

# one_stopped PID: one of its readers is stopped, the one that --stopped asks for.
one_stopped() {
	[ "$(pgrep -P "$1" | xargs -I{} grep -l '^State:.T' /proc/{}/status 2>/dev/null | wc -l)" -eq 1 ]
}

# Told to stop, it tidies up and takes its readers with it; killed, at least the readers go.
for signal in INT TERM KILL; do
	# The reader is stopped in the second of two streams: the first one must end, and the second must last.
	# A job in the background ignores SIGINT, unless it is asked not to.
	env --default-signal=INT zoe-bench latency --size 64x64 --readers 3 --stopped --fps 60 --frames 300 --runs 1 --no-floors \
		>"$temp/out" 2>"$temp/err" &
	bench=$!
	until_true test -e "/dev/shm/zoe.bench-$bench"
	until_true one_stopped "$bench"
	children=$(pgrep -P $bench)
	[ "$(wc -w <<<"$children")" -eq 4 ] || fail "$signal: readers: $children"
	kill "-$signal" $bench
	{ wait $bench; } 2>/dev/null
	status=$?
	if [ $signal = KILL ]; then
		rm -f "/dev/shm/zoe.bench-$bench" "/dev/shm/zoe.bench-$bench.seats"
	else
		[ $status -eq 1 ] || fail "$signal: exit $status"
		[ ! -s "$temp/out" ] || fail "$signal: figures were printed"
		! grep -q error "$temp/err" || fail "$signal: $(cat "$temp/err")"
	fi
	gone $bench "$signal"
	for child in $children; do
		until_true test ! -e "/proc/$child"
	done
done

finish
