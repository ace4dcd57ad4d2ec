#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Readers return each frame, once, when they have looked at it for the last time; a writer that does not answer is asked
# now and then, and is no error. Usage: strict.sh LIBRARY
. "$(dirname "$0")/common.sh"
library=$1
export SDL_VIDEODRIVER=dummy

# strictly STATUS COMMAND...
strictly() {
	local expected=$1 status=0
	shift
	LD_PRELOAD=$library timeout 60 "$@" >"$temp/out" 2>"$temp/err" || status=$?
	[ "$status" -eq "$expected" ] || fail "exit $status instead of $expected: $* ($(head -c 500 "$temp/err"))"
}

zoe-capture --quiet -n "$pool" test:320x240@100 &
capture=$!
until_true zoe-top --json "$pool"
poster --label there --delay 15ms "$pool" &
strictly 0 zoe-display --frames 30 "$pool"
strictly 0 zoe-display --frames 30 --verify "$pool"
strictly 0 zoe-display --frames 30 --verify --match there "$pool"
strictly 0 zoe-display --frames 10 --match nobody --match-frames 4 "$pool"
strictly 0 zoe-motion --frames 30 "$pool"
strictly 0 timeout --preserve-status -s INT 1 zoe-brightness "$pool"
[ "$(wc -l <"$temp/out")" -gt 10 ] || fail "zoe-brightness looked at too little"
ZOE_STRICT_TIMEOUTS=3 strictly 0 zoe-display --frames 30 --verify "$pool"
ZOE_STRICT_SILENT=$temp/asked strictly 0 zoe-display --seconds 2.5 "$pool"
asked=$(wc -c <"$temp/asked")
[ "$asked" -ge 1 ] && [ "$asked" -le 4 ] || fail "a silent writer was asked $asked times in 2.5 s"
kill %2
kill "$capture"
wait "$capture" || fail "zoe-capture: $?"

# On the way out of an error, too: no test picture, and no picture that can be shown.
zoe-capture --quiet -n "$pool" --pix-fmt gray test:320x240@100 &
capture=$!
until_true zoe-top --json "$pool"
strictly 1 zoe-display --frames 30 --verify "$pool"
strictly 1 zoe-display --frames 30 --verify --match nobody "$pool"
ZOE_STRICT_NONSENSE=1 strictly 1 zoe-display --frames 30 "$pool"
grep -q "pixel format nonsense" "$temp/err" || fail "a format that is none: $(cat "$temp/err")"
kill "$capture"
wait "$capture" || fail "zoe-capture: $?"

# Of a pool that ends: every frame, and two held at once
zoe-capture --quiet --lossless --fast --wait-readers 2 --frames 40 -n "$pool" test:320x240@100 &
capture=$!
LD_PRELOAD=$library zoe-framemd5 --hold-check --hold 3 "$pool" >"$temp/md5" 2>"$temp/md5.err" &
md5=$!
strictly 0 zoe-display --exit-at-end --lossless --verify "$pool"
wait "$md5" || fail "zoe-framemd5: $? ($(cat "$temp/md5.err"))"
[ "$(grep -vc '^#' "$temp/md5")" -eq 40 ] || fail "zoe-framemd5 saw $(grep -vc '^#' "$temp/md5") of 40"
wait "$capture" || fail "zoe-capture: $?"
finish
