/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/reader/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/host.h"
#include "pool/system/lock.h"
#include "pool/system/object.h"

/* While waiting for an answer we look up this often whether the writer still lives. */
#define LOOK_UP_NS (50 * ZI_MS)

static int seats_fd(const struct zi_link *link)
{
	return link->view.descriptors.fds[ZI_SEATS];
}

/* Can this process's pthread objects be the writer's, too? 0 or -EXDEV. */
static int check_host(const struct zi_view *view, const char *name)
{
	uint64_t namespace = zi_host_pid_namespace();
	char libc[32];

	if (view->mailbox == ZOE_MAILBOX_ATOMIC)
		return 0;
	zi_host_libc(libc);
	if (strncmp(libc, view->reel->libc, sizeof libc))
		return zi_fail(EXDEV,
			"pool '%s' was made with %.31s, this process has %s: a pthread mutex needs the same "
			"libc on both sides: start its capture with --mailbox atomic",
			name, view->reel->libc, libc);
	if (namespace && view->reel->pid_namespace && namespace != view->reel->pid_namespace)
		return zi_fail(EXDEV,
			"the writer of pool '%s' lives in another PID namespace: a pthread mutex needs the "
			"same one on both sides: start its capture with --mailbox atomic",
			name);
	return 0;
}

/* Lock the byte of a seat that is FREE. Its index, or -EUSERS. */
static int find_seat(struct zi_link *link, const char *name)
{
	for (uint32_t i = 0; i < link->view.layout.n_seats; i++) {
		const struct zi_seat *seat = zi_view_seat(&link->view, i);
		if (atomic_load(&seat->state) != ZI_SEAT_FREE || zi_lock_take(seats_fd(link), i))
			continue;
		/*
		 * Asked again now that nobody else can claim it: it may be a dead one, not yet reset; one
		 * that was written over may even call itself free, with the verdict of its last reader.
		 */
		if (atomic_load(&seat->state) == ZI_SEAT_FREE && atomic_load(&seat->verdict) == ZI_VERDICT_PENDING)
			return (int)i;
		zi_lock_drop(seats_fd(link), i);
	}
	zi_futex_ring(&link->doorbells->doorbell);
	return zi_fail(EUSERS, "all %u seats of pool '%s' are taken", link->view.layout.n_seats, name);
}

static int claim_seat(struct zi_link *link, const char *name, const struct zi_claim *claim)
{
	link->page_bytes = link->view.reel->page_bytes;
	link->doorbells = zi_object_map(seats_fd(link), link->view.layout.doorbell_offset, link->page_bytes, true);
	if (!link->doorbells)
		return zi_fail(errno, "cannot map the doorbells of pool '%s': %s", name, strerror(errno));
	int i = find_seat(link, name);
	if (i < 0)
		return i;
	link->seat_index = (uint32_t)i;
	link->seat_bytes = link->view.layout.seat_bytes;
	struct zi_seat *seat = zi_object_map(seats_fd(link),
		link->view.layout.seats_offset + (uint64_t)i * link->seat_bytes, link->seat_bytes, true);
	if (!seat)
		return zi_fail(errno, "cannot map a seat of pool '%s': %s", name, strerror(errno));

	link->seat = seat;
	link->timing = (struct zi_timing *)((uint8_t *)seat + link->view.layout.timing_offset);
	link->incarnation = atomic_load(&seat->incarnation);
	link->box.shared = (struct zi_mailbox *)((uint8_t *)seat + link->view.layout.mailbox_offset);
	link->box.grants = &seat->grants;
	link->box.records = link->view.records;
	link->box.n_slots = link->view.n_slots;
	link->box.body = zi_mailbox_body(link->view.mailbox);
	link->box.cond = link->view.cond;
	link->box.depth = claim->depth;
	link->box.owed = &seat->owed;
	link->box.doorbell = &link->doorbells->doorbell;
	seat->policy = claim->policy;
	seat->hold = claim->hold;
	seat->depth = claim->depth;
	seat->every = claim->every;
	seat->interval_ns = claim->interval_ns;
	memcpy(seat->group, claim->group, sizeof seat->group);
	seat->pid = (uint32_t)getpid();
	memcpy(seat->label, claim->label, sizeof seat->label);
	atomic_store(&seat->state, ZI_SEAT_CLAIMED);
	zi_futex_ring(&link->doorbells->doorbell);
	return 0;
}

