/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/clock.h"
#include "pool/error.h"
#include "pool/host.h"
#include "pool/lock.h"
#include "pool/object.h"

/* While waiting for an answer we look up this often whether the writer still lives. */
#define LOOK_UP_NS (50 * ZI_MS)

static int reel_fd(const struct zi_link *link)
{
	return link->fork.fds[0];
}

static int seats_fd(const struct zi_link *link)
{
	return link->fork.fds[1];
}

/* Do the sizes in this header make sense for an object of this length? */
static bool reel_is_sane(const struct zi_reel *reel, uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t table_end = reel->table_offset + reel->max_slots * sizeof(struct zi_record);

	return reel->page_bytes == page && reel->record_bytes == sizeof(struct zi_record) &&
		reel->max_slots >= 1 && reel->max_slots <= ZOE_MAX_SLOTS &&
		reel->mailbox <= ZOE_MAILBOX_ATOMIC && reel->cond <= ZOE_COND_PTHREAD &&
		reel->max_seats >= 1 && reel->max_seats <= ZOE_MAX_SEATS &&
		reel->slot_bytes >= page && reel->slot_bytes % page == 0 && reel->slot_bytes <= UINT64_C(1) << 40 &&
		reel->table_offset >= sizeof *reel && reel->table_offset <= page &&
		reel->table_offset % _Alignof(struct zi_record) == 0 &&
		reel->pixels_offset >= table_end && reel->pixels_offset <= UINT64_C(1) << 20 &&
		reel->pixels_offset % page == 0 && reel->n_slots <= reel->max_slots &&
		reel->pixels_offset + reel->n_slots * reel->slot_bytes <= bytes;
}

static bool seats_are_sane(const struct zi_seats *seats, uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return seats->n_seats >= 1 && seats->n_seats <= ZOE_MAX_SEATS &&
		seats->desk_offset >= sizeof *seats && seats->desk_offset <= UINT64_C(1) << 20 &&
		seats->seats_offset >= seats->desk_offset + page && seats->seats_offset <= UINT64_C(1) << 20 &&
		seats->seat_bytes <= UINT64_C(1) << 30 && seats->mailbox_offset <= seats->seat_bytes &&
		seats->mailbox_offset >= sizeof(struct zi_seat) &&
		seats->seat_bytes - seats->mailbox_offset >= sizeof(struct zi_mailbox) &&
		((seats->desk_offset | seats->seats_offset | seats->seat_bytes | seats->mailbox_offset) % page) == 0 &&
		seats->seats_offset + seats->n_seats * seats->seat_bytes <= bytes;
}

/* Can this process take part in that pool? 0 or -errno. */
static int check_reel(const struct zi_reel *reel, uint64_t bytes, const char *name)
{
	uint64_t namespace = zi_host_pid_namespace();
	char libc[32];

	if (reel->magic != ZI_REEL_MAGIC)
		return zi_fail(EBADMSG, "/dev/shm/zoe.%s is no pool", name);
	if (reel->layout_version != ZI_LAYOUT_VERSION)
		return zi_fail(EPROTONOSUPPORT, "pool '%s' has layout version %u, this is libzoetrope %s for version %d: "
			"use the same release on both sides", name, reel->layout_version, zoe_version(),
			ZI_LAYOUT_VERSION);
	if (!reel_is_sane(reel, bytes))
		return zi_fail(EBADMSG, "pool '%s' is damaged: restart its capture", name);
	if (reel->mailbox == ZOE_MAILBOX_ATOMIC)
		return 0;
	zi_host_libc(libc);
	if (strncmp(libc, reel->libc, sizeof libc))
		return zi_fail(EXDEV, "pool '%s' was made with %.31s, this process has %s: a pthread mutex needs the same "
			"libc on both sides: start its capture with --mailbox atomic", name, reel->libc, libc);
	if (namespace && reel->pid_namespace && namespace != reel->pid_namespace)
		return zi_fail(EXDEV, "the writer of pool '%s' lives in another PID namespace: a pthread mutex needs the "
			"same one on both sides: start its capture with --mailbox atomic", name);
	return 0;
}

