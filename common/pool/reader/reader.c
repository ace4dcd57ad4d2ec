/* SPDX-License-Identifier: BSD-2-Clause */
#include <zoetrope/reader.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pool/layout/histogram.h"
#include "pool/reader/state.h"
#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/probes.h"

/* What a pool that is there may take to give us a seat, whatever the deadline. */
#define GRACE_NS ZI_S
/* How often to look for a name that is not there yet, */
#define NAME_NS (10 * ZI_MS)
/* for one that is just changing hands, or a seat that is just being freed, */
#define SETTLE_NS ZI_MS
/* and, while no frame comes, whether the writer lives. */
#define LIVENESS_NS (100 * ZI_MS)
/* While it spins a reader looks at memory so often between two looks at the clock. */
#define LOOKS 16
/* Housekeeping runs 20 times a second; silent for this long it does not run at all. */
#define STALLED_NS (500 * ZI_MS)

/* Close the old attachments whose last frame is returned, except the one whose successor we look for. */
static void sweep_old(struct zoe_reader *reader)
{
	for (struct zi_attachment **at = &reader->old; *at;) {
		struct zi_attachment *attachment = *at;
		if (attachment->n_held > 0 || reader->follows) {
			at = &attachment->older;
			continue;
		}
		*at = attachment->older;
		zi_attachment_close(attachment);
	}
}

/* Leave the present attachment; it stays mapped while frames of it are held. */
static void leave(struct zoe_reader *reader, enum zoe_state state)
{
	struct zi_attachment *attachment = reader->attachment;
	zi_notifier_attend(reader, NULL);
	reader->past.state = state;
	reader->past.since_ns = state == ZOE_STATE_ENDED ? atomic_load(&attachment->view.reel->state_since_ns)
							 : zoe_now_ns();
	reader->past.epoch = attachment->view.reel->epoch;
	reader->past.writer_pid = attachment->view.reel->writer_pid;
	reader->skipped_before = attachment->last_seq
		? zi_item_seq(atomic_load(&attachment->view.reel->latest)) - attachment->last_seq
		: 0;
	attachment->older = reader->old;
	reader->old = attachment;
	reader->attachment = NULL;
	sweep_old(reader);
}

/* Seated in a new epoch: a lossless writer waits to hear of it on the old seat and the new doorbell page. */
static void arrive(struct zoe_reader *reader)
{
	if (reader->follows && reader->old && zi_attachment_owns_seat(reader->old)) {
		atomic_store(&reader->old->seat->followed, 1);
		zi_attachment_ring(reader->attachment);
	}
	if (reader->follows) {
		reader->attachment->counts_first = true;
		reader->attachment->skipped_before = reader->skipped_before;
	}
	reader->follows = false;
	zi_notifier_attend(reader, reader->attachment);
	sweep_old(reader);
}

int zoe_reader_attach(struct zoe_reader **pointer, const char *name, const struct zoe_reader_options *options,
	int64_t deadline_ns)
{
	struct zi_request request;
	int64_t grace = 0;

	*pointer = NULL;
	if (zi_check_name(name))
		return -EINVAL;
	int error = zi_request_fill(&request, options);
	if (error)
		return error;
	struct zoe_reader *reader = calloc(1, sizeof(*reader));
	if (!reader)
		return zi_fail(ENOMEM, "out of memory");
	error = zi_descriptors_watch(&reader->descriptors);
	if (error) {
		free(reader);
		return error;
	}
	memcpy(reader->name, name, strlen(name) + 1);
	reader->request = request;
	reader->spins = options && options->spin;

	for (;;) {
		error = zi_attachment_claim(&reader->attachment, name, &request);
		bool absent = error == -ENOENT || error == -ENODATA || error == -EOWNERDEAD;
		int64_t now = zoe_now_ns();
		if (!absent && !grace)
			grace = now + GRACE_NS > deadline_ns ? now + GRACE_NS : deadline_ns;
		if (!error) {
			error = zi_attachment_await(reader->attachment, name, grace);
			if (!error)
				break;
			zi_attachment_close(reader->attachment);
			reader->attachment = NULL;
		}
		int64_t end = absent ? deadline_ns : grace;
		bool again = absent || error == -ESTALE || error == -EUSERS;
		if (!again || now >= end) {
			zoe_reader_detach(&reader);
			return absent ? -ENOENT : error == -EAGAIN || error == -ESTALE ? -ETIMEDOUT : error;
		}
		zi_sleep_until(zi_slice(end, absent ? NAME_NS : SETTLE_NS));
	}
	*pointer = reader;
	return 0;
}

