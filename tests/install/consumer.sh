#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Installs a build into a folder of its own and uses it from outside, as a packager and a user's program would.
# Usage: consumer.sh BUILD_DIR
set -euo pipefail

build=${1:?usage: consumer.sh BUILD_DIR}
root=$(cd "$(dirname "$0")/../.." && pwd)
samples=$root/samples
opencv=/usr/include/opencv4
pool=consumer-$$
temp=$(mktemp -d)
writer=

cleanup() {
	[ -z "$writer" ] || kill -KILL "$writer" 2>/dev/null || true
	rm -rf "$temp" "/dev/shm/zoe.$pool" "/dev/shm/zoe.$pool.seats"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
	printf 'consumer.sh: error: %s\n' "$1" >&2
	exit 1
}

quietly() {
	"$@" >"$temp/log" 2>&1 || {
		cat "$temp/log" >&2
		fail "$* failed"
	}
}

if grep -q '^ZOE_SANITIZE:[A-Z]*=.' "$build/CMakeCache.txt"; then
	echo "skipped: an instrumented library is not for plain programs"
	exit 77
fi

prefix=$temp/prefix
quietly cmake --install "$build" --prefix "$prefix"
package=$(find "$prefix" -name zoetrope.pc)
[ -n "$package" ] || fail "zoetrope.pc is not installed"
library=$(dirname "$(dirname "$package")")/libzoetrope.so
export LD_LIBRARY_PATH=${library%/*}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# Its names and its SONAME are abi.sh's.
check_library() {
	! readelf -d "$library" | grep NEEDED | grep -Ev 'libc\.so|ld-linux' || fail "libzoetrope.so needs more than libc"
}

# Every header alone, strictly, in both languages, and in the C of 1989, too; those of C++ as C++ alone.
check_headers() {
	local header name
	for header in "$prefix"/include/zoetrope/*.h; do
		name="#include <zoetrope/${header##*/}>"
		quietly cc -std=c11 -Wall -Wextra -Wpedantic -Werror -I "$prefix/include" -fsyntax-only -x c - <<<"$name"
		quietly cc -std=c89 -Wall -Wextra -Werror -I "$prefix/include" -fsyntax-only -x c - <<<"$name"
		quietly c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -I "$prefix/include" -fsyntax-only -x c++ - <<<"$name"
	done
	for header in "$prefix"/include/zoetrope/*.hpp; do
		[ "${header##*/}" != opencv.hpp ] || [ -e "$opencv/opencv2/imgproc.hpp" ] || continue
		name="#include <zoetrope/${header##*/}>"
		for standard in 17 20; do
			quietly c++ -std=c++$standard -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
				-I "$prefix/include" -isystem "$opencv" -fsyntax-only -x c++ - <<<"$name"
		done
	done
}

check_programs() {
	local program
	for program in zoe-capture zoe-display zoe-top zoe-events zoe-brightness zoe-motion zoe-framemd5 zoe-faces-or-people; do
		[ "$program" != zoe-faces-or-people ] || [ -e "$opencv/opencv2/objdetect.hpp" ] || continue
		quietly env -u LD_LIBRARY_PATH "$prefix/bin/$program" --version
		grep -q "^$program (zoetrope) [0-9]" "$temp/log" || fail "$program --version says: $(cat "$temp/log")"
	done
}

# Without LD_LIBRARY_PATH: the package finds the library that was installed with it.
check_python() {
	local found
	found=$(find "$prefix" -path '*-packages/zoetrope/__init__.py')
	[ -n "$found" ] || fail "the Python package is not installed"
	[ -x "$prefix/bin/zoe-people" ] || fail "zoe-people is not installed"
	[ -x /usr/bin/python3 ] || return 0
	[ "$(PKG_CONFIG_PATH=${package%/*} pkg-config --variable=pythondir zoetrope)" -ef "${found%/zoetrope/*}" ] ||
		fail "zoetrope.pc does not say where the Python package is"
	# It finds the package without any help; OpenCV is not everywhere.
	if ! env -u LD_LIBRARY_PATH PYTHONDONTWRITEBYTECODE=1 "$prefix/bin/zoe-people" --version >"$temp/log" 2>&1; then
		grep -q "No module named 'cv2'" "$temp/log" || fail "zoe-people --version says: $(cat "$temp/log")"
	fi
	quietly env -u LD_LIBRARY_PATH PYTHONPATH="${found%/zoetrope/*}" PYTHONDONTWRITEBYTECODE=1 \
		/usr/bin/python3 -m zoetrope --version
}

build_with_cmake() {
	quietly cmake -G Ninja -S "$samples" -B "$temp/samples" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_COMPILE_WARNING_AS_ERROR=ON
	quietly cmake --build "$temp/samples"
}

build_with_pkg_config() {
	local flags
	read -ra flags < <(PKG_CONFIG_PATH=${package%/*} pkg-config --cflags --libs zoetrope)
	[[ "${flags[*]}" == *"$prefix"* ]] || fail "zoetrope.pc has another prefix: ${flags[*]}"
	quietly cc "$samples/minimal-reader.c" "${flags[@]}" -o "$temp/plain-reader"
	quietly c++ -std=c++17 "$samples/minimal-worker.cpp" "${flags[@]}" -o "$temp/plain-worker"
	# The README's, as it stands there, but of this pool.
	sed -n '/^```c$/,/^```$/{ /^```$/q; /^```/!p }' "$root/README.md" | sed "s/\"cam0\"/\"$pool\"/" >"$temp/readme.c"
	quietly cc -Wall -Wextra -Wpedantic -Werror "$temp/readme.c" "${flags[@]}" -o "$temp/readme-worker"
}

# $1: a reader, which says lines like $2. It must see frames of a writer, go on when that is stopped, and end well with
# the input of the next.
watch() {
	local reader=$1 line=$2
	: >"$temp/frames"
	"$temp/samples/minimal-writer" "$pool" &
	writer=$!
	timeout 60 "$reader" "$pool" >"$temp/frames" &
	local watching=$!
	for ((tries = 0; tries < 100; tries++)); do
		[ "$(wc -l <"$temp/frames")" -lt 5 ] || break
		sleep 0.1
	done
	kill -TERM "$writer"
	wait "$writer" || fail "minimal-writer ended with $?"
	writer=
	timeout 60 "$prefix/bin/zoe-capture" --quiet --wait-readers 1 --frames 5 -n "$pool" test:320x240@25 ||
		fail "zoe-capture ended with $?"
	wait "$watching" || fail "${reader##*/} ended with $?"
	[ "$(grep -cE "$line" "$temp/frames")" -ge 5 ] || fail "${reader##*/} saw too little: $(cat "$temp/frames")"
	[ ! -e "/dev/shm/zoe.$pool" ] || fail "minimal-writer left its pool in /dev/shm"
}

check_library
check_headers
check_programs
check_python
build_with_cmake
build_with_pkg_config
for reader in "$temp/samples/minimal-reader" "$temp/plain-reader"; do
	watch "$reader" '^[0-9]+ 320x240 gray pts [0-9]+ skipped [0-9]+ mean [0-9.]+$'
done
for worker in "$temp/samples/minimal-worker" "$temp/plain-worker"; do
	watch "$worker" '^[0-9]+ gray top [0-9]+$'
done
watch "$temp/readme-worker" '^[0-9]+ [0-9]+x[0-9]+ [a-z0-9]+$'
echo "installed, found by CMake and pkg-config, and used: all well"
