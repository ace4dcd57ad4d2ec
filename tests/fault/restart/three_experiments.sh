#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What GStreamer's shmsink does not survive, on zoetrope:
#   1. capture is killed with -9 and started anew under the same name, clients attached;
#   2. one of two viewers is stopped for 4 s;
#   3. /dev/shm is smaller than the pool.
# A line with measured numbers for each; exit 1 if one is not as promised, 77 if a part of
# it could not be tried here and the rest is well.
. "$(dirname "$0")/../../program/common.sh"

mailbox=mutex
while [ $# -gt 0 ]; do
	case $1 in
	--mailbox) mailbox=$2 ;;
	*) echo "Usage: three_experiments.sh [--mailbox WHICH]" >&2; exit 2 ;;
	esac
	shift 2
done
export SDL_VIDEODRIVER=dummy
skipped=0

capture() {
	zoe-capture --quiet --json --mailbox "$mailbox" -n "$pool" test:1280x720@60 >"$temp/capture" &
	capture=$!
}

# client N SECONDS: one that looks at the clock; viewer N: a window
client() { gaps "$pool" "$2" >"$temp/client.$1" & clients+=($!); }
viewer() { zoe-display --quiet --verify --json "$pool" >"$temp/viewer.$1" & viewers+=($!); }
figure() { sed "s/.*\<$2=\([0-9]*\).*/\1/" "$temp/client.$1"; }
# Tens of milliseconds on a quiet machine. More than this is a client that did not go on by itself.
at_most() { [ "$2" -le 3000 ] || fail "$1: $2 ms"; }

end_all() {
	local pid
	for pid in "${clients[@]}" "${viewers[@]}"; do
		kill -TERM "$pid" 2>/dev/null
		wait "$pid" || fail "a client failed: $?"
	done
	kill -TERM "$capture"
	wait "$capture" || fail "capture failed: $?"
	[ ! -e "/dev/shm/zoe.$pool" ] || fail "the pool is still there"
	for file in "$temp"/viewer.*; do
		[ "$(member "$file" '.torn + .changed')" -eq 0 ] || fail "torn: $(cat "$file")"
		[ "$(member "$file" .shown)" -gt 5 ] || fail "a viewer saw little: $(cat "$file")"
	done
	clients=() viewers=()
}
clients=() viewers=()

killed_and_restarted() {
	capture
	client 1 600
	client 2 600
	viewer 1
	until_true served 3
	sleep 1
	kill -KILL "$capture"
	wait "$capture" 2>/dev/null
	sleep 0.5
	capture
	until_true served 3
	sleep 1
	end_all
	printf '1. killed with -9 and restarted: clients go on %s and %s ms after the new first frame (%s and %s ms without a picture, 500 of them nobody there), %s torn\n' \
		"$(figure 1 follow_ms)" "$(figure 2 follow_ms)" "$(figure 1 change_ms)" "$(figure 2 change_ms)" \
		$(($(figure 1 torn) + $(figure 2 torn)))
	for i in 1 2; do
		[ "$(figure $i epochs)" -eq 2 ] || fail "client $i saw $(figure $i epochs) captures instead of 2"
		[ "$(figure $i torn)" -eq 0 ] || fail "client $i saw torn frames"
		[ "$(figure $i gone)" -eq 1 ] || fail "client $i was told $(figure $i gone) times that capture died"
		at_most "to the new capture" "$(figure $i follow_ms)"
	done
	[ "$(member "$temp/viewer.1" .epochs)" -eq 2 ] || fail "the viewer saw $(member "$temp/viewer.1" .epochs) captures"
}

one_stopped() {
	local before after
	capture
	client 1 600
	viewer 1
	viewer 2
	until_true served 3
	sleep 1
	kill -STOP "${viewers[1]}"
	before=$(date +%s%N)
	sleep 4
	kill -CONT "${viewers[1]}"
	after=$(date +%s%N)
	sleep 0.5
	end_all
	printf '2. one of two viewers stopped for %s ms: longest gap of the other client %s ms of %s frames, capture published %s and dropped %s, %s torn\n' \
		$(((after - before) / 1000000)) "$(figure 1 gap_ms)" "$(figure 1 frames)" \
		"$(member "$temp/capture" .published)" "$(member "$temp/capture" .dropped)" "$(figure 1 torn)"
	at_most "the longest gap" "$(figure 1 gap_ms)"
	# 60 a second for 6 s, with room for a busy machine: a capture that waited would have 4 s fewer.
	[ "$(member "$temp/capture" .published)" -ge 120 ] || fail "capture published $(member "$temp/capture" .published)"
	[ "$(member "$temp/viewer.1" .shown)" -ge 60 ] || fail "the healthy viewer showed $(member "$temp/viewer.1" .shown)"
	[ "$(figure 1 torn)" -eq 0 ] || fail "torn frames"
}

# In a mount namespace of its own: a pool too big for all, and one that fills it up while another asks for room.
small_shm() {
	mount -t tmpfs -o size=4m tmpfs /dev/shm || { echo "SKIPPED: no tmpfs may be mounted here" >&2; exit 77; }
	refuses 1 "shared memory is full.*needs .* MiB.*free" \
		zoe-capture --mailbox "$mailbox" -n "$pool" --frames 50 test:1920x1080@60
	printf '3. /dev/shm of 4 MiB, a pool of 1080p frames: exit 1 and one line: %s\n' "$(cat "$temp/err")"
	umount /dev/shm
	mount -t tmpfs -o size=32m tmpfs /dev/shm
	capture
	until_true test -e "/dev/shm/zoe.$pool.seats"
	client 1 600
	viewer 1
	until_true served 2
	dd if=/dev/zero of=/dev/shm/filler bs=64k status=none 2>/dev/null
	refuses 1 "shared memory is full" zoe-capture --mailbox "$mailbox" -n "${pool}b" --frames 50 test:640x480@60
	sleep 1
	end_all
	rm /dev/shm/filler
	printf '   one that was running while /dev/shm filled up: longest gap %s ms of %s frames, %s torn\n' \
		"$(figure 1 gap_ms)" "$(figure 1 frames)" "$(figure 1 torn)"
	at_most "the longest gap" "$(figure 1 gap_ms)"
	[ "$(figure 1 torn)" -eq 0 ] || fail "torn frames"
	finish
}

if [ -n "${ZOE_SMALL_SHM:-}" ]; then
	small_shm
fi
killed_and_restarted
rm -f "$temp"/viewer.* "$temp"/client.*
one_stopped
status=0
if unshare --mount true 2>/dev/null; then
	ZOE_SMALL_SHM=1 unshare --mount -- "$BASH" "$0" --mailbox "$mailbox" || status=$?
else
	echo "SKIPPED: no mount namespace may be made here: /dev/shm smaller than the pool" >&2
	status=77
fi
case $status in
0) ;;
77) skipped=1 ;;
*) fail "the third experiment: exit $status" ;;
esac
[ "$failures" -gt 0 ] || [ $skipped -eq 0 ] || exit 77
finish
