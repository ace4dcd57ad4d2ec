#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-top in print: once, again and again, as JSON and as a file for Prometheus, of a pool
# with one reader that takes its frames and one that is stopped.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/exposition.sh"

zoe-capture --quiet --cond pthread -n "$pool" test:320x240@30 &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
poster --label taker "$pool" &
poster --label stopped "$pool" &
stopped=$!
# Both have given a frame back, so there are durations of both.
until_true served 2 '.age_us.count > 0'
kill -STOP "$stopped"

# Once: what was measured since the beginning, without rates.
zoe-top "$pool" >"$temp/list" || fail "no list: $?"
zoe-top --list "$pool" >"$temp/list2" || fail "no list with --list: $?"
for list in "$temp/list" "$temp/list2"; do
	grep -Eq "^$pool +live +yuv420p +320x240 .* mutex\+pthread +2/64 +$capture zoe-capture " "$list" || fail "pool: $(cat "$list")"
	grep -Eq "^$pool +taker +[0-9]+ +-( +[0-9.]+(ns|us|ms|s)){4} +- " "$list" || fail "reader: $(cat "$list")"
done

# Again and again: from the second time on there are rates, of the pool and of its readers.
timeout 60 zoe-top --batch -d 1 -n 3 "$pool" >"$temp/batch" || fail "no batch: $?"
[ "$(grep -c '^zoe-top ..:..:.. *1 pool, 1 live *2 readers ' "$temp/batch")" -eq 3 ] || fail "not three looks: $(cat "$temp/batch")"
[ "$(grep -Ec "^$pool +taker +[0-9]+ +- " "$temp/batch")" -eq 1 ] || fail "not one without a rate: $(cat "$temp/batch")"
[ "$(grep -Ec "^$pool +taker +[0-9]+ +[0-9]+\.[0-9]( +[0-9.]+(ns|us|ms|s)){4} +[0-9]+\.[0-9] " "$temp/batch")" -eq 2 ] ||
	fail "no rates: $(cat "$temp/batch")"
[ "$(grep -Ec "^$pool +stopped +[0-9]+ +0\.0( +-){4} +[0-9]+\.[0-9] +[0-9]+ " "$temp/batch")" -eq 2 ] ||
	fail "the stopped one: $(cat "$temp/batch")"

# JSON: the same. A reader's figures are about the interval, and there are as many durations as frames given back.
# A machine with other work may let frames pass between the reading of the one figure and of the other: not each time.
as_many() {
	timeout 60 zoe-top --batch --json -d 1 -n 3 "$pool" >"$temp/json" || fail "no JSON: $?"
	jq -es 'all(.[0].readers[]; .received >= .age_us.count and .received - .age_us.count <= .hold and
			.hold_us.count == .age_us.count)
		and ([.[].readers[] | select(.label == "taker")] | (.[2].age_us.count - (.[2].received - .[1].received) | fabs) <= 2
		and (.[1].age_us.count - (.[1].received - .[0].received) | fabs) <= 2)' "$temp/json"
}
until_true as_many
is() { jq -es "$1" "$temp/json" >/dev/null || fail "not $1: $(cat "$temp/json")"; }
is 'length == 3 and all(.event == "pool" and .copied == 0 and .held_slots <= .slots and .mailbox == "mutex" and .cond == "pthread")'
is '.[0].interval_s == null and all(.[1:][]; .interval_s > 0 and .fps > 0)'
is '[.[].at_ns] | . == sort and .[0] < .[2]'
is 'all(.[].readers[]; has("fps") and has("displaced_per_s") and .alive)'
is 'all(.[0].readers[]; .fps == null and .displaced_per_s == null and .age_us.p50 > 0)'
is 'all(.[1:][].readers[] | select(.label == "taker"); .fps > 0 and .age_us.p50 > 0 and .age_us.p50 <= .age_us.p99
	and .hold_us.p50 > 0 and .hold_us.p50 <= .hold_us.p99)'
