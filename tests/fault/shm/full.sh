#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# full.sh PROGRAM: run it in a small /dev/shm, in a mount namespace of its own.
set -euo pipefail

if [ -z "${ZOE_IN_NAMESPACE:-}" ]; then
	unshare --mount true 2>/dev/null || {
		echo "SKIPPED: no mount namespace may be made here" >&2
		exit 77
	}
	ZOE_IN_NAMESPACE=1 exec unshare --mount -- "$BASH" "$0" "$@"
fi
mount -t tmpfs -o size=4m,nr_inodes=32 tmpfs /dev/shm 2>/dev/null || {
	echo "SKIPPED: no tmpfs may be mounted here" >&2
	exit 77
}
status=0
timeout --kill-after=5 100 "$1" || status=$?
[ "$status" -ne 135 ] || echo "BAD: SIGBUS" >&2
left=$(ls -A /dev/shm)
[ -z "$left" ] || {
	echo "BAD: left in shared memory: $left" >&2
	exit 1
}
exit "$status"
