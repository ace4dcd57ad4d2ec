#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-bench latency: its rows, counts and forms. Never its times.
. "$(dirname "$0")/common.sh"

# A run whose rows all have frames of each turn: beside other work a short turn may have none.
measured() {
	bench latency "$@"
	jq -es '.[0] | .about.runs as $n | all(.rows[]; .received > 0 and .p50_us.runs == $n)' "$temp/out"
}

# Floors, two sizes, each without and with a stopped reader: all that was published is accounted for.
until_true measured --size 320x240,64x64 --stopped --readers 2 --frames 60 --runs 2 --json
holds '.bench == "latency" and .about == {"readers":2,"way":"asleep","fps":500,"frames":60,"runs":2,
		"mailbox":"mutex","cond":"futex"}' \
	'[.rows[].name] == ["floor: futex sleep and wake", "floor: spinning on a word",
		"320x240, 2 readers asleep", "320x240, 2 readers asleep, one more stopped",
		"64x64, 2 readers asleep", "64x64, 2 readers asleep, one more stopped"]' \
	'all(.rows[]; .published == 120)' \
	'all(.rows[:2][]; .received > 0 and .received <= 120 and .over_futex_p50 == null and .reader_cpu_percent == null)' \
	'all(.rows[2:][]; .received > 0 and .received <= 240)' \
	'all(.rows[]; .p50_us.runs == 2 and .p50_us.median > 0 and .p50_us.min <= .p50_us.median and
		.p50_us.median <= .p50_us.max)' \
	'all(.rows[]; .p50_us.median <= .p90_us.median and .p90_us.median <= .p99_us.median and
		.p99_us.median <= .p999_us.median and .p999_us.median <= .max_us.median)' \
	'all(.rows[2:][]; .age_p50_us.median <= .p50_us.median and .publish_p50_us.median > 0 and
		.writer_cpu_percent.median > 0 and .reader_cpu_percent.median > 0)' \
	'[.notes[] | select(startswith("p99 with one more reader stopped"))] | length == 2' \
	'[.notes[] | select(startswith("p50 of the last size"))] | length == 1'

# In one run a ratio is that of its two figures, floor and stream.
until_true measured --size 64x64 --frames 60 --runs 1 --json --mailbox atomic
holds '.about.mailbox == "atomic"' \
	'def near(a; b): (a - b | fabs) < 0.000001 * a;
	 . as {rows: [$futex, $spin, $stream]} |
		near($stream.over_futex_p50.median; $stream.p50_us.median / $futex.p50_us.median) and
		near($stream.over_futex_p99.median; $stream.p99_us.median / $futex.p99_us.median) and
		near($stream.over_spin_p50.median; $stream.p50_us.median / $spin.p50_us.median) and
		near($stream.over_spin_p99.median; $stream.p99_us.median / $spin.p99_us.median)'

# Who gets fewer frames than there were says so, and only who does.
bench latency --size 64x64 --readers 8 --fps 100000 --frames 1000 --runs 1 --json
holds '(.rows[2] | .received < 8 * .published) ==
	(.notes | any(.[]; test("^64x64, 8 readers asleep: received [0-9]+ of 8000")))'

# The ways of waiting.
for way in poll:polling spin:spinning; do
	bench latency --size 64x64 "--${way%:*}" --fps 200 --frames 100 --runs 1 --no-floors --json
	holds ".about.way == \"${way#*:}\" and (.rows | length) == 1 and .rows[0].received > 0"
	# Who polls takes all the CPU that it can get; who sleeps at this rate less than a hundredth.
	[ "$way" = spin:spinning ] || holds '.rows[0].reader_cpu_percent.median > 2'
done

# For people and for spreadsheets.
has_ratio() {
	bench latency --size 64x64 --frames 40 --runs 2
	grep '^64x64, 1 reader asleep  *[0-9.]* \[[0-9.]* [0-9.]*\] ' "$temp/out"
}
until_true has_ratio || cat "$temp/out"
grep -q '^ *p50/futex  *p99/futex  *p50 µs ' "$temp/out" || fail "no heading: $(cat "$temp/out")"
bench latency --size 64x64 --frames 40 --runs 2 --csv
[ "$(sed 's/^"[^"]*"//' "$temp/out" | awk -F, '{ print NF }' | sort -u | wc -l)" -eq 1 ] || fail "CSV lines of different lengths"
[ "$(wc -l <"$temp/out")" -eq 4 ] || fail "CSV: not a heading and three rows"
head -n 1 "$temp/out" | grep -q '^name,over_futex_p50,over_futex_p50_q1,.*,received$' || fail "CSV: $(head -n 1 "$temp/out")"

finish
