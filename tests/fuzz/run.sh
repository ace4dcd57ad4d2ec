#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Arbitrary bytes where others read: the fuzz targets, built with clang's libFuzzer and the
# library's own sources, each fed with its small corpus first and then for a while with
# whatever libFuzzer makes of it. Fails on a crash, a sanitizer's report, a hang, a broken
# promise, or something left behind.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
seconds=20 build='' coverage='' adopt=''

usage() {
	echo "Usage: tests/fuzz/run.sh [--seconds N] [--build DIR] [--coverage] [--adopt] [TARGET...]"
	echo "Targets:"
	echo "  attach    a reader attaches to a pool of arbitrary bytes, and uses what it got"
	echo "  observer  an observer and a list of pools look at one"
	echo "  results   somebody reads results on boards of arbitrary bytes, and a reader posts there"
	echo "  seat      the writer looks after a seat of arbitrary bytes"
	echo "Options:"
	echo "  --seconds N  for each target (20); 0 replays the corpus only"
	echo "  --build DIR  build there and keep it, with what was found in DIR/found"
	echo "  --coverage   then show which lines of the library the inputs reached (llvm-cov)"
	echo "  --adopt      then make tests/fuzz/corpus anew from what reaches most; what has a name stays"
	echo "Without TARGET: all of them."
}

targets=()
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) usage && exit 0 ;;
	--seconds | --build)
		[ $# -gt 1 ] || { echo "run.sh: error: $1 needs an argument" >&2 && exit 2; }
		[ "$1" = --seconds ] && seconds=$2 || build=$2
		shift
		;;
	--coverage) coverage=1 ;;
	--adopt) adopt=1 ;;
	attach | observer | results | seat) targets+=("$1") ;;
	*) echo "run.sh: error: there is no '$1'; see run.sh --help" >&2 && exit 2 ;;
	esac
	shift
done
[ ${#targets[@]} -gt 0 ] || targets=(attach observer results seat)

# A seat's own name in /dev/shm, so that only what is ours is removed.
export ZOE_FUZZ_NAME=-run$$
scratch=$(mktemp -d)
trap 'rm -rf "$scratch" /dev/shm/zoe.fuzz$ZOE_FUZZ_NAME-*' EXIT
[ -n "$build" ] || build=$scratch/build
mkdir -p "$build/found"

# shellcheck disable=SC2054
sanitizers=(-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all)
clang=$(command -v clang-14 || command -v clang || true)
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n); int LLVMFuzzerTestOneInput(const char *d,
	unsigned long n) { return d && n > 9999; }' >"$scratch/try.c"
if [ -z "$clang" ] || ! "$clang" "${sanitizers[@]}" "$scratch/try.c" -o "$scratch/try" 2>/dev/null; then
	echo "SKIPPED: no clang with libFuzzer (Debian: clang libclang-rt-14-dev)"
	exit 77
fi

flags=(-std=gnu11 -D_GNU_SOURCE -O1 -g -fno-omit-frame-pointer -Wall -Wextra -Wshadow -Wconversion
	-Wstrict-prototypes -Wmissing-prototypes -Wundef -Werror "-I$root/common" "-I$root/common/include"
	"-I$root/tests")
[ -z "$coverage" ] || flags+=(-fprofile-instr-generate -fcoverage-mapping)

# The library once, and with the targets' time in place of the machine's.
mkdir -p "$build/objects"
printf '%s\n' "$root"/common/pool/*/*.c | xargs -P "$(nproc)" -I '{}' bash -c 'source=$1 && shift &&
	exec "$@" -c "$source" -o "$0/$(basename "$source" .c).o"' "$build/objects" '{}' \
	"$clang" "${flags[@]}" "${sanitizers[@]/fuzzer,/fuzzer-no-link,}" -include "$here/fuzz_time.h"
for target in "${targets[@]}"; do
	sources=("$here/${target}_fuzz.c" "$here/fuzz_time.c" "$root/tests/support/frame.c")
	[ "$target" = seat ] || sources+=("$here/image.c")
	"$clang" "${flags[@]}" "${sanitizers[@]}" "${sources[@]}" "$build"/objects/*.o -pthread -o "$build/$target-fuzz"
done

# Little comes and goes in each execution: a large quarantine only costs time.
export ASAN_OPTIONS=quarantine_size_mb=8:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 LLVM_PROFILE_FILE=/dev/null
settings=(-timeout=60 -max_len=300 -print_final_stats=1)
[ "$seconds" -gt 0 ] && settings+=("-max_total_time=$seconds") || settings+=(-runs=0)

field() {
	sed -n "s/^stat::$1: *//p" "$2"
}

# one TARGET: its corpus first, then what comes of it. Prints a line, and the report if something was found.
one() {
	local target=$1 log=$scratch/$1.log findings=0 new=$build/corpus/$1 corpus=$here/corpus/$1
	mkdir -p "$new"
	LLVM_PROFILE_FILE=$scratch/$target.profraw "$build/$target-fuzz" "${settings[@]}" \
		-artifact_prefix="$build/found/$target-" "$new" "$corpus" >"$log" 2>&1 || findings=1
	# With the input itself, in base 64.
	[ $findings -eq 0 ] || tail -n 60 "$log"
	printf '%-8s  corpus=%s  executions=%s  per_second=%s  edges=%s  findings=%s\n' "$target" \
		"$(find "$corpus" -type f | wc -l)" "$(field number_of_executed_units "$log")" \
		"$(field average_exec_per_sec "$log")" "$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | tr -dc 0-9)" $findings
	if [ -n "$adopt" ] && [ $findings -eq 0 ]; then
		mkdir "$scratch/$target"
		"$build/$target-fuzz" -set_cover_merge=1 -use_counters=0 "$scratch/$target" "$corpus" "$new" >"$log" 2>&1
		find "$corpus" -type f -regex '.*/[0-9a-f]*' -delete
		mv "$scratch/$target"/* "$corpus"
	fi
	return $findings
}

# As many at once as there are processors.
bad=0 pids=()
for target in "${targets[@]}"; do
	if [ "${#pids[@]}" -ge "$(nproc)" ]; then
		wait "${pids[0]}" || bad=1
		pids=("${pids[@]:1}")
	fi
	one "$target" &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid" || bad=1
done
if [ -n "$coverage" ]; then
	llvm-profdata-14 merge -o "$scratch/all" "$scratch"/*.profraw
	# shellcheck disable=SC2046
	(cd "$build" && llvm-cov-14 report "${targets[0]}-fuzz" $(printf -- "-object=%s-fuzz " "${targets[@]}") \
		-instr-profile "$scratch/all" "$root/common/pool")
fi
exit $bad
