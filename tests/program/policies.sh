#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-top tells what each reader asked for, and what that kept from it.
. "$(dirname "$0")/common.sh"

zoe-capture --quiet --lossless -n "$pool" test:320x240@30 &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
workers=()
for options in "latest" "queue --depth 4" "every --every 3" "rate --max-fps 5 --depth 2" "member --group crew" "all --lossless"; do
	# shellcheck disable=SC2086
	poster --label $options "$pool" &
	workers+=($!)
done
until_true served 6 '.posted > 4'

zoe-top "$pool" | sed 's/ ([0-9]*):/:/' >"$temp/table"
for line in 'latest: latest; holds [01] of 2, [01] of 1 waiting, received [0-9]+, displaced [0-9]+, posted [0-9]+$' \
	'queue: queue 4; holds' 'every: latest, every 3; .*, withheld [0-9]+, posted' \
	'rate: queue 2, at most 5 fps; .*, withheld [0-9]+, posted' \
	'member: latest, group crew; holds [01] of 1' 'all: lossless; holds'; do
	grep -Eq "^  $line" "$temp/table" || fail "no line '$line': $(cat "$temp/table")"
done

# is LABEL FILTER: does it hold for that reader's object?
zoe-top --json "$pool" >"$temp/pool"
is() { jq -e ".readers[] | select(.label == \"$1\") | $2" "$temp/pool" >/dev/null || fail "$1: not $2: $(cat "$temp/pool")"; }
is latest '.policy == "latest" and .every == 1 and .max_fps == 0 and .group == null and .withheld == 0 and .posted > 4'
is queue '.policy == "queue" and .depth == 4'
is every '.policy == "latest" and .every == 3 and .withheld > .received'
is rate '.policy == "queue" and .max_fps == 5 and .withheld > .received'
is member '.group == "crew"'
is all '.policy == "lossless" and .withheld == 0'
kill "${workers[@]}" "$capture"
wait "${workers[@]}" || fail "a worker failed: $?"
wait "$capture" || fail "capture failed: $?"
finish
