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

# end PID: have a bpftrace print what it counted, and end. 0.17 forgets a SIGINT that comes before
# it has begun to wait, and is ended by a second one while it prints: so another, but only later.
end() {
	local i
	for ((i = 0; i < 100; i++)); do
		[ $((i % 20)) -ne 0 ] || kill -INT "$1" 2>/dev/null
		sleep 0.1
		kill -0 "$1" 2>/dev/null || return 0
	done
	fail "bpftrace does not end"
}

zoe-capture --quiet -n "$pool" test:320x240@30 &
capture=$!
zoe-motion "$pool" >/dev/null 2>&1 &
motion=$!
until_true served 1

# All the README's lines at once.
declare -A tracers
for probe in $probes; do
	probe=${probe%:*}
	command=$(grep "^bpftrace .*:zoetrope:$probe " "$readme")
	[ -n "$command" ] || { fail "the README has no line for $probe"; continue; }
	LIB=$library bash -c "exec $command" >"$temp/$probe" 2>&1 &
	tracers[$probe]=$!
done
for probe in "${!tracers[@]}"; do
	until_true grep Attaching "$temp/$probe"
done
sleep 1

# A reader who comes, stops, so that frames are dropped, and dies.
zoe-brightness "$pool" >/dev/null 2>&1 &
slow=$!
until_true served 2
sleep 0.5
kill -STOP "$slow"
sleep 1
kill -KILL "$slow"
wait "$slow" 2>/dev/null
sleep 1

for probe in "${!tracers[@]}"; do
	end "${tracers[$probe]}"
	grep -Eq "@.*\[?$pool.*\]: |$pool: seat [0-9]+ of pid $slow is free" "$temp/$probe" ||
		fail "the line for $probe printed: $(tail -n 3 "$temp/$probe")"
done
kill -INT "$motion" "$capture"
wait "$motion" "$capture"
finish
