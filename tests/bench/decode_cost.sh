#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What does decoding into a pool cost, compared with ffmpeg throwing the frames away?
# CPU seconds (user + system) of interleaved runs, medians and their ratio.
set -euo pipefail

usage() {
	echo "Usage: tests/bench/decode_cost.sh [--runs N] [--threads N] [--build DIR] [CLIP]"
	echo "Compare zoe-capture --fast, without a reader, with ffmpeg -f null -, in N interleaved runs (15)."
	echo "Without CLIP a 1080p H.264 clip is made. Prints medians and the ratio of each pair's median."
}

root=$(cd "$(dirname "$0")/../.." && pwd)
build=$root/.build/release
runs=15
threads=1
clip=
while [ $# -gt 0 ]; do
	case $1 in
	--runs) runs=$2; shift ;;
	--threads) threads=$2; shift ;;
	--build) build=$2; shift ;;
	-h | --help) usage; exit 0 ;;
	-*) usage >&2; exit 2 ;;
	*) clip=$1 ;;
	esac
	shift
done

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
if [ -z "$clip" ]; then
	clip=$temp/clip.mp4
	ffmpeg -nostdin -v error -f lavfi -i "testsrc2=s=1920x1080:r=30,noise=alls=8:allf=t" -t 10 -c:v libx264 \
		-preset medium -refs 4 -b:v 6M "$clip"
fi

# The CPU time of a command, in seconds.
cost() {
	local TIMEFORMAT='%U %S' said
	said=$({ time "$@" >"$temp/out" 2>"$temp/err"; } 2>&1) || { cat "$temp/err" >&2; exit 1; }
	awk '{ print $1 + $2 }' <<<"$said"
}

ours() { cost "$build/capture/zoe-capture" --quiet --fast --threads "$threads" -n "bench-$$" "$clip"; }
theirs() { cost ffmpeg -nostdin -v error -threads "$threads" -i "$clip" -an -f null -; }
median() { sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'; }

ours >/dev/null
theirs >/dev/null
for ((i = 0; i < runs; i++)); do
	if ((i % 2)); then
		a=$(ours); b=$(theirs)
	else
		b=$(theirs); a=$(ours)
	fi
	echo "$a" >>"$temp/ours"
	echo "$b" >>"$temp/theirs"
	awk -v a="$a" -v b="$b" 'BEGIN { print a / b }' >>"$temp/ratios"
done
printf 'threads=%s runs=%s zoe_capture_cpu_s=%s ffmpeg_cpu_s=%s ratio=%s\n' "$threads" "$runs" \
	"$(median <"$temp/ours")" "$(median <"$temp/theirs")" "$(median <"$temp/ratios")"
