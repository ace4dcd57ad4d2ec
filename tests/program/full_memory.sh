#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A small /dev/shm, in a mount namespace of our own: one clear line with the numbers,
# no SIGBUS, and a pool that was running goes on.
if [ -z "${ZOE_IN_NAMESPACE:-}" ]; then
	unshare --mount true 2>/dev/null || { echo "SKIPPED: no mount namespace may be made here" >&2; exit 77; }
	ZOE_IN_NAMESPACE=1 exec unshare --mount -- "$BASH" "$0" "$@"
fi
. "$(dirname "$0")/common.sh"

small() {
	mount -t tmpfs -o "size=$1" tmpfs /dev/shm || skip "no tmpfs may be mounted here"
}

# Too small for three 1080p frames, for their headers, for anything
for size in 8m 512k 4k; do
	small "$size"
	refuses 1 "shared memory is full.*needs .* MiB.*free.*size=" \
		zoe-capture -n "$pool" --fast --frames 50 test:1920x1080@30
	[ -z "$(ls /dev/shm)" ] || fail "left behind in $size: $(ls /dev/shm)"
	umount /dev/shm
done

# A limit on the address space, of capture and of who looks. What a sanitizer has mapped is far above it.
if (ulimit -v 200000 && exec zoe-motion --version) >/dev/null 2>&1; then
	(
		ulimit -v 400000
		refuses 1 "cannot map pool.*address space.*ulimit -v.*--memory" zoe-capture -n "$pool" --frames 20 test:1280x720@30
		[ "$failures" -eq 0 ]
	) || fail "the limit on the address space of capture"
	zoe-capture --quiet -n "$pool" test:1280x720@30 &
	capture=$!
	until_true zoe-top --json "$pool"
	(
		ulimit -v 200000
		refuses 1 "cannot map pool.*address space.*ulimit -v.*--memory" zoe-motion "$pool"
		[ "$failures" -eq 0 ]
	) || fail "the limit on the address space of a reader"
	kill "$capture"
	wait "$capture" || fail "zoe-capture: $?"
fi

# No shared memory at all is not full: nothing to write to, or not even a directory
mount -t tmpfs -o ro tmpfs /dev/shm
refuses 1 "/dev/shm.*read-only" zoe-capture -n "$pool" --fast --frames 5 test:64x64@30
umount /dev/shm
mkdir "$temp/dev"
mount --bind "$temp/dev" /dev
# What there is in it is what bash and the programs open.
mknod "$temp/dev/null" c 1 3
refuses 1 "/dev/shm.*there is none.*mount" zoe-capture -n "$pool" --fast --frames 5 test:64x64@30
touch /dev/shm
refuses 1 "/dev/shm.*no directory" zoe-capture -n "$pool" --fast --frames 5 test:64x64@30
umount /dev

# A limit on the size of files, too small from the start, and too small for one more reader
for limit in 500 2000; do
	ulimit -S -f "$limit"
	refuses 1 "limit on the size of files.*ulimit -f" zoe-capture -n "$pool" --frames 20 test:1280x720@30
done
ulimit -S -f 8000
zoe-capture --quiet --lossless -n "$pool" --frames 60 test:1280x720@30 &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
refuses 1 "room for [4-6] slots" zoe-framemd5 --hold 8 "$pool"
ulimit -S -f unlimited
wait "$capture" || fail "capture under a limit on the size of files ended with $?"

# One stream has no more than half of it, unless it is told so
small 16m
refuses 1 "by default one stream has at most half of what is free.*--memory" zoe-capture -n "$pool" --fast --frames 3 test:1920x1080@30
zoe-capture --quiet --memory 12M -n "$pool" --fast --frames 3 test:1920x1080@30 || fail "--memory 12M of 16: exit $?"
umount /dev/shm

# Enough for the pool and not for a second one: the first goes on, whole
small 16m
zoe-capture --quiet -n "$pool" test:1280x720@30 &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
SDL_VIDEODRIVER=dummy zoe-display --quiet --verify --json --frames 60 "$pool" >"$temp/watched" &
display=$!
sleep 0.5
refuses 1 "shared memory is full" zoe-capture -n "${pool}b" --fast --frames 50 test:3840x2160@30
wait "$display" || fail "the reader of the first pool failed: $?"
[ "$(member "$temp/watched" .torn)" = 0 ] || fail "torn: $(cat "$temp/watched")"
kill "$capture"
wait "$capture" || fail "the first capture failed: $?"

# Something else fills /dev/shm while a pool that would like more slots runs
zoe-capture --quiet --json -n "$pool" --frames 90 test:1280x720@30 >"$temp/first" &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
sleep 0.3
dd if=/dev/zero of=/dev/shm/filler bs=64k status=none 2>/dev/null
SDL_VIDEODRIVER=dummy zoe-display --quiet --verify --frames 30 "$pool" >/dev/null || fail "no reader in a full /dev/shm"
wait "$capture" || fail "capture did not survive a full /dev/shm: $?"
[ "$(member "$temp/first" .published)" -ge 60 ] || fail "$(cat "$temp/first")"
rm /dev/shm/filler
finish