/*
 * One try to get a seat in whatever pool has the name now. 0, -EAGAIN to look again
 * later, or what zoe_reader_acquire returns.
 */
static int find_attachment(struct zoe_reader *reader, int64_t deadline_ns)
{
	int error = 0;
	if (!reader->attachment)
		error = zi_attachment_claim(&reader->attachment, reader->name, &reader->request);
	if (!error)
		error = zi_attachment_await(reader->attachment, reader->name, deadline_ns);
	if (error == 0) {
		arrive(reader);
		return 0;
	}
	if (error == -EAGAIN)
		return error;
	if (reader->attachment) {
		zi_attachment_close(reader->attachment);
		reader->attachment = NULL;
	}
	/* The name passed to a successor that is over already: that is this reader's news too. */
	if (reader->follows && (error == -ENOENT || error == -ENODATA || error == -EOWNERDEAD)) {
		reader->follows = false;
		reader->past.state = error == -EOWNERDEAD ? ZOE_STATE_WRITER_GONE : ZOE_STATE_ENDED;
		reader->past.since_ns = zoe_now_ns();
		sweep_old(reader);
		return error == -EOWNERDEAD ? error : -ENODATA;
	}
	if (error == -ENOENT || error == -ENODATA || error == -EOWNERDEAD || error == -ESTALE || error == -EUSERS)
		return -EAGAIN;
	return error;
}

/* How many frames passed this reader by since its last one, in this epoch or the one it followed from. */
static uint64_t skipped(const struct zi_attachment *attachment, uint64_t seq)
{
	if (attachment->last_seq)
		return seq - attachment->last_seq - 1;
	return attachment->counts_first ? attachment->skipped_before + seq - 1 : 0;
}

