#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-framemd5 --hold-check sees that a writer paints over frames that are held; without it, and
# with an honest writer, it has nothing to say. It also fails, in words, where the pool
# is not lossless.
# Usage: hold_check.sh ZOE_CAPTURE ZOE_FRAMEMD5 LIAR
# shellcheck source=tests/media/common.sh
. "$(dirname "$0")/common.sh"

[ $# -eq 3 ] || { echo "usage: hold_check.sh ZOE_CAPTURE ZOE_FRAMEMD5 LIAR" >&2; exit 2; }
capture=$1
framemd5=$2
liar=$3

# expect STATUS WORDS OPTION…: run zoe-framemd5 on the pool of the writer that was just started.
expect() {
	local status=0
	timeout 60 "$framemd5" "${@:3}" "$pool" >"$temp/stdout" 2>"$temp/stderr" || status=$?
	[ "$status" -eq "$1" ] || fail "zoe-framemd5 ${*:3} ended with $status, not $1: $(cat "$temp/stderr")"
	[ -z "$2" ] || grep -q "$2" "$temp/stderr" || fail "'$2' is not in: $(cat "$temp/stderr")"
}

timeout 60 "$liar" "$pool" &
pids=($!)
expect 1 "frame [1-5] of pool ($pool): changed while it was held" --hold-check
end_first

timeout 60 "$liar" "$pool" &
pids=($!)
expect 0 '' --hold 2
[ "$(grep -c '^0, ' "$temp/stdout")" -eq 5 ] || fail "not every frame has its line: $(cat "$temp/stdout")"
end_first

timeout 60 "$capture" --quiet -n "$pool" test:64x64@25 &
pids=($!)
expect 1 'zoe-framemd5: error: .*lossless'
end_first
echo "a changed frame is seen, and only then"