static int check_object(int fd, const char *name, const char *suffix, size_t least, uint64_t *bytes)
{
	struct stat status;
	if (fstat(fd, &status))
		return zi_fail(errno, "cannot look at pool '%s': %s", name, strerror(errno));
	*bytes = (uint64_t)status.st_size;
	if (!S_ISREG(status.st_mode) || status.st_size < (off_t)least)
		return zi_fail(EBADMSG, "/dev/shm/zoe.%s%s is no pool, or cut short", name, suffix);
	return 0;
}

static int open_object(struct zi_link *link, const char *name, enum zi_object which, int flags)
{
	zi_fork_pause();
	int fd = zi_object_open(name, which, flags);
	if (fd >= 0)
		zi_fork_adopt(&link->fork, (int)which, fd);
	zi_fork_resume();
	if (fd >= 0)
		return 0;
	if (fd == -ENOENT)
		return zi_fail(ENOENT, "there is no pool '%s'", name);
	if (fd == -EACCES)
		return zi_fail(EACCES, "pool '%s' may not be %s by this user: its writer can admit a group (--members)",
			name, flags == O_RDWR ? "joined" : "read");
	if (fd == -ELOOP || fd == -EISDIR || fd == -ENXIO)
		return zi_fail(EBADMSG, "/dev/shm/zoe.%s is no pool", name);
	return zi_fail(-fd, "cannot open pool '%s': %s", name, strerror(-fd));
}

static int map_reel(struct zi_link *link, const char *name)
{
	struct zi_reel header;
	uint64_t bytes;
	/* The header before the size: a pool that grows meanwhile is larger than its header says, never smaller. */
	if (pread(reel_fd(link), &header, sizeof header, 0) != (ssize_t)sizeof header)
		return zi_fail(EBADMSG, "/dev/shm/zoe.%s is no pool, or cut short", name);
	int error = check_object(reel_fd(link), name, "", sizeof header, &bytes);
	if (!error)
		error = check_reel(&header, bytes, name);
	if (error)
		return error;
	link->reel_bytes = header.pixels_offset + header.max_slots * header.slot_bytes;
	link->reel = zi_object_map(reel_fd(link), 0, link->reel_bytes, false);
	if (!link->reel)
		return zi_fail(errno, "cannot map pool '%s': %s", name, strerror(errno));
	/* From the header that was checked: what stands in the mapping may be another by now. */
	link->records = (const struct zi_record *)((const uint8_t *)link->reel + header.table_offset);
	link->pixels = (const uint8_t *)link->reel + header.pixels_offset;
	link->slot_bytes = header.slot_bytes;
	link->box.n_slots = header.max_slots;
	link->box.body = zi_mailbox_body(header.mailbox);
	link->box.cond = (enum zoe_cond)header.cond;
	return 0;
}

/* -ESTALE: reel and seats are of different lives. */
static int map_seats(struct zi_link *link, const char *name)
{
	uint64_t bytes;
	int error = check_object(seats_fd(link), name, ".seats", sizeof(struct zi_seats), &bytes);
	if (error)
		return error;
	link->seats_bytes = bytes;
	link->seats = zi_object_map(seats_fd(link), 0, bytes, false);
	if (!link->seats)
		return zi_fail(errno, "cannot map pool '%s': %s", name, strerror(errno));
	if (link->seats->magic != ZI_SEATS_MAGIC || link->seats->layout_version != ZI_LAYOUT_VERSION ||
	    !seats_are_sane(link->seats, bytes))
		return zi_fail(EBADMSG, "/dev/shm/zoe.%s.seats is damaged: restart its capture", name);
	if (link->seats->epoch != link->reel->epoch)
		return zi_fail(ESTALE, "pool '%s' is just being replaced", name);
	return 0;
}