static int open_link(struct zi_link *link, const char *name, const struct zi_claim *claim)
{
	int error = zi_view_open(&link->view, name);
	if (!error)
		error = check_host(&link->view, name);
	if (error)
		return error;
	enum zi_fate fate = zi_view_fate(&link->view, true);
	if (fate == ZI_FATE_GONE)
		return zi_fail(EOWNERDEAD, "the writer of pool '%s' (pid %u) died", name, link->view.reel->writer_pid);
	if (fate != ZI_FATE_LIVE)
		return zi_fail(ENODATA, "pool '%s' has ended", name);
	error = zi_view_open_seats(&link->view, name, O_RDWR);
	if (error)
		return error == -ENOENT ? -ESTALE : error;
	return claim_seat(link, name, claim);
}

int zi_link_claim(struct zi_link **pointer, const char *name, const struct zi_claim *claim)
{
	*pointer = NULL;
	struct zi_link *link = calloc(1, sizeof *link + claim->hold * sizeof link->held[0]);
	if (!link)
		return zi_fail(ENOMEM, "out of memory");
	link->hold = claim->hold;
	int error = open_link(link, name, claim);
	if (error)
		zi_link_close(link);
	else
		*pointer = link;
	return error;
}

static int refusal(const struct zi_link *link, const char *name, uint32_t verdict)
{
	if (verdict == ENOSPC)
		return zi_fail(ENOSPC,
			"pool '%s' has room for %u slots and would need %u with this reader: start its "
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
		if (zi_view_fate(&link->view, true) != ZI_FATE_LIVE)
			return zi_fail(ESTALE, "pool '%s' ended just now", name);
		if (zoe_now_ns() >= deadline_ns)
			return zi_fail(EAGAIN, "the writer of pool '%s' (pid %u) does not answer: is it stopped?", name,
				link->view.reel->writer_pid);
		zi_futex_wait(&link->seat->verdict, verdict, zi_slice(deadline_ns, LOOK_UP_NS));
	}
}

bool zi_link_owns_seat(const struct zi_link *link)
{
	return atomic_load(&link->seat->incarnation) == link->incarnation;
}

bool zi_link_lost_descriptors(const struct zi_link *link)
{
	return !zi_descriptors_intact(&link->view.descriptors, ZI_REEL) ||
		!zi_descriptors_intact(&link->view.descriptors, ZI_SEATS);
}

void zi_link_tell(struct zi_link *link)
{
	/* After what was done to the grants, before the look: see wait_until in writer.c, deliver in
	 * delivery.c. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&link->seat->owed) || atomic_load(&link->view.reel->wants_space))
		zi_futex_ring(&link->doorbells->doorbell);
}

static void leave_seat(struct zi_link *link)
{
	if (!zi_link_owns_seat(link))
		return;
	atomic_store(&link->seat->state, ZI_SEAT_LEAVING);
	munmap(link->seat, link->seat_bytes);
	link->seat = NULL;
	if (zi_descriptors_intact(&link->view.descriptors, ZI_SEATS))
		zi_lock_drop(seats_fd(link), link->seat_index);
	zi_futex_ring(&link->doorbells->doorbell);
}

void zi_link_close(struct zi_link *link)
{
	if (!link->view.descriptors.is_copy) {
		if (link->seat)
			leave_seat(link);
		if (link->seat)
			munmap(link->seat, link->seat_bytes);
		if (link->board)
			munmap(link->board, link->board_bytes);
		if (link->doorbells)
			munmap(link->doorbells, link->page_bytes);
	}
	zi_view_close(&link->view);
	free(link);
}
