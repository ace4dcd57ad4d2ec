#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Every probe is in the library, with its arguments; and where bpftrace can run, each line of
# the README that uses one prints what it promises.
. "$(dirname "$0")/common.sh"

library=$1
readme=$2
# The probes, and how many arguments each has.
probes="publish:3 grant:3 wake:2 drop:3 acquire:4 release:4 reap:3"

[ -e /usr/include/sys/sdt.h ] || ls /usr/include/*/sys/sdt.h >/dev/null 2>&1 || skip "systemtap-sdt-dev is not installed"
readelf -n "$library" >"$temp/notes"
for probe in $probes; do
	found=$(awk -v name="${probe%:*}" '$1 == "Name:" { here = $2 == name } here && $1 == "Arguments:" { print NF - 1 }' \
		"$temp/notes" | sort -u)
	[ "$found" = "${probe#*:}" ] || fail "probe ${probe%:*}: expected ${probe#*:} arguments, found '$found'"
done

bpftrace -e 'BEGIN { exit(); }' >"$temp/begin" 2>&1 || {
	[ "$failures" -gt 0 ] || echo "The lines of the README were not tried: bpftrace is not installed, or may not run here"
	finish
}

# line PROBE: what the README's line for it prints in three seconds, while readers come and go
line() {
	local command
	command=$(grep "^bpftrace .*:zoetrope:$1 " "$readme")
	[ -n "$command" ] || { fail "the README has no line for $1"; return; }
	LIB=$library timeout -s INT 4 bash -c "$command" >"$temp/$1" 2>&1 || true
}

zoe-capture --quiet -n "$pool" test:320x240@30 &
sleep 0.5
zoe-motion "$pool" >/dev/null 2>&1 &
for probe in $probes; do
	# Somebody who never keeps up, so that frames are dropped, and then dies.
	zoe-brightness "$pool" >/dev/null 2>&1 &
	slow=$!
	(sleep 2 && kill -STOP "$slow" && sleep 1 && kill -KILL "$slow") 2>/dev/null &
	line "${probe%:*}"
	grep -Eq "@.*\[?$pool.*\]: |$pool: seat [0-9]+ of pid $slow is free" "$temp/${probe%:*}" ||
		fail "the line for ${probe%:*} printed: $(tail -n 3 "$temp/${probe%:*}")"
	wait "$slow" 2>/dev/null
done
kill -INT %1
wait %1
finish
