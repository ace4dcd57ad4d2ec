#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-top tells what each reader asked for, and what that kept from it.
. "$(dirname "$0")/common.sh"

zoe-capture --quiet --lossless -n "$pool" test:320x240@30 &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
workers=()
for options in "latest" "queue --depth 4" "every --every 3" "rate --max-fps 5 --depth 2" "member --group team" "all --lossless"; do
	# shellcheck disable=SC2086
	poster --label $options "$pool" &
	workers+=($!)
done
until_true served 6 '.posted > 4'

zoe-top "$pool" >"$temp/table"
# Reader, pid, fps unknown, age and hold in two columns each, drops, held, waiting, alive, policy, withheld, received, posted.
time='[0-9.]+(ns|us|ms|s)'
for line in 'latest - 0/2|1/2 0/1|1/1 latest 0' 'queue - 0/2|1/2 [0-4]/4 queue 4 0' \
	'every - 0/2|1/2 0/1|1/1 latest, every 3 [0-9]+' 'rate - 0/2|1/2 [0-2]/2 queue 2, at most 5 fps [0-9]+' \
	'member - 0/1|1/1 0/1|1/1 latest, group team 0' 'all - 0/2|1/2 [0-9]/[0-9]+ lossless 0'; do
	read -r label fps held waiting policy <<<"$line"
	pattern="^$pool +$label +[0-9]+ +$fps( +$time){4} +- +[0-9]+ +($held) +($waiting) +yes +${policy% *} +${policy##* } +[0-9]+ +[0-9]+$"
	grep -Eq "$pattern" "$temp/table" || fail "no line '$pattern': $(cat "$temp/table")"
done

# is LABEL FILTER: fails unless it holds for that reader's object.
zoe-top --json "$pool" >"$temp/pool"
is() { jq -e ".readers[] | select(.label == \"$1\") | $2" "$temp/pool" >/dev/null || fail "$1: not $2: $(cat "$temp/pool")"; }
is latest '.policy == "latest" and .every == 1 and .max_fps == 0 and .group == null and .withheld == 0 and .posted > 4'
is queue '.policy == "queue" and .depth == 4'
is every '.policy == "latest" and .every == 3 and .withheld > .received'
is rate '.policy == "queue" and .max_fps == 5 and .withheld > .received'
is member '.group == "team"'
is all '.policy == "lossless" and .withheld == 0'
kill "${workers[@]}" "$capture"
wait "${workers[@]}" || fail "a worker failed: $?"
wait "$capture" || fail "capture failed: $?"
finish