static const struct zi_seat *seat_at(const struct zi_link *link, uint32_t i)
{
	return (const struct zi_seat *)((const uint8_t *)link->seats + link->seats->seats_offset +
		i * link->seats->seat_bytes);
}

/* Lock the byte of a seat that is FREE. Its index, or -EUSERS. */
static int find_seat(struct zi_link *link, const char *name)
{
	for (uint32_t i = 0; i < link->seats->n_seats; i++) {
		if (atomic_load(&seat_at(link, i)->state) != ZI_SEAT_FREE || zi_lock_take(seats_fd(link), i))
			continue;
		/* Asked again now that nobody else can claim it: it may be a dead one, not yet reset. */
		if (atomic_load(&seat_at(link, i)->state) == ZI_SEAT_FREE)
			return (int)i;
		zi_lock_drop(seats_fd(link), i);
	}
	zi_ring(&link->desk->bell);
	return zi_fail(EUSERS, "all %u seats of pool '%s' are taken", link->seats->n_seats, name);
}

static int claim_seat(struct zi_link *link, const char *name, const struct zi_claim *claim)
{
	link->page_bytes = link->reel->page_bytes;
	link->desk = zi_object_map(seats_fd(link), link->seats->desk_offset, link->page_bytes, true);
	if (!link->desk)
		return zi_fail(errno, "cannot map the desk of pool '%s': %s", name, strerror(errno));
	int i = find_seat(link, name);
	if (i < 0)
		return i;
	link->seat_index = (uint32_t)i;
	link->seat_bytes = link->seats->seat_bytes;
	struct zi_seat *seat = zi_object_map(seats_fd(link),
		link->seats->seats_offset + (uint64_t)i * link->seat_bytes, link->seat_bytes, true);
	if (!seat)
		return zi_fail(errno, "cannot map a seat of pool '%s': %s", name, strerror(errno));

	link->seat = seat;
	link->incarnation = atomic_load(&seat->incarnation);
	link->box.shared = (struct zi_mailbox *)((uint8_t *)seat + link->seats->mailbox_offset);
	link->box.grants = &seat->grants;
	link->box.records = link->records;
	link->box.depth = claim->depth;
	seat->policy = claim->policy;
	seat->hold = claim->hold;
	seat->depth = claim->depth;
	seat->pid = (uint32_t)getpid();
	memcpy(seat->label, claim->label, sizeof seat->label);
	atomic_store(&seat->state, ZI_SEAT_CLAIMED);
	zi_ring(&link->desk->bell);
	return 0;
}

static int open_link(struct zi_link *link, const char *name, const struct zi_claim *claim)
{
	int error = open_object(link, name, ZI_REEL, O_RDONLY);
	if (!error)
		error = map_reel(link, name);
	if (error)
		return error;
	enum zi_fate fate = zi_link_fate(link, true);
	if (fate == ZI_FATE_GONE)
		return zi_fail(EOWNERDEAD, "the writer of pool '%s' (pid %u) died", name, link->reel->writer_pid);
	if (fate != ZI_FATE_LIVE)
		return zi_fail(ENODATA, "pool '%s' has ended", name);
	error = open_object(link, name, ZI_SEATS, O_RDWR);
	if (error)
		return error == -ENOENT ? -ESTALE : error;
	error = map_seats(link, name);
	return error ? error : claim_seat(link, name, claim);
}

int zi_link_claim(struct zi_link **pointer, const char *name, const struct zi_claim *claim)
{
	*pointer = NULL;
	struct zi_link *link = calloc(1, sizeof *link + claim->hold * sizeof link->held[0]);
	if (!link)
		return zi_fail(ENOMEM, "out of memory");
	link->hold = claim->hold;
	int error = zi_fork_watch(&link->fork);
	if (error) {
		free(link);
		return zi_fail(-error, "cannot watch for forks: %s", strerror(-error));
	}
	error = open_link(link, name, claim);
	if (error)
		zi_link_close(link);
	else
		*pointer = link;
	return error;
}

