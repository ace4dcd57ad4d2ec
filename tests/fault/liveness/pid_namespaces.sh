#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Writer and reader in two PID namespaces, each of them PID 1, as in two containers: with
# pthread objects in shared memory attach refuses and names the way out, which is the
# atomic mailbox; with that one frames flow whole, and a death is noticed.
. "$(dirname "$0")/../../program/common.sh"

unshare --pid --fork --mount-proc true 2>/dev/null || skip "no PID namespace may be made here"
mailboxes=(mutex atomic)
[ $# -eq 0 ] || mailboxes=("$@")
export SDL_VIDEODRIVER=dummy

contained=(unshare --pid --fork --kill-child --mount-proc --)
# The process inside a namespace, as seen from here: the only child of unshare.
inside() { cat "/proc/$1/task/$1/children"; }

begin() {
	"${contained[@]}" zoe-capture --quiet --mailbox "$1" -n "$pool" test:640x480@60 &
	outer=$!
	until_true test -e "/dev/shm/zoe.$pool.seats"
}

for mailbox in "${mailboxes[@]}"; do
	begin "$mailbox"
	case $mailbox in
	mutex)
		status=0
		timeout 20 "${contained[@]}" zoe-display --no-wait --quiet --frames 5 "$pool" >"$temp/out" 2>"$temp/err" || status=$?
		[ $status -eq 1 ] || fail "exit $status instead of 1: $(cat "$temp/err")"
		[ "$(wc -l <"$temp/err")" -eq 1 ] || fail "not one line: $(cat "$temp/err")"
		grep -q 'PID namespace' "$temp/err" || fail "no word of PID namespaces: $(cat "$temp/err")"
		grep -q -e '--mailbox atomic' "$temp/err" || fail "no way out is named: $(cat "$temp/err")"
		printf 'mutex: %s\n' "$(cat "$temp/err")"
		kill -TERM "$(inside "$outer")"
		wait "$outer" || fail "capture failed: $?"
		;;
	atomic)
		timeout 20 "${contained[@]}" zoe-display --verify --quiet --json --frames 120 "$pool" >"$temp/shown" || fail "zoe-display failed: $?"
		printf 'atomic: %s\n' "$(cat "$temp/shown")"
		[ "$(member "$temp/shown" .verified)" -ge 30 ] || fail "$(cat "$temp/shown")"
		[ "$(member "$temp/shown" '.torn + .changed + .repeated')" -eq 0 ] || fail "$(cat "$temp/shown")"
		# Killed, it is known to be dead on the other side, and its pool is replaced.
		"${contained[@]}" gaps "$pool" 600 >"$temp/gaps" &
		client=$!
		until_true served 1 '.label == "gaps"'
		kill -KILL "$(inside "$outer")"
		wait "$outer" 2>/dev/null
		begin "$mailbox"
		until_true served 1 '.label == "gaps"'
		kill -TERM "$(inside "$client")"
		wait "$client" || fail "the client failed: $?"
		printf 'atomic, killed and restarted: %s\n' "$(cat "$temp/gaps")"
		grep -q 'torn=0 epochs=2 gone=1 ' "$temp/gaps" || fail "$(cat "$temp/gaps")"
		kill -TERM "$(inside "$outer")"
		wait "$outer" || fail "capture failed: $?"
		;;
	*) fail "there is no mailbox '$mailbox'" ;;
	esac
done
finish
