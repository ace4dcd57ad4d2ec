# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# For the tests in this folder to source: a pool's name, a folder and the processes of the
# test, all of which go away with it; the first failure ends it.

set -euo pipefail
pool=media$$
temp=$(mktemp -d)
pids=()

cleanup() {
	[ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[@]}" 2>/dev/null || true
	wait 2>/dev/null
	rm -rf "$temp" "/dev/shm/zoe.$pool" "/dev/shm/zoe.$pool.seats"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	exit 1
}

# The first process that was started is to end, or ended already.
end_first() {
	kill -TERM "${pids[0]}" 2>/dev/null || true
	wait "${pids[0]}" || true
	pids=("${pids[@]:1}")
}
