#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# --seek begins with the very picture, and --loop shows all of them in each pass, whatever the container knows of
# its key frames and times: the pixels are those that ffmpeg decodes from the beginning on.
# Usage: seek.sh ZOE_CAPTURE ZOE_FRAMEMD5
# shellcheck source=tests/media/common.sh
. "$(dirname "$0")/common.sh"

[ $# -eq 2 ] || { echo "usage: seek.sh ZOE_CAPTURE ZOE_FRAMEMD5" >&2; exit 2; }
capture=$1
framemd5=$2

# 3 s of pictures, 25 in each; copies of them in other containers.
make() {
	ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=160x128:r=25:d=3 -f lavfi -i sine=d=3 -pix_fmt yuv420p -g 25 "$@"
}
copy() {
	ffmpeg -v error -nostdin -i "$temp/$1" -c copy "$temp/$2"
}

# What ffmpeg makes of a file, a sum for each picture.
decode() {
	ffmpeg -v error -nostdin -i "$temp/$1" -map v -vsync passthrough -f framemd5 - |
		sed -n '/^#/!s/.* //p' >"$temp/all"
	[ "$(wc -l <"$temp/all")" -eq 75 ] || fail "ffmpeg has $(wc -l <"$temp/all") pictures of $1"
}

# sums OPTION…: what readers get of a file, one sum a picture.
sums() {
	timeout 60 "$framemd5" "$pool" >"$temp/lines" 2>"$temp/reader" &
	pids+=($!)
	timeout 60 "$capture" -n "$pool" --lossless --wait-readers 1 --fast --quiet "$@" 2>"$temp/err" ||
		fail "zoe-capture $* ended with $?: $(cat "$temp/err")"
	wait "${pids[0]}" || fail "zoe-framemd5 ended with $?: $(cat "$temp/reader")"
	pids=()
	# Times rise through each seam of a loop.
	awk -F, '!/^#/ { if (n++ && $3 + 0 <= pts) exit 1; pts = $3 + 0 }' "$temp/lines" || fail "times fall: $*"
	sed -n '/^#/!s/.* //p' "$temp/lines"
}

same() {
	cmp -s "$temp/want" "$temp/got" ||
		fail "$1: $(wc -l <"$temp/got") pictures, not $(wc -l <"$temp/want"), or not the same"
}

make -map 0 -c:v libx264 -preset ultrafast -bf 2 -x264-params open-gop=1 "$temp/open.mp4" \
	-map 0 -c:v libx264 -preset ultrafast -g 250 "$temp/one-key.ts" \
	-map 0 -c:v libx264 -preset ultrafast "$temp/stream.264" \
	-map 0 -c:v mpeg2video -bf 2 -q:v 4 "$temp/mpeg2.ts" \
	-map 0 -c:v mpeg4 -bf 2 -q:v 4 "$temp/b-frames.avi" \
	-map 0 -map 1 -c:v mjpeg -pix_fmt yuvj420p -q:v 4 -c:a libmp3lame "$temp/jpeg.mkv" \
	-map 0 -pix_fmt pal8 -vf fps=25 "$temp/still.gif"
copy open.mp4 open.ts
copy open.mp4 h264.flv
copy mpeg2.ts mpeg2.mpg
# Matroska knows only milliseconds: AVI puts an empty chunk between each two pictures.
copy jpeg.mkv empty-chunks.avi

# What leads a key frame, or is elsewhere, twice over.
for file in open.mp4 open.ts one-key.ts mpeg2.mpg h264.flv b-frames.avi empty-chunks.avi stream.264 still.gif mpeg2.ts; do
	decode "$file"
	tail -n +50 "$temp/all" >"$temp/want"
	tail -n +50 "$temp/all" >>"$temp/want"
	sums --seek 1.955 --loop --frames 52 "$temp/$file" >"$temp/got"
	same "--seek 1.955 --loop $file"
done
for file in one-key.ts mpeg2.ts; do
	decode "$file"
	cat "$temp/all" "$temp/all" >"$temp/want"
	sums --loop --frames 150 "$temp/$file" >"$temp/got"
	same "--loop $file"
done
tail -n 1 "$temp/all" >"$temp/want"
sums --seek 2.96 "$temp/mpeg2.ts" >"$temp/got"
same "--seek 2.96 mpeg2.ts"

# Not even when it begins is known: a picture every 5 s.
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=160x128:r=1/5 -frames:v 6 -pix_fmt yuv420p -c:v libx264 \
	-preset veryfast "$temp/slow.mkv"
[ "$(sums --seek 12 "$temp/slow.mkv" | wc -l)" -eq 3 ] || fail "--seek 12 slow.mkv"
[ "$(sums --loop --frames 15 "$temp/slow.mkv" | wc -l)" -eq 15 ] || fail "--loop slow.mkv"

# What is read once is decoded up to there, and cannot begin again.
tail -n +28 "$temp/all" >"$temp/want"
sums --seek 1.05 - <"$temp/mpeg2.ts" >"$temp/got"
same "--seek 1.05 -"
if "$capture" -n "$pool" --loop - <"$temp/mpeg2.ts" 2>"$temp/err"; then
	fail "--loop -: exit 0"
fi
grep -q -e '--loop (-): it can be read only once' "$temp/err" || fail "--loop -: $(cat "$temp/err")"