/* Count a duration in our own seat, where nobody else writes and anybody may look. */
static void count(_Atomic uint32_t *buckets, int64_t ns)
{
	_Atomic uint32_t *bucket = &buckets[zi_histogram_bucket(ns)];
	atomic_store_explicit(bucket, atomic_load_explicit(bucket, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* How old the frame was when it came. As unsigned: what stands in the reel may be any number. */
static int64_t age(const struct zi_held *held)
{
	return (int64_t)((uint64_t)held->acquired_ns - (uint64_t)held->frame.info.published_ns);
}

static int hand_out(struct zi_attachment *attachment, uint64_t item, const struct zoe_frame **frame)
{
	uint32_t slot = zi_item_slot(item);
	struct zi_held *held = attachment->held;

	while (held->used)
		held++;
	if (!zi_view_describe(&attachment->view, item, &held->frame)) {
		zi_grants_return(attachment->box.grants, slot);
		return zi_fail(EBADMSG, "the pool is damaged: a frame lies outside its slot");
	}
	held->attachment = attachment;
	held->slot = slot;
	held->used = true;
	held->acquired_ns = zoe_now_ns();
	held->frame.skipped = skipped(attachment, zi_item_seq(item));
	attachment->last_seq = held->frame.seq;
	attachment->n_held++;
	atomic_store_explicit(&attachment->seat->received,
		atomic_load_explicit(&attachment->seat->received, memory_order_relaxed) + 1, memory_order_relaxed);
	*frame = &held->frame;
	return 0;
}

static int take(struct zoe_reader *reader, const struct zoe_frame **frame, int64_t deadline_ns)
{
	struct zi_attachment *attachment = reader->attachment;
	uint64_t item;

	/* A poll that finds nothing leaves the mailbox, and its cache line, to the writer. */
	if (deadline_ns == ZOE_POLL && !zi_grants_any_waiting(attachment->box.grants))
		return -EAGAIN;
	int error = zi_mailbox_take(&attachment->box, &item, deadline_ns);
	zi_attachment_ring(attachment);
	if (error)
		return error;
	error = hand_out(attachment, item, frame);
	if (!error) {
		ZI_PROBE(acquire, reader->name, attachment->seat_index, (*frame)->seq,
			age((const struct zi_held *)*frame));
		reader->past.received++;
		reader->past.skipped += (*frame)->skipped;
		if (reader->spins)
			zi_pace_note(&reader->pace, (*frame)->info.published_ns);
	}
	return error;
}

/* Look at memory, and at the clock now and then, until a frame is there. */
static int spin(struct zoe_reader *reader, const struct zoe_frame **frame, int64_t until_ns)
{
	int error = -EAGAIN;
	while (error == -EAGAIN && zoe_now_ns() < until_ns) {
		for (int i = 0; i < LOOKS && !zi_grants_any_waiting(reader->attachment->box.grants); i++)
			zi_pause();
		error = take(reader, frame, ZOE_POLL);
	}
	return error;
}

/* Sleep for a frame, or until shortly before the next one is due and spin from there. */
static int wait_for(struct zoe_reader *reader, const struct zoe_frame **frame, int64_t until_ns)
{
	int64_t from, until, now = zoe_now_ns();

	if (!reader->spins || !zi_pace_window(&reader->pace, now, &from, &until) || from >= until_ns)
		return take(reader, frame, until_ns);
	int error = -EAGAIN;
	if (now < from) {
		error = take(reader, frame, from);
		now = zoe_now_ns();
		if (error == -EAGAIN && now >= from)
			zi_pace_overslept(&reader->pace, now - from);
	}
	return error == -EAGAIN ? spin(reader, frame, until < until_ns ? until : until_ns) : error;
}

/* The pool is over and its mailbox empty. What zoe_reader_acquire says, or 0 to go on. */
static int move_on(struct zoe_reader *reader, enum zi_fate fate)
{
	if (fate == ZI_FATE_RETIRED) {
		reader->follows = true;
		leave(reader, ZOE_STATE_LIVE);
		return 0;
	}
	uint32_t pid = reader->attachment->view.reel->writer_pid;
	leave(reader, fate == ZI_FATE_GONE ? ZOE_STATE_WRITER_GONE : ZOE_STATE_ENDED);
	if (fate == ZI_FATE_GONE)
		return zi_fail(EOWNERDEAD, "the writer of pool '%s' (pid %u) died", reader->name, pid);
	return zi_fail(ENODATA, "pool '%s' has ended", reader->name);
}

static int lost_seat(struct zoe_reader *reader)
{
	leave(reader, ZOE_STATE_LIVE);
	return zi_fail(ESTALE, "this reader lost its seat in pool '%s': did something close its descriptors?",
		reader->name);
}

/* A frame from the present attachment, or -EAGAIN: look at the time; or 0 without a frame: go on. */
static int acquire_here(struct zoe_reader *reader, const struct zoe_frame **frame, int64_t deadline_ns)
{
	struct zi_attachment *attachment = reader->attachment;

	if (!zi_attachment_owns_seat(attachment))
		return lost_seat(reader);
	if (attachment->n_held == attachment->hold)
		return zi_fail(EBUSY, "%u frames are held already: release one", attachment->hold);
	int error = take(reader, frame, ZOE_POLL);
	if (error == -EAGAIN && deadline_ns != ZOE_POLL)
		error = wait_for(reader, frame, zi_slice(deadline_ns, LIVENESS_NS));
	if (error != -EAGAIN)
		return error;

	int64_t now = zoe_now_ns();
	bool ask = now - attachment->checked_ns >= LIVENESS_NS / 2;
	if (ask)
		attachment->checked_ns = now;
	if (ask && zi_attachment_lost_descriptors(attachment))
		return lost_seat(reader);
	enum zi_fate fate = zi_view_fate(&attachment->view, ask);
	if (fate == ZI_FATE_LIVE)
		return -EAGAIN;
	/* Over. What was put into the mailbox before that comes first. */
	error = take(reader, frame, ZOE_POLL);
	return error == -EAGAIN ? move_on(reader, fate) : error;
}

int zoe_reader_acquire(struct zoe_reader *reader, const struct zoe_frame **frame, int64_t deadline_ns)
{
	*frame = NULL;
	if (zi_descriptors_check(&reader->descriptors, "reader"))
		return -ECHILD;
	zi_notifier_clear(reader);
	for (;;) {
		int error;
		if (reader->attachment && reader->attachment->seated) {
			error = acquire_here(reader, frame, deadline_ns);
			if (*frame) {
				zi_notifier_look(reader);
				return 0;
			}
		} else {
			error = find_attachment(reader, deadline_ns);
		}
		if (error && error != -EAGAIN)
			return error;
		if (error && (deadline_ns == ZOE_POLL || zoe_now_ns() >= deadline_ns))
			return zi_fail_plain(EAGAIN, "no new frame");
		if (!reader->attachment && error)
			zi_sleep_until(zi_slice(deadline_ns, reader->follows ? SETTLE_NS : NAME_NS));
	}
}

void zoe_reader_release(struct zoe_reader *reader, const struct zoe_frame *frame)
{
	if (!frame || reader->descriptors.is_copy)
		return;
	struct zi_held *held = (struct zi_held *)(uintptr_t)frame;
	struct zi_attachment *attachment = held->attachment;
	held->used = false;
	attachment->n_held--;
	if (zi_attachment_owns_seat(attachment)) {
		int64_t held_ns = zoe_now_ns() - held->acquired_ns;
		ZI_PROBE(release, reader->name, attachment->seat_index, frame->seq, held_ns);
		count(attachment->timing->age, age(held));
		count(attachment->timing->hold, held_ns);
		zi_grants_return(attachment->box.grants, held->slot);
		zi_attachment_ring(attachment);
	}
	if (attachment != reader->attachment)
		sweep_old(reader);
}

static void live_status(const struct zi_attachment *attachment, struct zoe_status *status)
{
	const struct zi_reel *reel = attachment->view.reel;
	int64_t lost = atomic_load(&reel->source_lost_ns);
	int64_t heartbeat = atomic_load(&reel->heartbeat_ns);

	status->state = ZOE_STATE_LIVE;
	status->since_ns = atomic_load(&reel->published_ns);
	if (lost) {
		status->state = ZOE_STATE_SOURCE_LOST;
		status->since_ns = lost;
	}
	if (heartbeat < zoe_now_ns() - STALLED_NS) {
		status->state = ZOE_STATE_STALLED;
		status->since_ns = heartbeat;
	}
}

void zoe_reader_get_status(struct zoe_reader *reader, struct zoe_status *status)
{
	*status = reader->past;
	if (reader->descriptors.is_copy)
		return;
	struct zi_attachment *attachment = reader->attachment;
	if (attachment) {
		enum zi_fate fate = zi_view_fate(&attachment->view, true);
		live_status(attachment, status);
		if (fate == ZI_FATE_ENDED || fate == ZI_FATE_GONE) {
			status->state = fate == ZI_FATE_GONE ? ZOE_STATE_WRITER_GONE : ZOE_STATE_ENDED;
			status->since_ns = fate == ZI_FATE_GONE ? atomic_load(&attachment->view.reel->heartbeat_ns)
								: atomic_load(&attachment->view.reel->state_since_ns);
		}
		status->epoch = attachment->view.reel->epoch;
		status->writer_pid = attachment->view.reel->writer_pid;
		status->n_held = attachment->n_held;
	}
	for (const struct zi_attachment *old = reader->old; old; old = old->older)
		status->n_held += old->n_held;
}

void zoe_reader_detach(struct zoe_reader **pointer)
{
	struct zoe_reader *reader = *pointer;
	*pointer = NULL;
	if (!reader)
		return;
	zi_notifier_stop(reader);
	if (reader->attachment)
		zi_attachment_close(reader->attachment);
	while (reader->old) {
		struct zi_attachment *attachment = reader->old;
		reader->old = attachment->older;
		zi_attachment_close(attachment);
	}
	zi_descriptors_close(&reader->descriptors);
	free(reader);
}
