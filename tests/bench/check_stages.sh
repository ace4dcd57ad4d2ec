#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-bench stages: its rows and forms, and that nothing is left. Never its times. That each way of decoding has
# the threads that its name says is made sure by zoe-bench itself.
. "$(dirname "$0")/common.sh"

command -v ffmpeg >/dev/null || skip "ffmpeg is not installed"
export SDL_VIDEODRIVER=dummy

bench stages --runs 2 --seconds 0.5 --fps 30 --size 320x240 --threads 3 --json
holds '.bench == "stages" and .about.width == 320 and .about.fps == 30 and (.about.display | test("^dummy"))' \
	'[.rows[].name] == ["1 thread", "3 slice threads", "3 frame threads"]' \
	'.about.frames as $n | all(.rows[]; .shown.median == $n and .shown.runs == 2)' \
	'.notes | length == 2'
for stage in read_to_decoded decoded_to_published published_to_acquired acquired_to_presented; do
	holds "all(.rows[]; .${stage}_p50_ms.min >= 0 and .${stage}_p99_ms.max >= .${stage}_p50_ms.min and
		.${stage}_p50_ms.max <= .read_to_presented_p50_ms.max and
		.${stage}_p99_ms.max <= .read_to_presented_p99_ms.max)"
done

complains 2 'one of them' stages --json --csv
complains 2 'from 2 to 16' stages --threads 1
complains 2 'from 0.1' stages --seconds 0.01

# Told to stop in the middle, it takes the programs with it.
env --default-signal=INT zoe-bench stages >"$temp/out" 2>"$temp/err" &
bench=$!
until_true test -e "/dev/shm/zoe.bench-$bench"
children=$(pgrep -P $bench)
[ "$(wc -w <<<"$children")" -ge 2 ] || fail "children: $children"
kill -INT $bench
wait $bench && fail "stopped, and exit 0"
! grep error "$temp/err" || fail "stopped, it is an error"
gone $bench stages
for child in $children; do
	until_true test ! -e "/proc/$child"
done
finish
