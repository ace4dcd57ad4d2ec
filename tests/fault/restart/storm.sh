#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A restart storm: capture killed with -9 every 80 ms or so, each time at another size, two
# readers attached. Afterwards only the objects of the living are there, both readers have
# followed without anybody's doing, and no frame was torn.
. "$(dirname "$0")/../../program/common.sh"

seconds=60 period_ms=80 mailbox=mutex
while [ $# -gt 0 ]; do
	case $1 in
	--seconds) seconds=$2 ;;
	--period-ms) period_ms=$2 ;;
	--mailbox) mailbox=$2 ;;
	*) echo "Usage: storm.sh [--seconds N] [--period-ms N] [--mailbox WHICH]" >&2; exit 2 ;;
	esac
	shift 2
done
export SDL_VIDEODRIVER=dummy
sizes=(320x240 640x360 64x16 1280x720 176x144 800x600)
object=/dev/shm/zoe.$pool

capture() {
	zoe-capture --quiet --mailbox "$mailbox" -n "$pool" "test:$1@60" &
	capture=$!
}

objects() { find /dev/shm -maxdepth 1 -name "zoe.$pool*" | sort | tr '\n' ' '; }

capture 320x240
until_true test -e "$object.seats"

gaps "$pool" 600 >"$temp/gaps" &
gaps=$!
zoe-display --quiet --verify --json "$pool" >"$temp/display" &
display=$!

# Half of the deaths find capture at its beginnings, wherever that is on this machine; the others
# find it at work, with its name taken: the object is another than before.
inode=0
until_at_work() {
	local i
	for ((i = 0; i < 200; i++)); do
		[ "$(stat -c %i "$object" 2>/dev/null)" = "$inode" ] || break
		sleep 0.01
	done
	inode=$(stat -c %i "$object" 2>/dev/null)
}

kills=0
end=$((SECONDS + seconds))
while [ $SECONDS -lt $end ]; do
	[ $((kills % 2)) -eq 0 ] || until_at_work
	sleep "$(printf '0.%03d' $((RANDOM % period_ms + (kills % 2 ? 0 : period_ms / 2))))"
	kill -KILL "$capture"
	wait "$capture" 2>/dev/null
	kills=$((kills + 1))
	capture "${sizes[kills % ${#sizes[@]}]}"
done
kill -KILL "$capture"
wait "$capture" 2>/dev/null

# The last one lives: its two objects, and no other
capture 352x288
are_two() { [ "$(objects)" = "$object $object.seats " ]; }
until_true are_two
until_true served 1 ".pid == $gaps"
until_true served 1 ".pid == $display"
are_two || fail "beside the living: $(objects)"
kill -TERM "$gaps" "$display"
wait "$gaps" || fail "the client failed: $?"
wait "$display" || fail "zoe-display failed: $?"
kill -TERM "$capture"
wait "$capture" || fail "the last capture failed: $?"
[ -z "$(objects)" ] || fail "after the end: $(objects)"

figure() { sed "s/.*\<$1=\([0-9]*\).*/\1/" "$temp/gaps"; }
printf 'kills=%s, every %s ms; client: %s\n' "$kills" "$((seconds * 1000 / kills))" "$(cat "$temp/gaps")"
printf 'zoe-display: %s\n' "$(cat "$temp/display")"
[ "$(figure torn)" = 0 ] || fail "the client saw torn frames"
[ "$(member "$temp/display" .torn)" = 0 ] || fail "zoe-display saw torn frames"
[ "$(member "$temp/display" .width)" = 352 ] || fail "zoe-display shows $(member "$temp/display" .width) and not the last capture"
[ "$(figure epochs)" -ge $((kills / 8)) ] || fail "the client saw $(figure epochs) of $kills captures: what was killed?"
[ "$(member "$temp/display" .changed)" = 0 ] || fail "frames changed while they were shown"
finish
