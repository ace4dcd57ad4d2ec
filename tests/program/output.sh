#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Output that cannot be written, to a full disk or to nowhere, is one line and exit 1. Names and labels may be any
# bytes: no line is lost for one. What is not known is null.
. "$(dirname "$0")/common.sh"

# cannot_print NAME COMMAND...: neither to a full disk nor where standard output is closed.
cannot_print() {
	local name=$1 status
	shift
	status=0
	timeout 60 "$@" >/dev/full 2>"$temp/err" || status=$?
	[ "$status" -eq 1 ] || fail "exit $status instead of 1 on a full disk: $*"
	grep -Eq "^$name: error: cannot write to stdout: No space" "$temp/err" || fail "$*: $(head -c 300 "$temp/err")"
	[ "$(wc -l <"$temp/err")" -eq 1 ] || fail "more than a line: $*: $(head -c 600 "$temp/err")"
	status=0
	timeout 60 "$@" >&- 2>"$temp/err" || status=$?
	[ "$status" -eq 1 ] || fail "exit $status instead of 1 without standard output: $*"
	grep -Eq "^$name: error: cannot write to stdout: Bad file" "$temp/err" || fail "$*: $(head -c 300 "$temp/err")"
}

for program in zoe-capture zoe-display zoe-top zoe-events zoe-motion zoe-brightness zoe-framemd5 zoe-faces-or-people; do
	command -v "$program" >/dev/null || continue
	cannot_print "$program" "$program" --help
	cannot_print "$program" "$program" --version
done

zoe-capture --quiet --lossless -n "$pool" test:320x240@30 &
capture=$!
until_true zoe-top --json "$pool"
# Nobody has a seat, so that there are two slots: the rate of the last frames is not to be had from those.
zoe-top --json "$pool" >"$temp/json"
jq -es '.[0] | .interval_s == null and (.fps == null or .fps > 0)' "$temp/json" >/dev/null || fail "$(cat "$temp/json")"
for option in --list --json "--batch -n 1" "--prometheus -"; do
	# shellcheck disable=SC2086
	cannot_print zoe-top zoe-top $option "$pool"
done
cannot_print zoe-motion zoe-motion "$pool"
cannot_print zoe-brightness zoe-brightness "$pool"
command -v zoe-framemd5 >/dev/null && cannot_print zoe-framemd5 zoe-framemd5 "$pool"
SDL_VIDEODRIVER=dummy cannot_print zoe-display zoe-display --json --frames 2 "$pool"
SDL_VIDEODRIVER=dummy refuses 1 "screenshot \($temp/none.png/x.png\): No such" \
	zoe-display --quiet --frames 2 --screenshot "$temp/none.png/x.png" "$pool"
poster --label $'caf\xe9' "$pool" &
cannot_print zoe-events zoe-events "$pool"
zoe-events --count 1 "$pool" | jq -e '.worker == "caf\ufffd"' >/dev/null || fail "a label that is no UTF-8, in zoe-events"
zoe-top --json "$pool" | jq -es '.[0].readers | any(.label == "caf\ufffd")' >/dev/null || fail "… in zoe-top"
kill %2
wait %2
kill "$capture"
wait "$capture" || fail "capture: $?"

# A pool of nobody's: what is removed, and that nothing is, is said.
zoe-capture --quiet -n "$pool" test:64x64@30 &
until_true zoe-top --json "$pool"
kill -KILL $!
wait $! 2>/dev/null
zoe-top --clean --json "$pool" >/dev/full 2>"$temp/err"
[ $? -eq 1 ] && grep -q "^zoe-top: error: cannot write to stdout" "$temp/err" || fail "--clean: $(cat "$temp/err")"

# Capture: the first line decides whether it begins; where it is closed others may look all the same, see bad_input.sh.
zoe-capture --quiet --json -n "$pool" test:64x64@30 >/dev/full 2>"$temp/err"
[ $? -eq 1 ] && [ "$(cat "$temp/err")" = "zoe-capture: error: cannot write to stdout: No space left on device" ] ||
	fail "capture on a full disk: $(cat "$temp/err")"
cannot_print zoe-capture zoe-capture --quiet --json --fast --frames 20 -n "$pool" test:64x64@30
zoe-capture --quiet --json --fast --frames 30 -n "$pool" test:64x64@30 2>"$temp/err" | head -n 1 >/dev/null
[ "${PIPESTATUS[0]}" -eq 0 ] && [ ! -s "$temp/err" ] || fail "capture into head: $(cat "$temp/err")"
clip=$temp/caf$'\xe9'.avi
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=64x64:r=25 -frames:v 5 -c:v mpeg4 "$temp/x.avi" && mv "$temp/x.avi" "$clip"
zoe-capture --quiet --json --fast -n "$pool" "$clip" >"$temp/json" || fail "a name that is no UTF-8: $?"
jq -es 'map(.event) == ["start", "epoch", "end"] and (.[0].input | endswith("/caf\ufffd.avi")) and .[2].error == null' \
	"$temp/json" >/dev/null || fail "a name that is no UTF-8: $(cat "$temp/json")"
zoe-capture --quiet --json --fast -n "$pool" "$clip.none" >"$temp/json" 2>/dev/null
jq -es '.[-1] | .event == "end" and (.error | contains("caf\ufffd.avi.none"))' "$temp/json" >/dev/null ||
	fail "an error text that is no UTF-8: $(cat "$temp/json")"
finish
