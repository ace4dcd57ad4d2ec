#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Everything: install what is missing, check the style, build, test. What CI runs, and what a developer
# runs before a commit. One argument or none: a preset (release, asan, tsan, clang) alone.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
# shellcheck source=common/packages.sh
. common/packages.sh

case ${1:-} in
-h | --help)
	echo "Usage: tests/run.sh [PRESET...]"
	echo "Install what is missing (Debian), build and test with each preset:"
	echo "  release  all tests, as installed"
	echo "  asan     all tests under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer"
	echo "  tsan     the stress programs under ThreadSanitizer"
	echo "  clang    the build alone, for its warnings"
	echo "Without PRESET: all four."
	exit 0
	;;
esac
presets=("$@")
[ $# -gt 0 ] || presets=(release asan tsan clang)

need "${ZOE_BUILD_PACKAGES[@]}" "${ZOE_TEST_PACKAGES[@]}"

say() {
	printf '\n== %s (%s)\n' "$1" "$(date +%H:%M:%S)"
}

objects() { find /dev/shm -maxdepth 1 -name 'zoe.*' 2>/dev/null | sort; }
before=$(objects)

say "Checking the style"
.ci/style

for preset in "${presets[@]}"; do
	options=(-DBUILD_TESTING=ON)
	case $preset in
	# These two build what they are for, and no more.
	tsan) options+=(-DZOE_PROGRAMS=OFF -DZOE_SAMPLES=OFF -DZOE_MAN=OFF) ;;
	clang) options+=(-DBUILD_TESTING=OFF) ;;
	release | asan) ;;
	*)
		echo "run.sh: error: there is no preset '$preset'; see run.sh --help" >&2
		exit 2
		;;
	esac
	say "Building $preset"
	cmake --preset "$preset" "${options[@]}" >/dev/null
	cmake --build --preset "$preset" | tail -n 3
	[ "$preset" != clang ] || continue
	say "Testing $preset"
	# Many tests wait for something most of the time.
	ctest --preset "$preset" -j $((2 * $(nproc)))
done

leftovers=$(comm -13 <(printf '%s\n' "$before") <(objects))
# Tests look for what they themselves leave; a seeded bug or a killed soak may leave more.
[ -z "$leftovers" ] || printf 'run.sh: left behind in shared memory (zoe-top --clean removes it):\n%s\n' "$leftovers" >&2
say "All is well"
