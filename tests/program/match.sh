#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-display --match: with each frame the result about it, or none, and never another's; and
# nobody is held up by a worker that dies, stops or leaves in the middle of posting.
. "$(dirname "$0")/common.sh"

export SDL_VIDEODRIVER=dummy
watch=(zoe-display --quiet --json --verify)

# is FILE FILTER WHAT: fails unless it holds for the viewer's summary.
is() { member "$1" "$2" | grep -qx true || fail "$3: not $2: $(cat "$1")"; }

# Every frame to viewer and worker: every frame is matched.
zoe-capture --quiet -n "$pool" --lossless --wait-readers 2 --frames 120 test:320x240@30 &
capture=$!
poster --lossless --delay 10ms "$pool" &
worker=$!
"${watch[@]}" --lossless --exit-at-end --match poster "$pool" >"$temp/all" || fail "each frame: $?"
wait "$worker" || fail "the worker failed: $?"
wait "$capture" || fail "capture failed: $?"
is "$temp/all" '.shown == 120 and .verified == 120 and .skipped == 0' "each frame"
# A machine that sleeps for long makes the viewer give up on some.
is "$temp/all" '.mismatched == 0 and .matched >= 60' "each frame"

# A worker that is not there costs some delay, and no frame.
zoe-capture --quiet -n "$pool" --lossless --wait-readers 1 --frames 60 test:320x240@30 &
capture=$!
"${watch[@]}" --lossless --exit-at-end --match nobody --match-frames 4 "$pool" >"$temp/nobody" || fail "nobody: $?"
wait "$capture" || fail "capture failed: $?"
is "$temp/nobody" '.shown == 60 and .matched == 0 and .unmatched == 60 and .skipped == 0' "nobody"

# A group of three, each too slow for the stream, is one worker.
zoe-capture --quiet -n "$pool" --lossless --wait-readers 4 --frames 90 test:320x240@20 &
capture=$!
for i in 1 2 3; do
	poster --lossless --group both --label team --delay 100ms "$pool" &
	workers[i]=$!
done
"${watch[@]}" --lossless --exit-at-end --match team --match-frames 20 "$pool" >"$temp/group" || fail "a group: $?"
wait "${workers[@]}" || fail "a member of the group failed: $?"
wait "$capture" || fail "capture failed: $?"
is "$temp/group" '.shown == 90 and .mismatched == 0 and .matched >= 45' "a group"

# From here on a live stream.
zoe-capture --quiet --json -n "$pool" test:320x240@30 >"$temp/capture" &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"

# A worker that takes what is newest, and skips the rest
poster --delay 80ms "$pool" &
worker=$!
"${watch[@]}" --frames 90 --match poster "$pool" >"$temp/slow" || fail "a slow worker: $?"
is "$temp/slow" '.mismatched == 0 and .matched >= 4 and .unmatched >= 20' "a slow worker"
zoe-display --json --verify --frames 30 --match poster --match-frames 2 "$pool" >"$temp/late" 2>"$temp/said" ||
	fail "too slow a worker: $?"
grep -q "results of poster came too late.*--match-frames 2" "$temp/said" || fail "too late: $(cat "$temp/said")"
is "$temp/late" '.mismatched == 0 and .late > 0' "too slow a worker"
kill "$worker"
wait "$worker" || fail "the slow worker failed: $?"

# Deaths in the middle of posting, beside a worker that does as it should
poster --depth 8 "$pool" &
worker=$!
zoe-events "$pool" >"$temp/events" &
events=$!
"${watch[@]}" --frames 200 --match poster "$pool" >"$temp/beside" &
beside=$!
"${watch[@]}" --frames 200 --match victim "$pool" >"$temp/with" &
with=$!
stopped=()
until_true served 3 '.posted > 0 or .hold == 8'
for i in 1 2 3; do
	for fate in kill stop exit; do
		poster --label victim --fate "$fate" "$pool" &
		victim=$!
		if [ "$fate" = stop ]; then
			until_true grep -q '^State:	T' "/proc/$victim/status"
			stopped+=("$victim")
		else
			wait "$victim"
			[ $? -eq $([ "$fate" = kill ] && echo 137 || echo 0) ] || fail "a victim met another fate than $fate"
		fi
	done
done
wait "$beside" || fail "the viewer beside the dying: $?"
wait "$with" || fail "the viewer of the dying: $?"
is "$temp/beside" '.mismatched == 0 and .torn == 0 and .shown == 200 and .matched >= 40' "beside the dying"
is "$temp/with" '.mismatched == 0 and .torn == 0 and .shown == 200' "with the dying"
before=$(zoe-top --json "$pool" | jq .published)
after() { [ "$(zoe-top --json "$pool" | jq .published)" -gt $((before + 10)) ]; }
until_true after
kill "$events" "$worker"
wait "$events" || fail "zoe-events beside the dying: $?"
wait "$worker" || fail "the worker beside the dying: $?"
kill -KILL "${stopped[@]}"
kill "$capture"
wait "$capture" || fail "capture failed: $?"
# What was printed of the victims is whole results.
jq -es 'map(select(.worker == "victim")) | length > 0 and
	all((.marks | length) == 512 and .data == {} and .number > 0)' "$temp/events" >/dev/null ||
	fail "no result, or half of one, of those who died posting"
jq -es 'map(select(.worker == "poster")) | length >= 40' "$temp/events" >/dev/null ||
	fail "zoe-events was held up"
finish
