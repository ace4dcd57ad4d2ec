#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Cameras whose RTP packets do not all come, over UDP or RTSP: with --whole-frames each frame is one of the original's,
# to the bit; without it those that are not are marked.
# Usage: lossy_rtp.sh SUPPORT
. "$(dirname "$0")/common.sh"
support=$(realpath "$1")
cd "$temp" || exit 1
from=$((20000 + $$ % 4000 * 2)) to=$((from + 8000))

sums() { grep -v '^#' "$1" | awk -F, '{ print $6 }' | tr -d ' ' | sort -u; }
make_clip() {
	ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=640x360:rate=25 -frames:v 200 -c:v "$@" -g 10 -b:v 500k all.mkv ||
		fail "ffmpeg: $*"
	ffmpeg -nostdin -v error -y -i all.mkv -f framemd5 want
	sums want >want-sums
}

# watch WHAT OPTION...: zoe-capture and who takes all its frames, into WHAT's files; capture and framemd5 are they.
watch() {
	local what=$1
	shift
	zoe-framemd5 "$pool$what" >"$what.got" 2>"$what.framemd5" &
	framemd5=$!
	zoe-capture --json --lossless --wait-readers 1 --reconnect never -n "$pool$what" "$@" >"$what.json" 2>"$what.log" &
	capture=$!
}

# judge WHAT: the frames that came in it: n; those that are none of the original's: bad
judge() {
	sums "$1.got" >sums
	bad=$(comm -13 want-sums sums | wc -l)
	n=$(grep -vc '^#' "$1.got")
	corrupt=$(member "$1.json" .corrupt)
	damaged=$(member "$1.json" .damaged)
}
judge_whole() {
	judge "$1"
	[ "$bad" -eq 0 ] || fail "$1: $bad of $n frames are none of the original's"
	[ "$n" -ge "$2" ] && [ "$corrupt" -eq 0 ] || fail "$1: only $n frames, or marked ones: $(tail -n 1 "$1.json")"
}
judge_marked() {
	judge "$1"
	[ "$bad" -ge 5 ] || fail "$1: the loss shows in $bad of $n frames only"
	[ "$corrupt" -ge "$bad" ] && [ "$damaged" -eq 0 ] || fail "$1: $bad damaged: $(tail -n 1 "$1.json")"
}

# relayed WHAT TROUBLE [OPTION...]: the clip over UDP, as a session description has it, and with that trouble
relayed() {
	local what=$1 trouble=$2
	shift 2
	send() { ffmpeg -nostdin -v error -y "$@" -c copy -f rtp "rtp://127.0.0.1:$from?pkt_size=900" -sdp_file all.sdp; }
	send -i all.mkv -frames:v 1 >/dev/null || fail "ffmpeg: no description"
	sed "s/ $from / $to /" all.sdp >cam.sdp
	# shellcheck disable=SC2086
	"$support/udp_relay.py" "$from" "$to" $trouble >relay.log &
	relay=$!
	until_true grep -q ready relay.log
	watch "$what" "$@" cam.sdp
	until_true grep -q "$(printf ':%04X ' "$to")" /proc/net/udp
	send -readrate 2 -i all.mkv >/dev/null || fail "$what: ffmpeg"
	# What waits for packets that were lost comes half a second later.
	sleep 1
	kill "$capture" || fail "$what: it ended before: $(cat "$what.log")"
	wait "$capture" "$framemd5"
	kill "$relay"
	wait "$relay"
}

for codec in "libx264 -bf 2" "libx265 -preset ultrafast -x265-params log-level=none"; do
	# shellcheck disable=SC2086
	make_clip $codec
	relayed whole lose=0.01 --whole-frames
	judge_whole whole 10
	[ "$damaged" -gt 0 ] || fail "$codec: nothing was damaged: $(tail -n 1 whole.json)"
	relayed marked lose=0.01
	judge_marked marked
done
# What comes late, and in another order, is no loss, unless the machine is.
relayed swapped "swap=0.05 delay=20" --whole-frames
judge_whole swapped 60

# Over TCP nothing is lost on the way, but the camera may leave out what the connection has no room for.
/usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null ||
	{ [ "$failures" -gt 0 ] || skip "no GstRtspServer for Python; the rest passed"; finish; }
make_clip libx264 -bf 2
/usr/bin/python3 "$support/rtsp_camera.py" "$from" "$temp/all.mkv" 0.01 >camera.log 2>&1 &
camera=$!
until_true grep -q ready camera.log
for transport in tcp udp; do
	watch whole --whole-frames -rtsp_transport "$transport" "rtsp://127.0.0.1:$from/cam"
	others=("$capture" "$framemd5")
	watch marked -rtsp_transport "$transport" "rtsp://127.0.0.1:$from/cam"
	wait "${others[@]}" "$capture" "$framemd5"
	judge_whole whole 10
	[ "$damaged" -gt 0 ] || fail "RTSP, $transport: nothing was damaged: $(tail -n 1 whole.json)"
	judge_marked marked
done
kill "$camera"
finish
