# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# For tests to source, after common.sh: what Prometheus would say of a text in its format.

# exposition FILE N: it is one, with N histograms that have something in them.
exposition() {
	local file=$1
	[ ! -x "$(command -v promtool)" ] || promtool check metrics <"$file" >"$temp/lint" 2>&1 || fail "promtool: $(cat "$temp/lint")"
	awk -v wanted="$2" '
		function wrong(what) { print "line " NR ": " what ": " $0; bad = 1 }
		/^# HELP / { help[$3]++; next }
		/^# TYPE / { if ($3 in type) wrong("twice"); type[current = $3] = $4; if (help[$3] != 1) wrong("no HELP"); next }
		!/^zoetrope_[a-z_]+\{([a-z_]+="([^"\\]|\\.)*",?)+\} [0-9.e+-]+$/ { wrong("no sample"); next }
		{
			name = substr($0, 1, index($0, "{") - 1); family = name; series = substr($0, 1, length($0) - length($NF) - 1)
			if (seen[series]++) wrong("twice")
			sub(/_(bucket|sum|count)$/, "", family)
			if (!(family in type)) wrong("no TYPE")
			if (family != current) wrong("not with its TYPE")
			if (type[family] == "counter" && name !~ /_total$/) wrong("no _total")
			if (type[family] != "histogram") next
			labels = substr($0, index($0, "{")); sub(/,?le="[^"]*"\} .*/, "", labels); sub(/\} .*/, "", labels)
			if (name ~ /_bucket$/) {
				if ($NF + 0 < last[family labels] + 0) wrong("not cumulative")
				last[family labels] = $NF; steps[family labels]++
			} else if (name ~ /_count$/ && $NF + 0 != last[family labels] + 0)
				wrong("+Inf is not the count")
			else if (name ~ /_count$/ && steps[family labels] != 23)
				wrong("not 23 buckets")
			if (name ~ /_count$/ && $NF + 0 > 0) histograms++
		}
		END { if (histograms != wanted) { print histograms " histograms"; bad = 1 } exit bad }
	' "$file" >"$temp/wrong" || fail "$file: $(cat "$temp/wrong")"
}
