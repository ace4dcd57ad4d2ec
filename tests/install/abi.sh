#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What programs rely on in the shared library: one version everywhere, the listed names, structs and functions
# as the last release had them, and programs and libraries of two releases that run with each other.
# Usage: abi.sh BUILD_DIR [--renew]
#   --renew  write abi/zoetrope.xml, for the commit that makes a release
set -euo pipefail

build=${1:?usage: abi.sh BUILD_DIR [--renew]}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
common=$root/common
headers=$common/include/zoetrope
dump=$here/abi/zoetrope.xml
pool=abi-$$
temp=$(mktemp -d)
trap 'rm -rf "$temp" "/dev/shm/zoe.$pool" "/dev/shm/zoe.$pool.seats"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
	printf 'abi.sh: error: %s\n' "$1" >&2
	exit 1
}

if grep -q '^ZOE_SANITIZE:[A-Z]*=.' "$build/CMakeCache.txt"; then
	echo "skipped: an instrumented library is not for plain programs"
	exit 77
fi

version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")
library=$build/common/libzoetrope.so.$version
[ -e "$library" ] || fail "there is no $library"
nodes=$(sed -n 's/^ZOETROPE_\([0-9.]*\) {$/\1/p' "$common/zoetrope.map")

# Only what a program sees: no internals, and no path of the machine that it was made on.
write_dump() {
	abidw --headers-dir "$headers" --drop-private-types --exported-interfaces-only --no-architecture --no-elf-needed \
		--no-corpus-path --no-comp-dir-path --no-show-locs --short-locs --no-parameter-names --type-id-style hash \
		"$library"
}

if [ "${2:-}" = --renew ]; then
	write_dump >"$temp/dump"
	cp "$temp/dump" "$dump"
	exit 0
fi

same() { # WHAT VALUE EXPECTED
	[ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"
}

define_of() {
	sed -n "s/^#define ZOE_VERSION_$1 //p" "$headers/pool.h"
}

check_versions() {
	local python=$common/python/zoetrope/_library.py soname
	soname=$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\].*/\1/p')
	same "pool.h's version" "$(define_of MAJOR).$(define_of MINOR).$(define_of PATCH)" "$version"
	same "zoetrope.pc's version" "$(sed -n 's/^Version: //p' "$build/common/zoetrope.pc")" "$version"
	same "the CMake package's version" \
		"$(sed -n 's/^set(PACKAGE_VERSION "\(.*\)")/\1/p' "$build/common/zoetrope-config-version.cmake")" "$version"
	same "the Python package's version" "$(sed -n 's/^VERSION = "\(.*\)"/\1/p' "$python")" "$version"
	same "the newest release in CHANGELOG.md" "$(sed -n 's/^## \([0-9.]*\),.*/\1/p' "$root/CHANGELOG.md" | head -n 1)" \
		"$version"
	same "the SONAME" "$soname" "libzoetrope.so.$(head -n 1 <<<"$nodes")"
	same "the Python package's SONAME" "$(sed -n 's/^SONAME = "\(.*\)"/\1/p' "$python")" "$soname"
	same "the order of the map's nodes" "$(sort -V <<<"$nodes")" "$nodes"
	same "the later of the map's last node and this release" \
		"$(printf '%s\n' "$(tail -n 1 <<<"$nodes")" "${version%.*}" | sort -V | tail -n 1)" "${version%.*}"
}

check_names() {
	sed -n 's/^ZOE_API [^(]*\b\(zoe_[a-z0-9_]*\)(.*/\1/p' "$headers"/*.h | sort >"$temp/declared"
	awk '/^ZOETROPE_/ { node = $1 } /^\tzoe_[a-z0-9_]+;$/ { sub(";", ""); print $1 "@@" node }' "$common/zoetrope.map" |
		sort >"$temp/mapped"
	nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | sort >"$temp/exported"
	diff "$temp/mapped" "$temp/exported" || fail "zoetrope.map (<) and the library's names (>) differ"
	sed 's/@@.*//' "$temp/mapped" | diff "$temp/declared" - || fail "the headers' names (<) and zoetrope.map's (>) differ"
	[ -s "$temp/declared" ] || fail "no name was found"
}

# A copy of the library's source in $temp/NAME, where the caller changes something.
copy_source() {
	mkdir "$temp/$1"
	cp -r "$common/include" "$common/pool" "$common/zoetrope.map" "$temp/$1"
}

