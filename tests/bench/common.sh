# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# For the tests of zoe-bench to source: ../program/common.sh, and how to run it.
. "$(dirname "${BASH_SOURCE[0]}")/../program/common.sh"

# bench OPTION...: run it to its end, into $temp/out and $temp/err; its pools must be gone.
bench() {
	local pid status=0
	zoe-bench "$@" >"$temp/out" 2>"$temp/err" </dev/null &
	pid=$!
	wait $pid || status=$?
	[ $status -eq 0 ] || fail "exit $status: zoe-bench $* ($(head -c 600 "$temp/err"))"
	gone "$pid" "$@"
}

# gone PID WHAT...: of that zoe-bench nothing is left in shared memory.
gone() {
	local left
	left=$(find /dev/shm -maxdepth 1 -name "zoe.bench-$1*")
	[ -z "$left" ] || fail "left in shared memory: $left (${*:2})"
}

# holds FILTER...: the JSON that was printed is one object for which each filter is true.
holds() {
	local filter
	[ "$(wc -l <"$temp/out")" -eq 1 ] || fail "not one line of JSON"
	for filter in "$@"; do
		jq -es "length == 1 and (.[0] | $filter)" "$temp/out" >/dev/null || fail "not so: $filter"
	done
}

# complains CODE PATTERN OPTION...: it exits with CODE and says one line, which matches.
complains() {
	local code=$1 pattern=$2 status=0
	shift 2
	timeout 20 zoe-bench "$@" >"$temp/out" 2>"$temp/err" </dev/null || status=$?
	[ "$status" -eq "$code" ] || fail "exit $status instead of $code: zoe-bench $*"
	[ "$(wc -l <"$temp/err")" -eq 1 ] || fail "not one line: zoe-bench $* ($(head -c 600 "$temp/err"))"
	grep -Eq "^zoe-bench[a-z ]*: error: .*($pattern)" "$temp/err" || fail "no '$pattern' in: $(head -c 300 "$temp/err")"
	[ ! -s "$temp/out" ] || fail "something on stdout: zoe-bench $*"
}
