#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-bench latency --hgrm and --plot: a percentile distribution as HdrHistogram's plotter reads it, and a picture of it.
. "$(dirname "$0")/common.sh"

bench latency --size 64x64 --readers 2 --fps 50 --frames 40 --runs 2 --hgrm
head -n 1 "$temp/out" | grep -Eq '^ +Value +Percentile +TotalCount 1/\(1-Percentile\)$' || fail "no heading: $(head -n 1 "$temp/out")"
# The count of all runs together stands in the last line of figures and below; values and counts only grow.
awk '
	/^#/ || NF == 0 || NR == 1 { next }
	NF != 4 && NF != 3 { print "not a line: " $0; exit 1 }
	done { print "more after the last: " $0; exit 1 }
	$1 <= value || $3 <= count || $2 <= percentile { print "it does not grow: " $0; exit 1 }
	{ value = $1; percentile = $2; count = $3 }
	NF == 4 && ($4 - 1 / (1 - $2)) ^ 2 > 0.0001 * $4 ^ 2 { print "not 1/(1-p): " $0; exit 1 }
	NF == 3 { done = 1 }
	END { if (!done || percentile != 1 || count > 160 || count <= 80) { print "the end: " count; exit 1 } }
' "$temp/out" || fail "the distribution is wrong"
total=$(sed -n 's/^#\[Max .*Total count *= *\([0-9]*\)\]$/\1/p' "$temp/out")
[ "$total" = "$(awk '!/^#/ && NF == 3 && NR > 1 { print $3 }' "$temp/out")" ] || fail "total count: $total"

# Where there is no gnuplot it is said before anything is measured.
mkdir "$temp/bin"
ln -s "$(command -v zoe-bench)" "$temp/bin"
PATH_BEFORE=$PATH
PATH=$temp/bin
hash -r
zoe-bench latency --plot "$temp/latency.png" >"$temp/out" 2>"$temp/err"
status=$?
PATH=$PATH_BEFORE
hash -r
[ $status -eq 1 ] || fail "exit $status without gnuplot"
[ "$(wc -l <"$temp/err")" -eq 1 ] || fail "not one line without gnuplot: $(cat "$temp/err")"
grep -q 'gnuplot is not installed' "$temp/err" || fail "without gnuplot: $(cat "$temp/err")"

command -v gnuplot >/dev/null || skip "gnuplot is not installed; the rest was tried"
bench latency --size 64x64 --frames 60 --runs 1 --stopped --plot "$temp/it's.png"
[ "$(head -c 8 "$temp/it's.png" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] || fail "no PNG"
grep -q '^floor: futex' "$temp/out" || fail "no table beside the plot"
status=0
zoe-bench latency --size 64x64 --frames 20 --runs 1 --plot "$temp/nowhere/a.png" >"$temp/out" 2>"$temp/err" || status=$?
[ $status -eq 1 ] || fail "exit $status where nothing can be written"
grep -q "^zoe-bench: error: .*nowhere/a.png" "$temp/err" || fail "where nothing can be written: $(cat "$temp/err")"
[ "$(wc -l <"$temp/err")" -eq 1 ] || fail "it measured first: $(cat "$temp/err")"

finish
