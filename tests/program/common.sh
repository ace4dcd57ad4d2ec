# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# For the tests of whole programs to source. The folders of the programs come in PATH
# (CMake puts them there); a test that cannot run here calls skip.

set -u
pool=t$$x
temp=$(mktemp -d)
failures=0

cleanup() {
	local jobs
	jobs=$(jobs -p)
	# shellcheck disable=SC2086
	[ -z "$jobs" ] || kill -KILL $jobs 2>/dev/null
	wait 2>/dev/null
	rm -rf "$temp" /dev/shm/zoe."$pool" /dev/shm/zoe."$pool".seats
}
trap cleanup EXIT

fail() {
	printf 'FAIL: %s\n' "$*" >&2
	failures=$((failures + 1))
}

skip() {
	printf 'SKIPPED: %s\n' "$*" >&2
	exit 77
}

finish() {
	local left
	left=$(find /dev/shm -maxdepth 1 -name "zoe.$pool*")
	[ -z "$left" ] || fail "left in shared memory: $left"
	if [ "$failures" -gt 0 ]; then
		printf '%s failed\n' "$failures" >&2
		exit 1
	fi
	exit 0
}

# refuses CODE PATTERN COMMAND...: it exits with CODE and says one line, which matches and begins with its name.
refuses() {
	local code=$1 pattern=$2 status=0 lines
	shift 2
	timeout 60 "$@" >"$temp/out" 2>"$temp/err" </dev/null || status=$?
	lines=$(wc -l <"$temp/err")
	[ "$status" -eq "$code" ] || fail "exit $status instead of $code: $* ($(head -c 300 "$temp/err"))"
	[ "$lines" -eq 1 ] || fail "$lines lines instead of one: $* ($(head -c 600 "$temp/err"))"
	grep -Eq "^$1: error: .*($pattern)" "$temp/err" || fail "no '$pattern' in: $(head -c 300 "$temp/err") ($*)"
}

# A member of the last line of JSON in a file.
member() {
	tail -n 1 "$1" | jq -r "$2"
}

# served N [FILTER]: the name is a living capture's, and N readers (for whom FILTER holds) had frames of it.
served() {
	# jq 1.6 is content when there is nothing to read at all: hence the array.
	zoe-top --list --json "$pool" | jq -es "map(select(.stale | not).readers[] |
		select(.received > 0 and (${2:-true}))) | length >= $1"
}

# Wait until a command succeeds, for a minute or more: a deadline is for what never comes, not for what comes late.
until_true() {
	local i
	for ((i = 0; i < 1200; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	fail "never: $*"
	return 1
}

# set_matrix FILE A B C D: show a QuickTime or MP4 file's picture at x' = A x + C y, y' = B x + D y.
set_matrix() {
	local file=$1 at rows number
	shift
	# In the track's header, behind its version, times, number, length and place.
	at=$(($(grep -abo tkhd "$file" | head -n 1 | cut -d: -f 1) + 44))
	rows=("$1" "$2" 0 "$3" "$4" 0)
	for number in "${rows[@]}"; do
		# shellcheck disable=SC2059
		printf "$(printf '\\x%02x' $((number >> 8 & 255)) $((number & 255)) 0 0)"
	done | dd of="$file" bs=1 seek="$at" conv=notrunc status=none
}

# A virtual X server for the windows of this test, and how to find the one that shows the pool.
start_display() {
	exec 3>"$temp/display-number"
	# Without -noreset the server starts anew when its last client leaves, and turns away who is just coming.
	Xvfb -displayfd 3 -noreset -screen 0 1280x1024x24 -nolisten tcp >/dev/null 2>&1 &
	until_true test -s "$temp/display-number" || exit 1
	DISPLAY=:$(cat "$temp/display-number")
	export DISPLAY SDL_VIDEODRIVER=x11 XDG_RUNTIME_DIR="$temp"
}
window() { xdotool search --onlyvisible --name "$pool" 2>/dev/null | grep -m 1 .; }
