#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# .ci/style is content with this tree, and with no copy of the library that has a fault in it:
# each fault is planted alone, and its file and its rule must be in the only line that is printed.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
failures=0
copy=$temp/copy

fail() {
	printf 'FAIL: %s\n' "$*" >&2
	failures=$((failures + 1))
}

# A copy without a fault, small enough to be checked in a second.
begin() {
	rm -rf "$copy"
	mkdir -p "$copy/common/pool" "$copy/common/include/zoetrope" "$copy/common/program" "$copy/capture" \
		"$copy/display/one" "$copy/display/two" "$copy/samples"
	cp "$root/.clang-format" "$copy"
	cp "$root"/common/include/zoetrope/*.h "$copy/common/include/zoetrope"
	cp -r "$root/common/pool/layout" "$root/common/pool/state" "$copy/common/pool"
	mkdir "$copy/common/pool/system" "$copy/common/pool/writer"
	touch "$copy"/common/pool/{system/clock,writer/state}.h "$copy"/common/program/option.h \
		"$copy"/capture/source.h "$copy"/display/{one,two}/own.h
}

# add FILE LINE...: at its end, where an #include is as good as anywhere.
add() {
	local file=$copy/$1
	shift
	printf '%s\n' "$@" >>"$file"
}

# names WHAT FILE RULE: the copy has one fault, found in FILE (a pattern, with the line) by RULE.
names() {
	local said status
	said=$("$root/.ci/style" "$copy" 2>/dev/null)
	status=$?
	[ "$status" -eq 1 ] || fail "$1: exit status $status"
	[ "$(wc -l <<<"$said")" -eq 1 ] || fail "$1: not one line: $said"
	grep -qE "^$2: $3" <<<"$said" || fail "$1: expected '$2: $3', got: $said"
}

# allows WHAT: the copy has no fault.
allows() {
	local said
	said=$("$root/.ci/style" "$copy" 2>&1) || fail "$1: $said"
}

# long_function N: a function of N lines, in the style.
long_function() {
	printf 'void run(int *n)\n{\n'
	for ((i = 0; i < $1 - 3; i++)); do
		printf '\t*n += %d;\n' "$i"
	done
	printf '}\n'
}

# commit SUBJECT [BODY]: a commit of nothing.
commit() {
	git -C "$copy" -c user.name=Nobody -c user.email=nobody@localhost commit -q --allow-empty -m "$1" ${2:+-m "$2"}
}

said=$(cd / && "$root/.ci/style" 2>&1) || fail "the tree itself: $said"

begin
allows "the copy without a fault"

begin
add common/pool/layout/planes.c '#include "pool/writer/state.h"'
names "an upward include" 'common/pool/layout/planes\.c:[0-9]+' 'include direction: .*writer/ is on line 6'

begin
add common/pool/state/pace.c '#include "../system/clock.h"'
names "an include across a line" 'common/pool/state/pace\.c:[0-9]+' 'include direction: .*system/ is on line 2'

begin
touch "$copy/common/pool/stray.c"
names "a file beside the folders" 'common/pool/stray\.c:1' 'include direction'

begin
add capture/input.c '#include "pool/system/clock.h"'
names "a capture that reaches into the library" 'capture/input\.c:1' 'include direction: .*capture/ may not include the inside'

begin
add display/one/main.c '#include "source.h"'
names "a display that includes the capture" 'display/one/main\.c:1' 'include direction: .*display/ may not include capture/'

begin
add display/one/main.c '#include "two/own.h"'
names "a program that includes another" 'display/one/main\.c:1' 'include direction: .*display/one/ may not include display/two/'

begin
add common/program/option.c '#include "capture/source.h"'
names "the programs' kit that includes a program" 'common/program/option\.c:1' 'include direction: .*common/program may not'

begin
add samples/sample.c '#include "pool/layout/layout.h"'
names "a sample that reaches into the library" 'samples/sample\.c:1' 'include direction: .*samples/ may not'

begin
add common/include/zoetrope/pool.h '#include "program/option.h"'
names "a public header that needs a private one" 'common/include/zoetrope/pool\.h:[0-9]+' 'include direction: .*public headers may not'

begin
add samples/sample.c '#include <zoetrope/reader.h>' '#include "program/option.h"' '/* #include "pool/layout/layout.h" */'
add common/pool/writer/one.c '#include "pool/layout/layout.h"' '#include "pool/writer/state.h"' '#include <time.h>'
allows "includes as they should be"

begin
add capture/a.c '#include "b.h"'
add capture/b.h '#include "a.h"'
add capture/a.h ''
names "a circle of two" 'capture/a\.c:1' 'circle: capture/a -> capture/b -> capture/a$'

begin
add common/pool/writer/a.h '#include "pool/writer/b.h"'
add common/pool/writer/b.c '#include "pool/writer/c.h"'
add common/pool/writer/c.c '#include "pool/writer/a.h"'
touch "$copy"/common/pool/writer/{b,c}.h
names "a circle of three" 'common/pool/writer/a\.h:1' 'circle: .*/a -> .*/b -> .*/c -> .*/a$'

begin
add common/pool/state/slots.c '#include <pthread.h>'
names "a state machine with threads" 'common/pool/state/slots\.c:[0-9]+' 'pure state: <pthread\.h>'

begin
long_function 70 >"$copy/common/pool/writer/one.c"
allows "a function of 70 lines"

begin
{
	printf '/* A brace { in a comment, and one in a literal: */\nconst char *const text = "{";\n\n'
	long_function 71
} >"$copy/common/pool/writer/one.c"
names "a function of 71 lines" 'common/pool/writer/one\.c:4' 'function length: run has 71 lines'

begin
{
	printf 'class one {\n\tvoid run(int *n)\n\t{\n'
	for ((i = 0; i < 68; i++)); do
		printf '\t\t*n += %d;\n' "$i"
	done
	printf '\t}\n};\n'
} >"$copy/common/include/zoetrope/one.hpp"
names "a method of 71 lines" 'common/include/zoetrope/one\.hpp:2' 'function length: run has 71 lines'

begin
sed -i 's/^\t/    /' "$copy/common/pool/layout/planes.c"
names "a badly formatted file" 'common/pool/layout/planes\.c:[0-9]+' 'format: clang-format would change it'

begin
# In two pieces, since this script is checked, too.
add capture/input.c "/* The be""ll rings. */"
names "an old word" 'capture/input\.c:1' "'be""ll' is an old word; say doorbell"

begin
add CHANGELOG.md '* New.' '<<<<''<<< HEAD'
names "a merge that was not finished" 'CHANGELOG\.md:2' 'the mark of a merge'

begin
add capture/input.c '/* Whose is it? */'
names "a comment that asks" 'capture/input\.c:1' 'a comment that asks'

begin
add capture/input.c '/* Whose it is: x ? ours : theirs. */' 'const char *const asked = "Whose is it? Ours?";'
allows "no question in a comment"

begin
rm "$copy/.clang-format"
names "no .clang-format" '\.clang-format' 'format: it is missing'

begin
mkdir "$temp/bin"
printf '#!/bin/sh\necho "clang-format version 15.0.7"\n' | tee "$temp/bin/clang-format" >"$temp/bin/clang-format-14"
chmod +x "$temp"/bin/*
PATH=$temp/bin:$PATH names "another clang-format" 'clang-format' 'clang-format 14 is not installed'

begin
git -C "$copy" init -q
commit "tree: begin" "Why."
commit "pool, capture: do it" "Because."
"$root/.ci/style" --commits HEAD~1..HEAD "$copy" >/dev/null 2>&1 || fail "a good commit is refused"
commit "do it" "Because."
commit "pool: $(printf 'x%.0s' {1..67})" "Because."
commit "pool: no reason"
said=$("$root/.ci/style" --commits HEAD~3..HEAD "$copy" 2>/dev/null) && fail "bad commits: exit status 0"
for expected in 'subject does not begin with its area.*: do it$' 'subject of 73 characters' 'no body.*: pool: no reason$'; do
	grep -qE "^commit [0-9a-f]+: $expected" <<<"$said" || fail "bad commits: expected '$expected', got: $said"
done
[ "$(wc -l <<<"$said")" -eq 3 ] || fail "bad commits: not three lines: $said"

[ "$failures" -eq 0 ]
