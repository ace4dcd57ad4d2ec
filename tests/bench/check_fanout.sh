#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-bench fanout: its rows and forms. Never its times.
. "$(dirname "$0")/common.sh"

bench fanout --readers 3 --frames 20 --runs 2 --json
holds '.bench == "fanout" and .about.runs == 2' \
	'[.rows[].name] == ["publish to 3 readers", "acquire and release, a frame waiting", "a poll in vain"]' \
	'.rows[0] | .readers == 3 and .ns == null and
		all(.asleep_over_bare, .asleep_p50_us, .awake_p50_us, .bare_p50_us; .runs == 2 and .median > 0)' \
	'.rows[0] | .asleep_p50_us.median <= .asleep_p99_us.median and .bare_p50_us.median <= .bare_p99_us.median' \
	'all(.rows[1:][]; .ns.runs == 2 and .ns.median > 0 and .asleep_p50_us == null)'

bench fanout --readers 1 --frames 10 --runs 1 --mailbox atomic
grep -q '^ *asleep/bare  *asleep µs  *awake µs  *bare wakes µs  *ns$' "$temp/out" || fail "no heading: $(cat "$temp/out")"
grep -q '^publish to 1 reader  ' "$temp/out" || fail "no row: $(cat "$temp/out")"

# All that there may be: 64 seats.
bench fanout --readers 64 --frames 10 --runs 1 --csv
[ "$(wc -l <"$temp/out")" -eq 4 ] || fail "CSV: $(cat "$temp/out")"

finish
