#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Compare the frame path with what it was at another commit. Both are built alike, and their
# benches alternate; medians, and the ratio of each pair's median. Commits before zoe-bench have
# bench-latency, which measured the same two things, with quantiles up to 3 % higher.
set -euo pipefail

usage() {
	echo "Usage: tests/bench/against.sh [--runs N] COMMIT [OPTION...]"
	echo "Compare this tree with COMMIT in N interleaved runs (7) of zoe-bench latency, which"
	echo "gets the options. latency_us is from published_ns to 'a reader holds it', publish_us the cost of"
	echo "begin and publish. A COMMIT before zoe-bench knows --readers, --frames, --fps, --mailbox and --cond."
	echo "Example: tests/bench/against.sh HEAD~1 --readers 4 --cond pthread"
}

root=$(cd "$(dirname "$0")/../.." && pwd)
runs=7
while [ $# -gt 0 ]; do
	case $1 in
	--runs) runs=${2:?} && shift ;;
	-h | --help) usage && exit 0 ;;
	-*) usage >&2 && exit 2 ;;
	*) break ;;
	esac
	shift
done
[ $# -gt 0 ] || { usage >&2 && exit 2; }
commit=$1
shift

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

# The bench that a tree has.
program() { [ -f "$temp/$1/tests/bench/main.c" ] && echo zoe-bench || echo bench-latency; }

# build TREE: its bench, in $temp/TREE.build
build() {
	cmake -S "$temp/$1" -B "$temp/$1.build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DZOE_PROGRAMS=OFF -DZOE_SAMPLES=OFF \
		-DZOE_MAN=OFF >"$temp/log" 2>&1 && ninja -C "$temp/$1.build" "$(program "$1")" >"$temp/log" 2>&1 ||
		{ cat "$temp/log" >&2 && exit 1; }
}

mkdir "$temp/old"
git -C "$root" archive "$commit" | tar -x -C "$temp/old"
ln -s "$root" "$temp/new"
build old
build new

# bench TREE OPTION...: the two p50s, in µs.
bench() {
	local program
	program=$temp/$1.build/tests/bench/$(program "$1")
	case $program in
	*zoe-bench)
		"$program" latency --json --no-floors --runs 1 --frames 2000 "${@:2}" 2>"$temp/log" >"$temp/line" ||
			{ cat "$temp/log" >&2 && exit 1; }
		jq -r '.rows[0] | "latency_us \(.age_p50_us.median)", "publish_us \(.publish_p50_us.median)"' "$temp/line"
		;;
	*)
		"$program" "${@:2}" >"$temp/line"
		jq -r '"latency_us \(.latency_us.p50)", "publish_us \(.publish_us.p50)"' "$temp/line"
		;;
	esac
}
median() { sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'; }

for ((i = 0; i < runs; i++)); do
	order=(old new)
	! ((i % 2)) || order=(new old)
	for tree in "${order[@]}"; do
		bench "$tree" "$@" >"$temp/figures"
		while read -r what figure; do
			echo "$figure" >>"$temp/$tree.$what"
		done <"$temp/figures"
	done
done
for what in latency_us publish_us; do
	printf '%-10s p50 old=%s new=%s ratio=%s (median of %s pairs)\n' $what "$(median <"$temp/old.$what")" \
		"$(median <"$temp/new.$what")" \
		"$(paste "$temp/new.$what" "$temp/old.$what" | awk '{ print $1 / $2 }' | median)" "$runs"
done
