#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Whose a pool is: another user's is entered only where that user is named, and cannot hurt who only looks.
. "$(dirname "$0")/common.sh"

[ "$(id -u)" -eq 0 ] || skip "only root can become another user"
command -v setpriv >/dev/null || skip "setpriv is not installed"
# Two users that nobody is.
joe=64001 ann=64002
as_joe=(setpriv --reuid "$joe" --regid "$joe" --clear-groups)
"${as_joe[@]}" "$(command -v zoe-top)" --version >/dev/null 2>&1 || skip "another user cannot reach the programs here"
export SDL_VIDEODRIVER=dummy
reel=/dev/shm/zoe.$pool seats=/dev/shm/zoe.$pool.seats

# as_ann CODE PATTERN PROGRAM...: refuses(), of another user's run.
as_ann() {
	printf '#!/bin/sh\nexec setpriv --reuid %s --regid %s --clear-groups %s "$@"\n' "$ann" "$ann" "$(command -v "$3")" >"$temp/$3"
	chmod 755 "$temp/$3"
	PATH=$temp:$PATH refuses "$@"
}

"${as_joe[@]}" zoe-capture --quiet -n "$pool" test:320x240@50 &
capture=$!
until_true test -e "$seats"

# Ann may not open it; where its owner lets everybody, neither Ann nor root comes in unasked.
as_ann 1 "pool '$pool' is user $joe's and may not be joined|pool '$pool' is user $joe's and may not be read" zoe-motion "$pool"
chmod 0644 "$reel"
chmod 0666 "$seats"
named="pool '$pool' is user $joe's: --owner $joe if"
for program in zoe-motion zoe-brightness zoe-framemd5; do
	as_ann 1 "$named" "$program" "$pool"
	refuses 1 "$named" "$program" --owner "$ann" "$pool"
done
refuses 1 "$named" zoe-display --no-wait "$pool"
refuses 1 "$named" zoe-events --no-wait "$pool"
refuses 2 "expected a user's name or number, or any" zoe-display --owner nobody-of-this-name "$pool"
refuses 1 "there is no user 'nobody-of-this-name'" zoe-motion --owner nobody-of-this-name "$pool"

# Who is named is trusted, and so is everybody where that is said.
for owner in "$joe" any '*'; do
	zoe-display --quiet --no-wait --frames 2 --owner "$owner" "$pool" || fail "zoe-display --owner $owner: exit $?"
done
setpriv --reuid "$ann" --regid "$ann" --clear-groups zoe-motion --quiet --frames 2 --owner "$joe" "$pool" || fail "zoe-motion --owner $joe: exit $?"
zoe-brightness --owner "$joe" "$pool" >"$temp/lines" &
until_true test -s "$temp/lines"
timeout 20 zoe-events --owner "$joe" --count 1 "$pool" | grep -q '"worker":"zoe-brightness"' || fail "zoe-events --owner: $?"
kill $!

# A name that is taken by another user: whose it is, and not a process number that need not be true.
as_ann 1 "pool '$pool' is being written, and is user $joe's|zoe.$pool exists, and is user $joe's" zoe-capture -q -n "$pool" test:
refuses 1 "pool '$pool' is being written, and is user $joe's" zoe-capture -q -n "$pool" test:
kill "$capture"
wait "$capture" || fail "capture failed: $?"
"${as_joe[@]}" touch "$seats"
as_ann 1 "zoe.$pool.seats exists, and is user $joe's" zoe-capture -q -n "$pool" test:
rm -f "$seats"

# Who is in a group with ann and gives the pool to that is trusted by her, unless she names another.
as_member=(setpriv --reuid "$ann" --regid "$ann" --groups 64010)
as_observer=(setpriv --reuid "$ann" --regid "$ann" --groups 64011)
setpriv --reuid "$joe" --regid "$joe" --groups 64010,64011 \
	zoe-capture --quiet --members 64010 --observers 64011 -n "$pool" test:320x240@50 &
capture=$!
until_true test -e "$seats"
"${as_member[@]}" zoe-motion --quiet --frames 2 "$pool" || fail "a member: exit $?"
"${as_observer[@]}" zoe-top --json "$pool" >/dev/null || fail "an observer: exit $?"
"${as_observer[@]}" zoe-display --quiet --no-wait --frames 1 "$pool" 2>"$temp/err" && fail "an observer has a seat"
grep -q "may not be joined" "$temp/err" || fail "an observer: $(cat "$temp/err")"
as_ann 1 "may not be (joined|read)" zoe-motion "$pool"
"${as_member[@]}" zoe-motion --quiet --frames 2 --owner "$ann" "$pool" 2>"$temp/err" && fail "--owner $ann: entered"
grep -q "$named" "$temp/err" || fail "--owner $ann: $(cat "$temp/err")"
kill "$capture"
wait "$capture" || fail "capture failed: $?"

# An access list may name any group: it says nothing of who its owner is in a group with.
"${as_joe[@]}" zoe-capture --quiet --members 64010 --observers 64011 -n "$pool" test:320x240@50 &
capture=$!
until_true test -e "$seats"
"${as_member[@]}" zoe-motion --quiet --frames 2 "$pool" 2>"$temp/err" && fail "a list alone: entered"
grep -q "$named" "$temp/err" || fail "a list alone: $(cat "$temp/err")"
"${as_member[@]}" zoe-motion --quiet --frames 2 --owner "$joe" "$pool" || fail "a list, and --owner $joe: exit $?"
# Nor do seats that are another's.
chmod 0644 "$reel"
chown 0:64010 "$seats"
"${as_member[@]}" zoe-motion --quiet --frames 2 "$pool" 2>"$temp/err" && fail "another's seats: entered"
grep -q "$named" "$temp/err" || fail "another's seats: $(cat "$temp/err")"
chown "$joe" "$seats"
kill "$capture"
wait "$capture" || fail "capture failed: $?"

# Reel and seats of two users are no pool, whoever is trusted.
zoe-capture --quiet -n "$pool" test:320x240@50 &
capture=$!
until_true test -e "$seats"
chown "$joe" "$seats"
refuses 1 "pool '$pool' is user root's and its seats are user $joe's" zoe-motion --owner any "$pool"
kill "$capture"
wait "$capture" || fail "capture failed: $?"

# What is cut short while it is looked at hurts nobody who looks.
"${as_joe[@]}" zoe-capture --quiet -n "$pool" test:320x240@50 &
capture=$!
until_true test -e "$seats"
kill -KILL "$capture"
wait "$capture" 2>/dev/null
flicker "$reel" &
flicker=$!
zoe-top --batch -d 0.02 -n 60 "$pool" >"$temp/tables" || fail "zoe-top died: exit $?"
grep -q "$joe" "$temp/tables" || fail "no owner in: $(head -n 5 "$temp/tables")"
kill "$flicker"
wait "$flicker" 2>/dev/null
rm -f "$reel" "$seats"
finish