is 'all(.[1:][].readers[] | select(.label == "stopped"); .fps == 0 and .displaced_per_s > 0
	and .age_us == {p50: null, p99: null, count: 0} and .hold_us == .age_us)'

# Prometheus: a whole file at any time, nothing beside it, and histograms that are some.
mkdir "$temp/textfile"
timeout 60 zoe-top --prometheus "$temp/textfile/z.prom" -n 1 "$pool" || fail "no file: $?"
exposition "$temp/textfile/z.prom" 4
[ "$(ls "$temp/textfile")" = z.prom ] || fail "left behind: $(ls "$temp/textfile")"
zoe-top --prometheus - "$pool" >"$temp/exposition" || fail "no exposition on stdout: $?"
exposition "$temp/exposition" 4
received() { sed -n 's/^zoetrope_reader_frames_received_total{.*reader="taker".* //p' "$1"; }
# Two looks may fall between two frames.
counts() {
	zoe-top --prometheus - "$pool" >"$temp/exposition" &&
		[ "$(received "$temp/exposition")" -gt "$(received "$temp/textfile/z.prom")" ]
}
until_true counts
exposition "$temp/exposition" 4

# It is kept up to date, found whole by whoever reads meanwhile, and ends when told to.
zoe-top --prometheus "$temp/textfile/z.prom" -d 0.02 "$pool" &
top=$!
for ((i = 0; i < 50; i++)); do
	cp "$temp/textfile/z.prom" "$temp/copy"
	[ "$(tail -n 1 "$temp/copy" | grep -c '^zoetrope_reader_hold_seconds_count')" -eq 1 ] || fail "half a file: $(tail -n 1 "$temp/copy")"
done
before=$(received "$temp/textfile/z.prom")
grown() { [ "$(received "$temp/textfile/z.prom")" -gt "$before" ]; }
until_true grown
kill -TERM "$top"
wait "$top" || fail "SIGTERM: exit $?"
[ "$(ls "$temp/textfile")" = z.prom ] || fail "left behind: $(ls "$temp/textfile")"
exposition "$temp/textfile/z.prom" 4

# What cannot be is said.
refuses 1 'no-such-folder/z.prom: No such file' zoe-top --prometheus "$temp/no-such-folder/z.prom" "$pool"
refuses 1 "there is no pool 'no-such$$'" zoe-top "no-such$$"
refuses 2 'one of them' zoe-top --list --batch
refuses 2 'must end in .prom' zoe-top --prometheus "$temp/textfile/x.txt" -n 1
refuses 2 'goes with --batch alone' zoe-top --json --prometheus -
refuses 2 'expected with --batch' zoe-top -d 2
refuses 2 'expected with --batch' zoe-top -n 2 --json
refuses 2 'at least 20ms' zoe-top --batch -d 0

# Who takes the seat of one that died has rates of its own, and a pool that goes is no error of a batch.
zoe-top --batch --json -d 0.1 "$pool" >"$temp/json" &
top=$!
kill -KILL "$stopped"
free() { zoe-top --json "$pool" | jq -e '.readers | length == 1'; }
until_true free
poster --label later "$pool" &
later() { jq -es '[.[].readers[] | select(.label == "later")] | any(.[1:][]; .fps > 0)' "$temp/json"; }
until_true later
kill "$capture"
wait "$capture" || fail "capture failed: $?"
until_true test ! -e "/dev/shm/zoe.$pool"
sleep 0.3
kill -TERM "$top" 2>/dev/null || fail "it ended with its pool"
wait "$top" || fail "end of batch: exit $?"
is '[.[].readers[] | select(.label == "later")] | .[0].fps == null and .[1].fps != null'
is '[.[].readers[] | select(.label == "later" or .label == "stopped") | .seat] | unique | length == 1'
is 'all(.[].readers[]; .fps == null or .fps < 10000)'
finish
