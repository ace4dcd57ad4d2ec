#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Who may write to a pool's objects can destroy them. Capture begins a new epoch then and its readers go on with it; no
# program dies of SIGBUS. What is left to members is here, too: each time all lose a few frames.
. "$(dirname "$0")/common.sh"

# The address sanitizer leaves SIGBUS to the program.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}handle_sigbus=0
export SDL_VIDEODRIVER=dummy
reel=/dev/shm/zoe.$pool seats=/dev/shm/zoe.$pool.seats

epoch() { zoe-top --json "$pool" | jq -re .epoch; }
# True when there is another epoch than $before, with its readers.
passed_on() { [ "$(epoch)" != "$before" ] && served 2; }

for mailbox in atomic mutex; do
	zoe-capture --mailbox "$mailbox" -n "$pool" test:320x240@50 2>"$temp/capture" &
	capture=$!
	until_true test -e "$seats"
	zoe-display --verify --json "$pool" >"$temp/shown" 2>"$temp/display" &
	display=$!
	zoe-motion --quiet "$pool" 2>"$temp/motion" &
	motion=$!
	until_true served 2
	for damage in "truncate -s 0" "dd if=/dev/zero bs=64 count=1 conv=notrunc status=none of="; do
		before=$(epoch)
		# shellcheck disable=SC2086
		case $damage in dd*) $damage"$seats" ;; *) $damage "$seats" ;; esac
		until_true passed_on || break
	done
	[ "$(grep -c "goes on in a new epoch" "$temp/capture")" -eq 2 ] || fail "$mailbox: $(cat "$temp/capture")"
	kill "$display" "$motion"
	wait "$display" || fail "$mailbox: zoe-display: exit $? ($(cat "$temp/display"))"
	wait "$motion" || fail "$mailbox: zoe-motion: exit $? ($(cat "$temp/motion"))"
	[ "$(member "$temp/shown" '.torn == 0 and .shown > 2')" = true ] || fail "$mailbox: $(cat "$temp/shown")"
	kill "$capture"
	wait "$capture" || fail "$mailbox: zoe-capture: exit $?"
done

# Its owner can cut the pixels, too. Capture goes on; a reader follows, or says in one line that the pool is damaged.
zoe-capture --quiet -n "$pool" test:320x240@50 &
capture=$!
until_true test -e "$seats"
zoe-display --quiet "$pool" 2>"$temp/display" &
display=$!
until_true served 1
before=$(epoch)
another_epoch() { [ "$(epoch)" != "$before" ]; }
truncate -s 4096 "$reel"
until_true another_epoch
kill "$display" 2>/dev/null
wait "$display"
case $? in
0) ;;
1) grep -Eq "^zoe-display: error: .*$pool.* (damaged|cut short)" "$temp/display" || fail "display: $(cat "$temp/display")" ;;
*) fail "zoe-display after the reel was cut: exit $?" ;;
esac
kill "$capture"
wait "$capture" || fail "zoe-capture after the reel was cut: exit $?"
finish
