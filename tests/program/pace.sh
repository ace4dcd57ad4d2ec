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
finish
