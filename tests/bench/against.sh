#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Is the frame path slower than it was at another commit? Both are built alike, and their
# bench-latency runs alternate; medians, and the ratio of each pair's median.
set -euo pipefail

usage() {
	echo "Usage: tests/bench/against.sh [--runs N] COMMIT [BENCH-LATENCY OPTION...]"
	echo "Compare this tree with COMMIT in N interleaved runs (7) of bench-latency."
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

# build TREE: its bench-latency, in $temp/TREE.build
build() {
	cmake -S "$1" -B "$1.build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DZOE_PROGRAMS=OFF -DZOE_SAMPLES=OFF \
		-DZOE_MAN=OFF >"$temp/log" 2>&1 && ninja -C "$1.build" bench-latency >"$temp/log" 2>&1 ||
		{ cat "$temp/log" >&2 && exit 1; }
}

mkdir "$temp/old"
git -C "$root" archive "$commit" | tar -x -C "$temp/old"
ln -s "$root" "$temp/new"
build "$temp/old"
build "$temp/new"

bench() { "$temp/$1.build/tests/bench/bench-latency" "${@:2}" >"$temp/line"; }
p50() { sed -n "s/.*\"$1\":{\"p50\":\([0-9.]*\).*/\1/p" "$temp/line"; }
median() { sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'; }

for ((i = 0; i < runs; i++)); do
	order=(old new)
	! ((i % 2)) || order=(new old)
	for tree in "${order[@]}"; do
		bench "$tree" "$@"
		for what in latency_us publish_us; do
			p50 $what >>"$temp/$tree.$what"
		done
	done
done
for what in latency_us publish_us; do
	printf '%-10s p50 old=%s new=%s ratio=%s (median of %s pairs)\n' $what "$(median <"$temp/old.$what")" \
		"$(median <"$temp/new.$what")" \
		"$(paste "$temp/new.$what" "$temp/old.$what" | awk '{ print $1 / $2 }' | median)" "$runs"
done