static int refusal(const struct zi_link *link, const char *name, uint32_t verdict)
{
	if (verdict == ENOSPC)
		return zi_fail(ENOSPC, "pool '%s' has room for %u slots and would need %u with this reader: start its "
			"capture with more (--slots, --memory), or hold fewer frames",
			name, link->seat->slots_allowed, link->seat->slots_needed);
	if (verdict == EOPNOTSUPP)
		return zi_fail(EOPNOTSUPP, "pool '%s' is not lossless: start its capture with --lossless", name);
	if (verdict == EINVAL)
		return zi_fail(EINVAL, "pool '%s' refused this reader's limits", name);
	if (verdict == ESTALE)
		return zi_fail(ESTALE, "this seat of pool '%s' is just being made anew", name);
	return zi_fail(EBADMSG, "pool '%s' is damaged: restart its capture", name);
}

int zi_link_await(struct zi_link *link, const char *name, int64_t deadline_ns)
{
	for (;;) {
		uint32_t verdict = atomic_load(&link->seat->verdict);
		if (verdict == ZI_VERDICT_WELCOME) {
			link->seated = true;
			return 0;
		}
		if (verdict != ZI_VERDICT_PENDING)
			return refusal(link, name, verdict);
		if (zi_link_fate(link, true) != ZI_FATE_LIVE)
			return zi_fail(ESTALE, "pool '%s' ended just now", name);
		if (zoe_now_ns() >= deadline_ns)
			return zi_fail(EAGAIN, "the writer of pool '%s' (pid %u) does not answer: is it stopped?", name,
				link->reel->writer_pid);
		zi_futex_wait(&link->seat->verdict, verdict, zi_slice(deadline_ns, LOOK_UP_NS));
	}
}

enum zi_fate zi_link_fate(struct zi_link *link, bool ask)
{
	/* The lock before the state: a writer that ends says so before it drops its lock. */
	bool alive = !ask || !zi_fork_has(&link->fork, ZI_REEL) || zi_lock_held(reel_fd(link), 0);
	uint32_t state = atomic_load(&link->reel->state);
	if (state == ZI_POOL_RETIRED)
		return ZI_FATE_RETIRED;
	if (state != ZI_POOL_LIVE)
		return ZI_FATE_ENDED;
	return alive ? ZI_FATE_LIVE : ZI_FATE_GONE;
}

bool zi_link_owns_seat(const struct zi_link *link)
{
	return atomic_load(&link->seat->incarnation) == link->incarnation;
}

bool zi_link_lost_descriptors(const struct zi_link *link)
{
	return !zi_fork_has(&link->fork, ZI_REEL) || !zi_fork_has(&link->fork, ZI_SEATS);
}

void zi_link_tell(struct zi_link *link)
{
	/* After what was done to the grants, before the look: see wait_until in writer.c, deliver in
	 * housekeeping.c. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&link->seat->missed) || atomic_load(&link->reel->wants_room))
		zi_ring(&link->desk->bell);
}

static void leave_seat(struct zi_link *link)
{
	if (!zi_link_owns_seat(link))
		return;
	atomic_store(&link->seat->state, ZI_SEAT_LEAVING);
	munmap(link->seat, link->seat_bytes);
	link->seat = NULL;
	if (zi_fork_has(&link->fork, ZI_SEATS))
		zi_lock_drop(seats_fd(link), link->seat_index);
	zi_ring(&link->desk->bell);
}

static void unmap(const void *map, size_t bytes)
{
	if (map)
		munmap((void *)(uintptr_t)map, bytes);
}

void zi_link_close(struct zi_link *link)
{
	if (!link->fork.is_copy) {
		if (link->seat)
			leave_seat(link);
		unmap(link->seat, link->seat_bytes);
		unmap(link->desk, link->page_bytes);
		unmap(link->seats, link->seats_bytes);
		unmap(link->reel, link->reel_bytes);
		zi_fork_close(&link->fork);
	}
	free(link);
}
