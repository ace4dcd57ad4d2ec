#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# man_pages.sh ROOT PAGE...: the options of a page are those of its program's --help, each once, and on a terminal of 80
# columns nothing is cut or broken off.
. "$(dirname "$0")/common.sh"
root=$1
shift

# options_of: the options that begin an entry of what is read, one a line. A value or an explanation follows a blank.
options_of() {
	tr -d '*' | sed -nE 's/^( {2,6})?(-[^_]*)/\2/p' | sed -E 's/ [^-].*//' | grep -oE -- '-+[A-Za-z][a-z-]*' | sort
}

# help_of PROGRAM: what it prints; nothing where it was not built, or lacks what it needs.
help_of() {
	if [ "$1" = zoe-people ]; then
		python3 -c 'import cv2' 2>/dev/null && PYTHONPATH=$root/common/python python3 "$root/samples/people.py" --help
	elif command -v "$1" >/dev/null; then
		"$1" --help || fail "$1 --help: exit $?"
	fi
}

# checks PROGRAM PAGE: the source of a page has its options as a person finds them.
checks() {
	local program=$1 page=$2
	sed -n '/^[Oo]ptions:/,/^$/p' "$temp/help" | options_of >"$temp/in_help"
	awk '/^# / { here = $2 == "OPTIONS" } here && /^\*-/' "$page" | options_of >"$temp/in_page"
	[ -s "$temp/in_help" ] || fail "$program --help has no options"
	[ -s "$temp/in_page" ] || fail "$page has no options"
	diff "$temp/in_help" "$temp/in_page" >"$temp/diff" || fail "$program: --help (<) and its page (>): $(cat "$temp/diff")"
}

for page; do
	program=$(basename "$page" .1.scd)
	help_of "$program" >"$temp/help"
	if [ -s "$temp/help" ] || [ "$program" = zoe-capture ]; then
		checks "$program" "$page"
	fi
	command -v scdoc >/dev/null && command -v man >/dev/null || continue
	scdoc <"$page" >"$temp/page" || fail "$page: scdoc"
	MANWIDTH=80 MANROFFOPT='' man -l "$temp/page" 2>"$temp/err" | col -bx >"$temp/text"
	[ ! -s "$temp/err" ] || fail "$page: $(cat "$temp/err")"
	awk 'length > 80 { print; wide = 1 } END { exit wide }' "$temp/text" >"$temp/wide" ||
		fail "$page: more than 80 columns: $(cat "$temp/wide")"
done
finish
