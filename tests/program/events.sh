#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-events: what was posted comes out, as JSON, filtered as asked; it waits, follows, ends.
. "$(dirname "$0")/common.sh"

# holds FILE FILTER: true when the filter is true of all its lines, as an array.
holds() { jq -es "$2" "$1" >/dev/null || fail "not $2: $(head -c 600 "$1")"; }

refuses 2 "--worker" zoe-events --worker ""
refuses 2 "--count" zoe-events --count 0
refuses 2 "a/b" zoe-events a/b
refuses 1 "$pool.*zoe-capture" zoe-events --no-wait "$pool"
zoe-events --help | grep -q jq || fail "no example in --help"
zoe-events --seconds 0.1 "$pool" || fail "waiting for a pool in vain, for a time: $?"

# It may come first. The text of one worker is JSON, that of the other is none, nor UTF-8.
zoe-events --count 40 "$pool" >"$temp/all" &
events=$!
zoe-events --worker b --count 10 "$pool" >"$temp/b" &
only_b=$!
zoe-capture --quiet -n "$pool" --wait-readers 2 test:320x240@30 &
capture=$!
poster --label a --depth 8 --json '{"big": 9007199254740993, "list": [1.5, "x"]}' "$pool" &
a=$!
poster --label b --depth 8 --json $'no \xff {' "$pool" &
b=$!
wait "$events" || fail "zoe-events: $?"
wait "$only_b" || fail "zoe-events --worker: $?"
holds "$temp/all" 'length == 40 and all(.event == "result" and .pool == "'"$pool"'" and (.epoch | test("^[0-9a-f]{16}$")))'
holds "$temp/all" 'map(.worker) | unique == ["a", "b"]'
holds "$temp/all" 'all(.marks | length == 1) and all(.marks[0] | .kind == "box" and .x == 0.125 and .y == 0.5 and
	.width == 0.5 and .height == 0.25)'
# The picture's number; the first is 0, which says nothing.
holds "$temp/all" 'map(select(.seq > 1)) | length > 30 and all(.marks[0] | .id > 0 and .score == 0.93 and
	.label == "frame \(.id)")'
holds "$temp/all" 'map(select(.worker == "a")) | all(.data.list == [1.5, "x"] and (has("text") | not)) and
	(map(.number) | . == sort and length == (unique | length))'
grep -q '"data":{"big":9007199254740993,' "$temp/all" || fail "a large number lost digits"
holds "$temp/b" 'length == 10 and all(.worker == "b" and .text == "no \ufffd {" and (has("data") | not))'
holds "$temp/all" 'all(.posted_wall_ns / 1e9 | . > (now - 60) and . < (now + 60))'

# Only marks of a label, only results that have one
zoe-events --seconds 0.5 --label "frame 0" "$pool" >"$temp/label" || fail "zoe-events --label: $?"
[ ! -s "$temp/label" ] || fail "a label that nobody posts any more: $(cat "$temp/label")"
# One that comes soon, unless both workers are late for it.
one_of_these() {
	local i labels=()
	begin=$(zoe-top --json "$pool" | jq .published)
	for ((i = begin + 15; i < begin + 75; i++)); do
		labels+=(--label "frame $i")
	done
	zoe-events --seconds 5 --count 1 --label nothing "${labels[@]}" "$pool" >"$temp/label"
	[ -s "$temp/label" ]
}
until_true one_of_these
holds "$temp/label" 'length == 1 and (.[0].marks | length == 1 and
	(.[0].label[6:] | tonumber | . >= '"$begin"' + 15 and . < '"$begin"' + 75))'

# Who reads has had enough; it is asked to end
zoe-events "$pool" | head -n 2 >"$temp/head"
[ "${PIPESTATUS[0]}" -eq 0 ] || fail "zoe-events into head"
holds "$temp/head" 'length == 2'
zoe-events "$pool" >"$temp/interrupted" &
events=$!
until_true test -s "$temp/interrupted"
kill -INT "$events"
wait "$events" || fail "SIGINT did not end it cleanly: $?"
timeout 60 zoe-events "$pool" >/dev/full 2>"$temp/err"
[ $? -eq 1 ] && grep -q "^zoe-events: error: .*stdout" "$temp/err" || fail "a full disk: $(cat "$temp/err")"

# It follows to the next life of the pool; the last line of a life may tell its end.
zoe-events --worker c "$pool" >"$temp/followed" &
events=$!
zoe-events --exit-at-end "$pool" >"$temp/ended" &
ended=$!
until_true test -s "$temp/ended"
kill "$capture"
wait "$capture" || fail "capture failed: $?"
wait "$ended" || fail "--exit-at-end after an end: $?"
kill "$a" "$b" 2>/dev/null
wait "$a" "$b" 2>/dev/null
zoe-capture --quiet -n "$pool" test:640x480@30 &
capture=$!
poster --label c "$pool" &
c=$!
until_true test -s "$temp/followed"
kill "$events"
wait "$events" || fail "SIGTERM did not end it cleanly: $?"
zoe-events --exit-at-end "$pool" >"$temp/died" 2>"$temp/err" &
ended=$!
until_true test -s "$temp/died"
kill -KILL "$capture"
wait "$ended" 2>/dev/null
[ $? -eq 1 ] && grep -q "zoe-events: error: .*died" "$temp/err" || fail "--exit-at-end after a death: $(cat "$temp/err")"
kill "$c" 2>/dev/null
wait "$c" 2>/dev/null
zoe-top --clean "$pool" >/dev/null || fail "nothing to clean"
finish
