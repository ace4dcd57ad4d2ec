#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A lossless reader that stands still makes capture wait, as it asked for: capture and zoe-top say for whom
# and since when, once, and that it goes on. A reader that may miss frames is never waited for.
. "$(dirname "$0")/common.sh"

zoe-capture --json --lossless -n "$pool" test:320x240@50 >"$temp/events" 2>"$temp/said" &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
poster --label "slow" --lossless "$pool" &
slow=$!
poster --label "other" "$pool" &
other=$!
until_true served 2

published() { zoe-top --json "$pool" | jq .published; }
more_than() { [ "$(published)" -gt "$1" ]; }
kill -STOP "$other"
until_true more_than $(($(published) + 20))
kill -CONT "$other"
grep -q waiting "$temp/said" && fail "it waited for a reader of the latest: $(cat "$temp/said")"

kill -STOP "$slow"
until_true grep -q waiting "$temp/said"
grep -Eq "^zoe-capture: pool \($pool\): waiting for lossless reader 'slow' \(pid $slow, seat [01]\) for 1\.[0-9] s: " \
	"$temp/said" || fail "$(cat "$temp/said")"
zoe-top --list "$pool" >"$temp/table"
grep -Eq "^  waiting for lossless reader 'slow' \(pid $slow, seat [01]\) for [0-9.]+ s$" "$temp/table" ||
	fail "$(cat "$temp/table")"
zoe-top --json "$pool" >"$temp/pool"
jq -e ".waits_for | .label == \"slow\" and .pid == $slow and .waited_s >= 1 and .since_ns > 0" "$temp/pool" >/dev/null ||
	fail "$(cat "$temp/pool")"
zoe-top --prometheus - "$pool" >"$temp/metrics"
grep -Eq "^zoetrope_pool_waiting_seconds\{pool=\"$pool\",reader=\"slow\",nth=\"1\"\} [0-9.]+$" \
	"$temp/metrics" || fail "$(grep waiting "$temp/metrics")"

kill -CONT "$slow"
until_true grep -q 'goes on' "$temp/said"
grep -Eq "^zoe-capture: pool \($pool\): goes on, having waited [0-9]+\.[0-9] s$" "$temp/said" || fail "$(cat "$temp/said")"
waits_for_none() { zoe-top --json "$pool" | jq -e '.waits_for == null'; }
until_true waits_for_none
zoe-top --list "$pool" | grep -q waiting && fail "zoe-top still says that it waits"

# One that died is waited for no longer, and so is nobody by a capture that is to stop.
kill -STOP "$slow"
twice() { [ "$(grep -c "$1" "$temp/said")" -eq 2 ]; }
until_true twice 'waiting for'
kill -KILL "$slow"
until_true twice 'goes on'
kill "$capture" "$other"
wait "$capture" || fail "capture failed: $?"
wait "$other"
for event in wait resume; do
	[ "$(jq -r .event "$temp/events" | grep -c "^$event\$")" -eq 2 ] || fail "$event: $(cat "$temp/events")"
done
jq -es 'map(select(.event == "wait"))[0] | .reader == "slow" and .pid > 0 and .waited_s >= 1' "$temp/events" >/dev/null ||
	fail "$(cat "$temp/events")"
finish
