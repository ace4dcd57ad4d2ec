#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Which of several videos zoe-capture shows, and under which names a file is opened.
. "$(dirname "$0")/common.sh"

cd "$temp" || exit 1
ff() { ffmpeg -nostdin -v error -y "$@" || exit 1; }
picture() { echo -f lavfi -i "color=c=gray:s=$1:r=25:d=0.2"; }

# shown [OPTION...] FILE: the size of what zoe-capture shows.
shown() {
	timeout 20 zoe-capture -q --json --fast -n "$pool" "$@" 2>"$temp/err" | jq -r 'select(.event == "epoch") | "\(.width)x\(.height)"'
}

# chosen SIZE [OPTION...] FILE
chosen() {
	local size=$1 got
	shift
	got=$(shown "$@")
	[ "$got" = "$size" ] || fail "$*: $got instead of $size $(cat "$temp/err")"
}

# shellcheck disable=SC2046
{
	ff $(picture 64x48) $(picture 96x64) $(picture 32x16) -f lavfi -i sine=d=0.2 -map 3 -map 0 -map 1 -map 2 -c:v mpeg4 \
		-metadata:s:v:0 language=eng -metadata:s:v:1 language=ger -metadata:s:v:2 language=eng several.mkv
	ff -i several.mkv -map 0 -c copy -disposition:v 0 -disposition:v:2 default default.mkv
	ff $(picture 64x48) $(picture 96x64) -map 0 -map 1 -c:v mpeg2video -program program_num=11:st=0 \
		-program program_num=12:st=1 programmes.ts
	ff $(picture 64x48) $(picture 64x48) -map 0 -map 1 -c:v:0 mpeg2video -c:v:1 mpeg4 twins.ts
	ff $(picture 64x48) -frames:v 1 cover.png
	ff -f lavfi -i sine=d=1 -i cover.png -map 0 -map 1 -c:v copy -disposition:v attached_pic song.flac
	# The cover is larger than the film.
	ff $(picture 32x16) -i cover.png -map 0 -map 1 -c:v:0 mpeg4 -c:v:1 copy -disposition:v:1 attached_pic film.mp4
}

# By default: what ffmpeg takes.
for file in several.mkv default.mkv programmes.ts song.flac film.mp4; do
	ff -i "$file" -an -f framemd5 md5
	chosen "$(sed -n 's/^#dimensions 0: //p' md5)" "$file"
done

# Of equals the first.
first=$(zoe-capture -q --json --fast -n "$pool" twins.ts | jq -r 'select(.event == "start").codec')
[ "$first" = mpeg2video ] || fail "of twins: $first"

# A number, a language, a programme, a specifier; of those that match the largest.
chosen 64x48 --stream 1 several.mkv
chosen 32x16 --stream 3 several.mkv
chosen 96x64 --stream ger several.mkv
chosen 64x48 --stream eng several.mkv
chosen 32x16 --stream eng default.mkv
chosen 32x16 --stream v:2 several.mkv
chosen 64x48 --stream p:11 programmes.ts
chosen 96x64 --stream p:12 programmes.ts
chosen 64x48 --stream 1 film.mp4

# What is not there names what is.
for which in 0 7 fre p:3; do
	refuses 1 "--stream \($which\): no such video.*1 \(mpeg4 64x48, eng\), 2 \(mpeg4 96x64, ger\), 3 \(mpeg4 32x16, eng\)" \
		zoe-capture -n "$pool" --stream "$which" several.mkv
done
refuses 1 "1 \(mpeg2video 96x64, p:12\)" zoe-capture -n "$pool" --stream eng programmes.ts
refuses 2 "--stream \(what:\)" zoe-capture -n "$pool" --stream what: several.mkv
refuses 2 "--stream \(1\)" zoe-capture -n "$pool" --stream 1 test:

# A colon is part of a name unless a protocol stands before it.
for name in 2026-01-01T10:00:00.mkv -x:y.mkv 'a b:c.mkv' http:x.mkv test:x.mkv -x.mkv; do
	cp several.mkv "./$name"
	chosen 64x48 "./$name"
done
chosen 64x48 2026-01-01T10:00:00.mkv
chosen 64x48 'a b:c.mkv'
chosen 64x48 -- -x:y.mkv
chosen 64x48 -- -x.mkv
refuses 1 'http:x.mkv.*\./' zoe-capture -n "$pool" http:x.mkv
refuses 2 'test:x.mkv' zoe-capture -n "$pool" test:x.mkv
refuses 1 '2026-01-01T11:00:00.mkv.*Protocol not found' zoe-capture -n "$pool" 2026-01-01T11:00:00.mkv
finish
