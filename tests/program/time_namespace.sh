#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Who looks from another time namespace, where CLOCK_MONOTONIC is another, has right states and ages.
. "$(dirname "$0")/common.sh"

unshare -T --monotonic 1000 -f true 2>/dev/null || skip "no time namespace may be made here"
zoe-capture --quiet --mailbox atomic -n "$pool" test:320x240@30 &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
for offset in "$((10 - $(cut -d. -f1 /proc/uptime)))" 100000; do
	unshare -T --monotonic "$offset" -f poster --label "other$offset" "$pool" &
	until_true served 1 ".label == \"other$offset\" and .posted > 2"
	[ "$(unshare -T --monotonic "$offset" -f zoe-top --json "$pool" | jq -r .state)" = live ] ||
		fail "not live in a time namespace $offset s away"
	zoe-top --json "$pool" >"$temp/pool"
done
kill "$capture"
wait "$capture" || fail "capture failed: $?"
jq -e '[.readers[].age_us | .. | numbers] | length > 0 and all(. < 30e6)' "$temp/pool" >/dev/null || fail "ages: $(cat "$temp/pool")"
finish
