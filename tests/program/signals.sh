#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# However somebody ends a program that makes a pool, nothing is left of it; what is to be ignored is.
. "$(dirname "$0")/common.sh"

# A shell script ignores SIGINT and SIGQUIT for what it starts: here they are as in a terminal.
cat >"$temp/start" <<'END'
import os, signal, sys
for number in (signal.SIGINT, signal.SIGQUIT):
	signal.signal(number, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
END

# ends SIGNAL COMMAND...: a pool that it makes goes with it, and it ends as if it were asked to.
ends() {
	local signal=$1 status=0
	shift
	python3 "$temp/start" "$@" &
	until_true test -e "/dev/shm/zoe.$pool.seats"
	kill -s "$signal" $!
	wait $! || status=$?
	[ "$status" -eq 0 ] || fail "exit $status after SIG$signal: $*"
	[ -z "$(find /dev/shm -name "zoe.$pool*")" ] || fail "left after SIG$signal: $*"
	rm -f "/dev/shm/zoe.$pool"*
}
for signal in TERM HUP QUIT USR1 XCPU RTMIN; do
	ends "$signal" zoe-capture --quiet -n "$pool" test:320x240@50
done
for signal in INT HUP ALRM; do
	ends "$signal" minimal-writer "$pool"
done

# nohup: the end of the terminal's session is none of ours
nohup zoe-capture --quiet -n "$pool" test:320x240@50 >/dev/null 2>&1 &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
kill -HUP "$capture"
before=$(zoe-top --list --json "$pool" | jq .published)
more() { [ "$(zoe-top --list --json "$pool" | jq .published)" -gt "$((before + 5))" ]; }
until_true more
kill "$capture"
wait "$capture" || fail "exit $? after SIGTERM under nohup"
finish
