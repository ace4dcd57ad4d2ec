#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What is live and what is paced: what comes through a pipe at its own pace is shown when it comes.
. "$(dirname "$0")/common.sh"

cd "$temp" || exit 1
source=(-f lavfi -i testsrc2=s=320x240:r=60:d=3)
ffmpeg -nostdin -v error "${source[@]}" -c:v mjpeg clip.mjpeg || exit 1
ffmpeg -nostdin -v error "${source[@]}" -c:v mpeg2video -b:v 4M clip.ts || exit 1

# is_live BOOL OPTION...: what is said of standard input.
is_live() {
	timeout 30 zoe-capture -q --json -n "$pool" --frames 2 "${@:2}" - >json || fail "exit $? of ${*:2}"
	[ "$(head -n 1 json | jq .live)" = "$1" ] || fail "live is not $1: ${*:2}"
}

# Sixty pictures a second, taken for 25.
ffmpeg -nostdin -v quiet -re "${source[@]}" -c:v mjpeg -f mjpeg - | is_live true -f mjpeg
# Files, whose pictures would be over at once.
is_live false -f mjpeg <clip.mjpeg
is_live false -f mpegts <clip.ts
# shellcheck disable=SC2002
cat clip.ts | is_live false

# Where times may jump, a jump is not waited for; the last picture has its time.
source=(-f lavfi -i testsrc2=s=320x240:r=25 -frames:v 5 -c:v mpeg2video)
ffmpeg -nostdin -v error "${source[@]}" first.ts && ffmpeg -nostdin -v error "${source[@]}" -output_ts_offset 600 second.ts
cat first.ts second.ts >jump.ts
timeout 60 zoe-capture -q -n "$pool" jump.ts || fail "exit $? after a jump"
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x240:r=1 -frames:v 1 -c:v mpeg4 slide.mkv
zoe-capture -q --json -n "$pool" slide.mkv >json || fail "exit $? of a slide"
[ "$(member json '.elapsed_s >= 0.9')" = true ] || fail "a slide of a second: $(member json .elapsed_s) s"
finish
