/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/reader/attachment.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/host.h"
#include "pool/system/lock.h"
#include "pool/system/mapping.h"
#include "pool/system/object.h"
#include "pool/system/thread.h"

/* While waiting for an answer we look up this often whether the writer still lives. */
#define LOOK_UP_NS (50 * ZI_MS)

static int seats_fd(const struct zi_attachment *attachment)
{
	return attachment->view.descriptors.fds[ZI_SEATS];
}

/* A pthread mutex works between this process and the writer only with one libc and one PID namespace. 0 or -EXDEV. */
static int check_host(const struct zi_view *view, const char *name)
{
	uint64_t namespace = zi_host_pid_namespace();
	char libc[32];

	if (view->mailbox == ZOE_MAILBOX_ATOMIC)
		return 0;
	zi_host_libc(libc);
	if (strncmp(libc, view->reel->libc, sizeof(libc)))
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
static int find_seat(struct zi_attachment *attachment, const char *name)
{
	for (uint32_t i = 0; i < attachment->view.layout.n_seats; i++) {
		const struct zi_seat *seat = zi_view_seat(&attachment->view, i);
		if (atomic_load(&seat->state) != ZI_SEAT_FREE || zi_lock_take(seats_fd(attachment), i))
			continue;
		/*
		 * Asked again now that nobody else can claim it: it may be a dead one, not yet reset; one
		 * that was written over may even call itself free, with the verdict of its last reader.
		 */
		if (atomic_load(&seat->state) == ZI_SEAT_FREE && atomic_load(&seat->verdict) == ZI_VERDICT_PENDING)
			return (int)i;
		zi_lock_drop(seats_fd(attachment), i);
	}
	zi_futex_ring(&attachment->doorbells->doorbell);
	return zi_fail(EUSERS, "all %u seats of pool '%s' are taken", attachment->view.layout.n_seats, name);
}

static int claim_seat(struct zi_attachment *attachment, const char *name, const struct zi_request *request)
{
	attachment->page_bytes = attachment->view.page_bytes;
	attachment->doorbells = zi_object_map(seats_fd(attachment), attachment->view.layout.doorbell_offset,
		attachment->page_bytes, true);
	if (!attachment->doorbells)
		return zi_fail(errno, "cannot map the doorbells of pool '%s': %s", name, strerror(errno));
	int i = find_seat(attachment, name);
	if (i < 0)
		return i;
	attachment->seat_index = (uint32_t)i;
	attachment->seat_bytes = attachment->view.layout.seat_bytes;
	struct zi_seat *seat = zi_object_map(seats_fd(attachment),
		attachment->view.layout.seats_offset + (uint64_t)i * attachment->seat_bytes, attachment->seat_bytes,
		true);
	if (!seat)
		return zi_fail(errno, "cannot map a seat of pool '%s': %s", name, strerror(errno));

	attachment->seat = seat;
	attachment->timing = (struct zi_timing *)((uint8_t *)seat + attachment->view.layout.timing_offset);
	attachment->incarnation = atomic_load(&seat->incarnation);
	attachment->box.shared = (struct zi_mailbox *)((uint8_t *)seat + attachment->view.layout.mailbox_offset);
	attachment->box.grants = &seat->grants;
	attachment->box.records = attachment->view.records;
	attachment->box.n_slots = attachment->view.n_slots;
	attachment->box.body = zi_mailbox_body(attachment->view.mailbox);
	attachment->box.cond = attachment->view.cond;
	attachment->box.depth = request->depth;
	attachment->box.owed = &seat->owed;
	attachment->box.doorbell = &attachment->doorbells->doorbell;
	seat->policy = request->policy;
	seat->hold = request->hold;
	seat->depth = request->depth;
	seat->every = request->every;
	seat->interval_ns = request->interval_ns;
	memcpy(seat->group, request->group, sizeof(seat->group));
	seat->pid = (uint32_t)getpid();
	memcpy(seat->label, request->label, sizeof(seat->label));
	atomic_store(&seat->state, ZI_SEAT_CLAIMED);
	zi_futex_ring(&attachment->doorbells->doorbell);
	return 0;
}

static int open_attachment(struct zi_attachment *attachment, const struct zi_follow *follow,
	const struct zi_request *request)
{
	const char *name = follow->name;
	int error = zi_view_open(&attachment->view, name, &follow->trusted);
	if (!error)
		error = check_host(&attachment->view, name);
	if (!error)
		error = zi_view_check_live(&attachment->view, name);
	if (error)
		return error;
	error = zi_view_open_seats(&attachment->view, name, O_RDWR);
	if (error)
		return error == -ENOENT ? -ESTALE : error;
	return claim_seat(attachment, name, request);
}

int zi_attachment_claim(struct zi_attachment **pointer, const struct zi_follow *follow,
	const struct zi_request *request)
{
	ZI_UNCANCELLED;
	assert(request->hold >= 1 && request->hold <= ZOE_MAX_HOLD);
	assert(request->depth >= 1 && request->depth <= ZOE_MAX_DEPTH);
	*pointer = NULL;
	struct zi_attachment *attachment = calloc(1, sizeof(*attachment) + request->hold * sizeof(attachment->held[0]));
	if (!attachment)
		return zi_fail(ENOMEM, "out of memory");
	attachment->hold = request->hold;
	int error = open_attachment(attachment, follow, request);
	if (error)
		zi_attachment_close(attachment);
	else
		*pointer = attachment;
	return error;
}

static int refusal(const struct zi_attachment *attachment, const char *name, uint32_t verdict)
{
	if (verdict == ENOSPC)
		return zi_fail(ENOSPC,
			"pool '%s' has room for %u slots and would need %u with this reader: start its "
			"capture with more (--slots, --memory), or hold fewer frames",
			name, attachment->seat->slots_allowed, attachment->seat->slots_needed);
	if (verdict == EOPNOTSUPP)
		return zi_fail(EOPNOTSUPP, "pool '%s' is not lossless: start its capture with --lossless", name);
	if (verdict == EINVAL)
		return zi_fail(EINVAL, "pool '%s' refused this reader's limits", name);
	if (verdict == ESTALE)
		return zi_fail(ESTALE, "this seat of pool '%s' is just being made anew", name);
	return zi_fail(EBADMSG, "pool '%s' is damaged: restart its capture", name);
}

int zi_attachment_await(struct zi_attachment *attachment, const char *name, int64_t deadline_ns)
{
	assert(attachment->seat && !attachment->seated);
	for (;;) {
		/* Asked before the verdict: the writer may welcome us, publish, and end, all while we look. */
		bool is_over = zi_view_state(&attachment->view, true) != ZI_VIEW_LIVE;
		bool is_late = zoe_now_ns() >= deadline_ns;
		uint32_t verdict = atomic_load(&attachment->seat->verdict);
		if (verdict == ZI_VERDICT_WELCOME) {
			attachment->seated = true;
			return 0;
		}
		if (verdict != ZI_VERDICT_PENDING)
			return refusal(attachment, name, verdict);
		/* It called itself free before its time, since it was written over, and was made anew under us. */
		if (atomic_load(&attachment->seat->state) == ZI_SEAT_FREE)
			return refusal(attachment, name, ESTALE);
		if (is_over)
			return zi_fail(ESTALE, "pool '%s' ended just now", name);
		if (is_late)
			return zi_fail(EAGAIN, "the writer of pool '%s' (pid %u) does not answer: is it stopped?", name,
				attachment->view.reel->writer_pid);
		pthread_testcancel();
		zi_futex_wait(&attachment->seat->verdict, verdict, zi_slice(deadline_ns, LOOK_UP_NS));
	}
}

bool zi_attachment_owns_seat(const struct zi_attachment *attachment)
{
	return atomic_load(&attachment->seat->incarnation) == attachment->incarnation;
}

bool zi_attachment_lost_descriptors(const struct zi_attachment *attachment)
{
	return !zi_descriptors_intact(&attachment->view.descriptors, ZI_REEL) ||
		!zi_descriptors_intact(&attachment->view.descriptors, ZI_SEATS);
}

bool zi_attachment_is_cut(const struct zi_attachment *attachment)
{
	return zi_mapping_is_cut(attachment->seat) || zi_mapping_is_cut(attachment->doorbells) ||
		zi_mapping_is_cut(attachment->view.seats) || zi_mapping_is_cut(attachment->view.reel) ||
		(attachment->board && zi_mapping_is_cut(attachment->board));
}

void zi_attachment_ring(struct zi_attachment *attachment)
{
	/* After what was done to the grants, before the look: see wait_until in writer.c, deliver in
	 * delivery.c. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&attachment->seat->owed) || atomic_load(&attachment->view.reel->wants_space))
		zi_futex_ring(&attachment->doorbells->doorbell);
}

static void leave_seat(struct zi_attachment *attachment)
{
	if (!attachment->seat || !zi_attachment_owns_seat(attachment))
		return;
	atomic_store(&attachment->seat->state, ZI_SEAT_LEAVING);
	zi_mapping_remove(attachment->seat, attachment->seat_bytes);
	attachment->seat = NULL;
	if (zi_descriptors_intact(&attachment->view.descriptors, ZI_SEATS))
		zi_lock_drop(seats_fd(attachment), attachment->seat_index);
	zi_futex_ring(&attachment->doorbells->doorbell);
}

bool zi_attachment_try_close(struct zi_attachment *attachment)
{
	ZI_UNCANCELLED;
	leave_seat(attachment);
	if (!zi_descriptors_try_close(&attachment->view.descriptors))
		return false;
	zi_attachment_close(attachment);
	return true;
}

void zi_attachment_close(struct zi_attachment *attachment)
{
	ZI_UNCANCELLED;
	if (!attachment->view.descriptors.is_copy) {
		leave_seat(attachment);
		if (attachment->seat)
			zi_mapping_remove(attachment->seat, attachment->seat_bytes);
		if (attachment->board)
			zi_mapping_remove(attachment->board, attachment->board_bytes);
		if (attachment->doorbells)
			zi_mapping_remove(attachment->doorbells, attachment->page_bytes);
	}
	zi_view_close(&attachment->view);
	free(attachment);
}
