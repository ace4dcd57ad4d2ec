#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Whole files whose headers promise more than there is are whole; those that are cut are not.
. "$(dirname "$0")/common.sh"

cd "$temp" || exit 1
ff() { ffmpeg -nostdin -v error -y "$@" || exit 1; }
picture() { echo -f lavfi -i "testsrc2=s=${3:-160x120}:r=$1:d=$2"; }
sound() { echo -f lavfi -i "sine=d=$1:r=48000"; }
captured() { timeout 20 zoe-capture -q --json --fast -n "$pool" "$1" 2>err >json; }

mkdir whole
# shellcheck disable=SC2046
{
	ff $(picture 25 3) -c:v mpeg4 -g 25 whole/plain.mp4
	# An edit list that shows 1.5 s from 1.2 s on; a length that was never filled in.
	perl -0pe 's/(elst.{8}).{8}/$1 . pack("NN", 1500, 1.2 * 12800)/se' whole/plain.mp4 >whole/trimmed.mp4
	perl -0pe 's/(mdhd.{16}).{4}/$1\xff\xff\xff\xff/s' whole/plain.mp4 >whole/unknown.mp4
	# Nobody says how long the last picture lasts.
	ff $(picture 1 3) -c:v flv whole/slow.flv
	ff $(picture 1/5 30) -pix_fmt yuv420p -c:v libx264 whole/slow.mkv
	# The container lasts as long as the sound.
	ff $(picture 25 1) $(sound 3) -c:v wmv2 whole/long-sound.wmv
	ff $(picture 25 1) $(sound 3) -c:v flv -ar 44100 whole/long-sound.flv
	# What is the end of the data to others, these demuxers call an error.
	ff $(picture 30 1 160x128) -c:v roqvideo whole/eio.roq
	ff $(picture 25 2 720x576) -c:v mpeg2video -aspect 4:3 whole/eperm.gxf
	# Written to a pipe: nobody could go back and fill in the length.
	for kind in avi:mpeg4 ivf:libvpx rm:rv10; do
		ff $(picture 25 1 176x144) -c:v "${kind#*:}" -f "${kind%:*}" pipe:1 >"whole/pipe.${kind%:*}"
	done
	ff $(picture 25 3) $(sound 3) -c:v mpeg4 -movflags +faststart whole/both.mp4
	ff $(picture 25 3) $(sound 3) -c:v mpeg4 -movflags frag_keyframe+empty_moov -g 25 whole/fragments.mp4
	ff $(picture 25 3) $(sound 3) -c:v flv -ar 44100 whole/both.flv
	ff $(picture 25 3) -c:v mpeg4 whole/plain.avi
	ff $(picture 25 3) -c:v mpeg4 whole/plain.mkv
	ff $(picture 5 3) whole/plain.gif
}

for file in whole/*; do
	captured "$file" || fail "$file is called cut: $(cat err)"
	[ "$(member json .error)" = null ] || fail "$file: $(member json .error)"
done

for file in whole/{both.mp4,fragments.mp4,both.flv,plain.avi,plain.mkv,plain.gif,slow.mkv}; do
	cut=cut.${file##*/}
	head -c $(($(stat -c %s "$file") * 6 / 10)) "$file" >"$cut"
	status=0
	captured "$cut" || status=$?
	[ "$status" -eq 1 ] || fail "$cut: exit $status"
	grep -Eq "^zoe-capture: error: input \($cut\): ends early" err || fail "$cut: $(cat err)"
	[ "$(member json .published)" -ge 2 ] || fail "$cut: $(member json .published) pictures"
done
# Cut where the sound goes on beside the picture, and between two packets: only the lengths tell.
size=$(ffprobe -v error -show_entries packet=pos -of csv=p=0 whole/both.flv | sed -n 120p | tr -d ,)
head -c "$((size - 4))" whole/both.flv >between.flv
captured between.flv && fail "between.flv is called whole"
grep -q ' s are missing' err || fail "between.flv: $(cat err)"
finish
