#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-bench decode: its rows and forms, what it says when something is wrong, and that nothing is left. Never
# its times.
. "$(dirname "$0")/common.sh"

command -v ffmpeg >/dev/null || skip "ffmpeg is not installed"
export TMPDIR=$temp/clips
mkdir "$TMPDIR"

bench decode --runs 2 --frames 12 --readers 2 --json
# Readers that miss a frame are an error, so these saw all 12.
holds '.bench == "decode" and .about.frames == 12 and .about.readers == 2 and .about.threads == 1' \
	'[.rows[].name] == ["zoe-capture", "ffmpeg -f null", "ffmpeg and one copy of each frame",
		"zoe-capture and readers that touch it all: 2", "ffmpeg -f null times 2"]' \
	'all(.rows[]; .cpu_s.runs == 2 and .cpu_s.median > 0 and .programs_cpu_s.median <= .cpu_s.median + 1e-6)' \
	'all(.rows[]; .over_ffmpeg_null.median > 0 and .us_per_frame > 0) and .rows[1].over_ffmpeg_null.median == 1' \
	'[.rows[] | .us_per_frame_and_reader != null] == [false, false, false, true, true]' \
	'[.rows[] | .readers_cpu_s != null] == [false, false, false, true, false]' \
	'.notes | length == 3'

ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x240:r=25 -frames:v 20 -c:v libx264 "$temp/clip.mp4" || exit 1
bench decode --runs 1 --threads 2 --readers 1 --csv "$temp/clip.mp4"
[ "$(wc -l <"$temp/out")" -eq 6 ] || fail "CSV: $(cat "$temp/out")"
bench decode --runs 1 --readers 1 "$temp/clip.mp4"
grep -q '^zoe-capture over ffmpeg -f null: ' "$temp/out" || fail "text: $(cat "$temp/out")"

complains 2 'at most 16' decode --readers 17
complains 2 'one of them' decode --json --csv
status=0
zoe-bench decode --runs 1 "$temp/no-such-file" >"$temp/out" 2>"$temp/err" || status=$?
[ $status -eq 1 ] && tail -n 1 "$temp/err" | grep -q '^zoe-bench: error: zoe-capture failed: .*no-such-file.* is the name right?$' ||
	fail "no file: exit $status, $(cat "$temp/err")"

# Told to stop in the middle
env --default-signal=INT zoe-bench decode --frames 30 >"$temp/out" 2>"$temp/err" &
bench=$!
until_true test -e "/dev/shm/zoe.bench-$bench"
kill -INT $bench
wait $bench && fail "stopped, and exit 0"
! grep error "$temp/err" || fail "stopped, it is an error"
gone $bench decode
[ -z "$(ls "$TMPDIR")" ] || fail "clips are left: $(ls "$TMPDIR")"

# Nothing to compare with
path=$PATH
PATH=$(dirname "$(command -v zoe-bench)")
zoe-bench decode >"$temp/out" 2>"$temp/err"
status=$?
PATH=$path
[ $status -eq 1 ] && grep -q '^zoe-bench: error: ffmpeg is not installed$' "$temp/err" ||
	fail "no ffmpeg: exit $status, $(cat "$temp/err")"
finish