# The library of that copy, with debug information.
build_library() {
	local folder=$temp/$1 sources soname=libzoetrope.so.${nodes%%$'\n'*}
	mapfile -t sources < <(find "$folder/pool" -name '*.c')
	cc -std=gnu11 -D_GNU_SOURCE -g -fPIC -shared -fvisibility=hidden -pthread -I "$folder" -I "$folder/include" \
		-Wl,--version-script="$folder/zoetrope.map" -Wl,-soname="$soname" "${sources[@]}" -o "$folder/$soname"
	ln -s "$soname" "$folder/libzoetrope.so"
}

# Edit a file of a copy by sed, or say that there is nothing to edit any more.
change() { # FILE EXPRESSION
	sed -E "$2" "$temp/$1" >"$temp/changed"
	! cmp -s "$temp/changed" "$temp/$1" || fail "nothing in $1 is changed by $2"
	cp "$temp/changed" "$temp/$1"
}

# The next release, with an option more; and two that break programs.
make_libraries() {
	local refuse='if (options.newest) return zi_fail(EDOM, "newest is %d", (int)options.newest);'
	copy_source this
	copy_source next
	change next/include/zoetrope/pool.h 's/(VERSION_PATCH) .*/\1 99/'
	change next/include/zoetrope/reader.h 's/uint8_t reserved\[.*/& uint64_t newest;/'
	change next/pool/reader/reader.c 's/offsetof\(struct zoe_reader_options, reserved\)/sizeof(options)/'
	change next/pool/reader/reader.c "s/reader->spins = /$refuse &/"
	copy_source broken
	change broken/include/zoetrope/reader.h 's/uint64_t skipped;/uint32_t skipped;/'
	copy_source lost
	change lost/zoetrope.map '/zoe_now_ns;/d'
	change lost/include/zoetrope/pool.h 's/^ZOE_API (int64_t zoe_now_ns)/\1/'
	for name in this next broken lost; do
		build_library $name
	done
}

# $1: whose headers, $2: whose library, $3: what NEWEST asks for, $4: its exit status, $5: what it says.
run_program() {
	local status=0 said program=$temp/program-$1-$3 ask=()
	[ "$3" = nothing ] || ask=("-DNEWEST=$3")
	cc -std=c11 -Wall -Wextra -Werror "${ask[@]}" -I "$temp/$1/include" "$here/options.c" -L "$temp/$1" -lzoetrope -pthread \
		-o "$program"
	said=$(LD_LIBRARY_PATH=$temp/$2 timeout 60 "$program" "$pool") || status=$?
	[ "$status" = "$4" ] && [[ $said == *$5* ]] ||
		fail "a program of '$1' that asks for $3, with the library '$2', ends with $status and says: $said"
}

check_programs() {
	local newer=${version%.*}.99
	run_program this this nothing 0 "$version frame 1 held 1 reserved 0 0"
	run_program this next nothing 0 "$newer frame 1 held 1 reserved 0 0"
	run_program next this 0 0 "$version frame 1 held 1 reserved 0 0"
	run_program next this 5 1 "zoe_reader_options of * bytes sets byte *, and libzoetrope $version knows the first *:"
	run_program next next 5 1 "newest is 5"
}

# Whatever differs is to be looked at once, also a member more: a suppression for these would hide what
# else changes in the same struct. A new name alone is no difference.
compare() {
	abidiff --no-architecture --no-added-syms "$dump" "$1"
}

check_dump() {
	local status=0
	command -v abidiff >/dev/null || {
		echo "skipped in part: abidiff is missing (Debian's abigail-tools), so nothing was compared with the last release"
		skipped=77
		return
	}
	! grep -nE "='/|comp-dir-path" "$dump" || fail "zoetrope.xml has paths of a machine"
	compare "$temp/this/libzoetrope.so" >"$temp/compared" || {
		cat "$temp/compared" >&2
		fail "the library's names or structs are not those of the last release. If a program of that release
runs all the same (zoetrope.h says which structs may grow), renew the dump: abi.sh BUILD_DIR --renew.
If not, give zoetrope.map a single node of this release, which is a new SONAME"
	}
	for name in next broken lost; do
		status=0
		compare "$temp/$name/libzoetrope.so" >"$temp/compared" || status=$?
		[ $((status & 4)) -ne 0 ] || fail "abidiff did not see what '$name' changes (exit status $status)"
	done
}

skipped=0
check_versions
check_names
make_libraries
check_programs
check_dump
[ $skipped -ne 0 ] || echo "version $version, $(wc -l <"$temp/mapped") names, programs of two releases: all well"
exit $skipped
