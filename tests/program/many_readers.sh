#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Many readers of one pool at once: no torn frame, and the memory of one pool.
. "$(dirname "$0")/common.sh"

readers=16 seconds=10 input=test:1920x1080@60
while [ $# -gt 0 ]; do
	case $1 in
	--readers) readers=$2; shift ;;
	--seconds) seconds=$2; shift ;;
	--input) input=$2; shift ;;
	*) echo "Usage: many_readers.sh [--readers N] [--seconds N] [--input INPUT]" >&2; exit 2 ;;
	esac
	shift
done
export SDL_VIDEODRIVER=dummy

# What the pool takes: its two objects' blocks, and the share of it in every process's memory.
blocks() { stat -c %b "/dev/shm/zoe.$pool" "/dev/shm/zoe.$pool.seats" | awk '{ n += $1 * 512 } END { print n }'; }
mapped() {
	local pid
	for pid in "$@"; do
		cat "/proc/$pid/smaps" 2>/dev/null
	done | awk '/^[0-9a-f]+-/ { ours = /\/dev\/shm\// }
		/^Pss:/ && ours { n += $2 * 1024 } END { print n + 0 }'
}

zoe-capture --quiet --json -n "$pool" "$input" >"$temp/capture" &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
pids=()
for ((i = 0; i < readers; i++)); do
	zoe-display --quiet --verify --json "$pool" >"$temp/reader.$i" &
	pids+=($!)
done
# All at once, and for some time: this is not about how fast they start.
until_true served "$readers"
sleep "$seconds"
allocated=$(blocks)
shared=$(mapped "$capture" "${pids[@]}")
kill -TERM "${pids[@]}"
for pid in "${pids[@]}"; do
	wait "$pid" || fail "a reader failed: $?"
done
kill "$capture"
wait "$capture" || fail "capture failed: $?"

shown=0 torn=0
for ((i = 0; i < readers; i++)); do
	shown=$((shown + $(member "$temp/reader.$i" .shown)))
	torn=$((torn + $(member "$temp/reader.$i" .torn)))
	[ "$(member "$temp/reader.$i" .shown)" -gt 0 ] || fail "reader $i saw nothing"
done
pool_bytes=$(member "$temp/capture" .shm_bytes)
printf 'readers=%s shown=%s torn=%s published=%s slots=%s pool_bytes=%s allocated=%s proportional=%s\n' "$readers" "$shown" \
	"$torn" "$(member "$temp/capture" .published)" "$(member "$temp/capture" .slots)" "$pool_bytes" "$allocated" "$shared"
[ "$torn" -eq 0 ] || fail "$torn torn frames"
# The pool once: a second copy would be another 100 %.
[ "$allocated" -le $((pool_bytes + pool_bytes / 10)) ] || fail "$allocated bytes allocated for a pool of $pool_bytes"
[ "$shared" -le $((pool_bytes + pool_bytes / 10)) ] || fail "$shared bytes mapped in all for a pool of $pool_bytes"
[ "$shared" -ge $((pool_bytes / 4)) ] || fail "only $shared bytes mapped of a pool of $pool_bytes: what was measured?"
finish
