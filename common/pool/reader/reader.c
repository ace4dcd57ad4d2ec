/* SPDX-License-Identifier: BSD-2-Clause */
#include <zoetrope/reader.h>

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pool/layout/histogram.h"
#include "pool/reader/state.h"
#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/options.h"
#include "pool/system/probes.h"
#include "pool/system/thread.h"

/* What a pool that is there may take to give us a seat, whatever the deadline. */
#define GRACE_NS ZI_S
/* How often to ask, while no frame comes, whether the writer lives. */
#define LIVENESS_NS (100 * ZI_MS)
/* While it spins a reader looks at memory so often between two looks at the clock. */
#define LOOKS 16

/*
 * Close the old attachments whose last frame is returned; all stay while a successor is looked for, to be told of it.
 * Does not wait for a thread that forks: what is left is for the next time.
 */
static void sweep_old(struct zoe_reader *reader)
{
	for (struct zi_attachment **at = &reader->old; *at;) {
		struct zi_attachment *attachment = *at;
		if (attachment->n_held > 0 || reader->follow.awaits_successor) {
			at = &attachment->older;
			continue;
		}
		struct zi_attachment *older = attachment->older;
		if (!zi_attachment_try_close(attachment))
			return;
		*at = older;
	}
}

static void drop_attachment(struct zoe_reader *reader)
{
	zi_attachment_close(reader->attachment);
	reader->attachment = NULL;
}

/* How an epoch ended, as zi_view_fail_over() says it; 0: it did not. */
static void remember_end(struct zoe_reader *reader, int error, int64_t since_ns)
{
	reader->past.state = !error ? ZOE_STATE_LIVE : error == -EOWNERDEAD ? ZOE_STATE_WRITER_GONE : ZOE_STATE_ENDED;
	reader->past.end = error == -ECANCELED ? ZOE_END_STOPPED
		: error == -ECONNABORTED       ? ZOE_END_FAILED
					       : ZOE_END_INPUT;
	reader->past.since_ns = since_ns;
}

/* Leave the present attachment, which may have ended; it stays mapped while frames of it are held. */
static void leave(struct zoe_reader *reader, int error)
{
	struct zi_attachment *attachment = reader->attachment;
	zi_notifier_attend(reader, NULL);
	remember_end(reader, error,
		error && error != -EOWNERDEAD
			? zi_view_time(&attachment->view, atomic_load(&attachment->view.reel->state_since_ns))
			: zoe_now_ns());
	reader->past.epoch = attachment->view.reel->epoch;
	reader->past.writer_pid = attachment->view.reel->writer_pid;
	/* Of a reel that was cut short nothing is known. */
	uint64_t latest = zi_item_seq(atomic_load(&attachment->view.reel->latest));
	reader->skipped_before = attachment->last_seq && latest > attachment->last_seq ? latest - attachment->last_seq
										       : 0;
	attachment->older = reader->old;
	reader->old = attachment;
	reader->attachment = NULL;
	sweep_old(reader);
}

/* Seated in a new epoch: a lossless writer waits to hear of it on the old seat and the new doorbell page. */
static void arrive(struct zoe_reader *reader)
{
	if (reader->follow.awaits_successor && reader->old && reader->old->seat &&
		zi_attachment_owns_seat(reader->old)) {
		atomic_store(&reader->old->seat->followed, 1);
		zi_attachment_ring(reader->attachment);
	}
	if (reader->follow.awaits_successor) {
		reader->attachment->counts_first = true;
		reader->attachment->skipped_before = reader->skipped_before;
	}
	reader->follow.awaits_successor = false;
	zi_notifier_attend(reader, reader->attachment);
	sweep_old(reader);
}

/* One try to be seated in whatever pool has the name now; a claim that is not answered yet is kept. */
static int take_seat(struct zi_follow *follow, int64_t deadline_ns)
{
	struct zoe_reader *reader = follow->owner;
	int error = 0;

	if (!reader->attachment)
		error = zi_attachment_claim(&reader->attachment, follow, &reader->request);
	if (!error)
		error = zi_attachment_await(reader->attachment, follow->name, deadline_ns);
	if (!error)
		arrive(reader);
	else if (error != -EAGAIN && reader->attachment)
		drop_attachment(reader);
	return error;
}

/* The thread that attaches is cancelled while it waits. */
static void cancel_attach(void *owner)
{
	struct zoe_reader *reader = owner;
	zoe_reader_detach(&reader);
}

int zoe_reader_attach_sized(struct zoe_reader **pointer, const char *name, const struct zoe_reader_options *theirs,
	size_t options_bytes, int64_t deadline_ns)
{
	struct zoe_reader_options options = { 0 };

	*pointer = NULL;
	int error = zi_options_read(&options, offsetof(struct zoe_reader_options, reserved), theirs, options_bytes,
		"zoe_reader_options");
	if (error)
		return error;
	struct zoe_reader *reader = calloc(1, sizeof(*reader));
	if (!reader)
		return zi_fail(ENOMEM, "out of memory");
	error = zi_follow_begin(&reader->follow, name, options.owner, take_seat, reader);
	if (error) {
		free(reader);
		return error;
	}
	reader->follow.grace_ns = GRACE_NS;
	reader->follow.cancelled = cancel_attach;
	reader->follow.which = options.follow;
	reader->spins = options.spin;
	error = zi_request_fill(&reader->request, &options);
	if (!error)
		error = zi_follow_first(&reader->follow, deadline_ns);
	if (error)
		zoe_reader_detach(&reader);
	*pointer = reader;
	return error;
}

/* A seat in the next epoch: 0, -EAGAIN for none by the deadline, or what zoe_reader_acquire() returns. */
static int find_seat(struct zoe_reader *reader, int64_t deadline_ns)
{
	int error = zi_follow_next(&reader->follow, deadline_ns);

	if (!zi_follow_is_over(error) || reader->follow.is_over)
		return error;
	/* The successor's end is this reader's news, too. */
	remember_end(reader, error, zoe_now_ns());
	sweep_old(reader);
	return zi_follow_end_of(&reader->follow, error);
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

	assert(attachment->n_held < attachment->hold);
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
		ZI_PROBE(acquire, reader->follow.name, attachment->seat_index, (*frame)->seq,
			age((const struct zi_held *)*frame));
		reader->past.received++;
		reader->past.skipped += (*frame)->skipped;
		if (reader->spins)
			zi_pace_note(&reader->pace, (*frame)->info.published_ns);
	}
	return error;
}

/* Sleep for a frame until then, or less long if wake-ups go astray. */
static int sleep_for(struct zoe_reader *reader, const struct zoe_frame **frame, int64_t now_ns, int64_t until_ns)
{
	int64_t until = zi_wakes_bound(&reader->wakes, now_ns, until_ns);
	int error = take(reader, frame, until);

	if (!error)
		zi_wakes_note(&reader->wakes, ((const struct zi_held *)*frame)->acquired_ns, until,
			(*frame)->info.published_ns);
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
		return sleep_for(reader, frame, now, until_ns);
	int error = -EAGAIN;
	if (now < from) {
		error = sleep_for(reader, frame, now, from);
		now = zoe_now_ns();
		if (error == -EAGAIN && now >= from)
			zi_pace_overslept(&reader->pace, now - from);
	}
	return error == -EAGAIN ? spin(reader, frame, until < until_ns ? until : until_ns) : error;
}

/* The pool is over and its mailbox empty. What zoe_reader_acquire says, or 0 to go on. */
static int move_on(struct zoe_reader *reader, enum zi_view_state state)
{
	int error = zi_view_fail_over(&reader->attachment->view, reader->follow.name, state);

	reader->follow.awaits_successor = state == ZI_VIEW_RETIRED;
	reader->follow.gone = zi_view_end(&reader->attachment->view);
	reader->follow.gone_pid = reader->attachment->view.reel->writer_pid;
	leave(reader, error);
	return error ? zi_follow_end_of(&reader->follow, error) : 0;
}

/* The seat is another's, or nobody's. Where the pool was damaged, its next epoch is followed without a word. */
static int lost_seat(struct zoe_reader *reader)
{
	if (zi_view_is_damaged(&reader->attachment->view) || zi_attachment_is_cut(reader->attachment))
		return move_on(reader, ZI_VIEW_RETIRED);
	reader->follow.awaits_end = true;
	leave(reader, 0);
	return zi_fail(ESTALE,
		"this reader lost its seat in pool '%s': did something close its descriptors, or write over it?",
		reader->follow.name);
}

/* A frame from the present attachment, or -EAGAIN: look at the time; or 0 without a frame: go on. */
static int acquire_here(struct zoe_reader *reader, const struct zoe_frame **frame, int64_t deadline_ns)
{
	struct zi_attachment *attachment = reader->attachment;

	if (!zi_attachment_owns_seat(attachment) || zi_attachment_is_cut(attachment))
		return lost_seat(reader);
	if (attachment->n_held == attachment->hold)
		return zi_fail(EBUSY, "%u frames are held already: release one", attachment->hold);
	int error = take(reader, frame, ZOE_POLL);
	if (error == -EAGAIN && deadline_ns != ZOE_POLL)
		error = wait_for(reader, frame, zi_slice(deadline_ns, LIVENESS_NS));
	if (error == -EBADMSG && zi_attachment_is_cut(attachment))
		return lost_seat(reader);
	bool is_lost = error == -ESTALE;
	if (error != -EAGAIN && !is_lost)
		return error;

	if (reader->old)
		sweep_old(reader);
	int64_t now = zoe_now_ns();
	bool ask = is_lost || now - attachment->checked_ns >= LIVENESS_NS / 2;
	if (ask)
		attachment->checked_ns = now;
	if (ask && zi_attachment_lost_descriptors(attachment))
		return lost_seat(reader);
	enum zi_view_state state = zi_view_state(&attachment->view, ask);
	if (state == ZI_VIEW_LIVE)
		return is_lost ? lost_seat(reader) : -EAGAIN;
	/* Over. What was put into the mailbox before that comes first. */
	error = take(reader, frame, ZOE_POLL);
	return error == -EAGAIN || error == -ESTALE ? move_on(reader, state) : error;
}

int zoe_reader_acquire(struct zoe_reader *reader, const struct zoe_frame **frame, int64_t deadline_ns)
{
	*frame = NULL;
	if (zi_descriptors_check(&reader->follow.descriptors, "reader"))
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
			error = find_seat(reader, deadline_ns);
		}
		if (error && error != -EAGAIN)
			return error;
		if (error && (deadline_ns == ZOE_POLL || zoe_now_ns() >= deadline_ns))
			return zi_fail_plain(EAGAIN, "no new frame");
		pthread_testcancel();
	}
}

void zoe_reader_release(struct zoe_reader *reader, const struct zoe_frame *frame)
{
	if (!frame || reader->follow.descriptors.is_copy)
		return;
	struct zi_held *held = (struct zi_held *)(uintptr_t)frame;
	struct zi_attachment *attachment = held->attachment;
	/* Returned before: its slot may be granted again by now. */
	if (!held->used)
		return;
	held->used = false;
	attachment->n_held--;
	if (zi_attachment_owns_seat(attachment)) {
		int64_t held_ns = zoe_now_ns() - held->acquired_ns;
		ZI_PROBE(release, reader->follow.name, attachment->seat_index, frame->seq, held_ns);
		count(attachment->timing->age, age(held));
		count(attachment->timing->hold, held_ns);
		zi_grants_return(attachment->box.grants, held->slot);
		zi_attachment_ring(attachment);
	}
	if (attachment != reader->attachment)
		sweep_old(reader);
}

void zoe_reader_get_status(struct zoe_reader *reader, struct zoe_status *status)
{
	*status = reader->past;
	if (reader->follow.descriptors.is_copy)
		return;
	struct zi_attachment *attachment = reader->attachment;
	if (attachment) {
		status->state = zi_view_status(&attachment->view, &status->since_ns);
		status->epoch = attachment->view.reel->epoch;
		status->writer_pid = attachment->view.reel->writer_pid;
		status->n_held = attachment->n_held;
		status->end = status->state == ZOE_STATE_ENDED ? zi_view_end(&attachment->view) : ZOE_END_INPUT;
	}
	for (const struct zi_attachment *old = reader->old; old; old = old->older)
		status->n_held += old->n_held;
}

int zoe_reader_get_source(struct zoe_reader *reader, struct zoe_source *source)
{
	memset(source, 0, sizeof(*source));
	if (zi_descriptors_check(&reader->follow.descriptors, "reader"))
		return -ECHILD;
	if (!reader->attachment || !zi_view_source(&reader->attachment->view, source)) {
		memset(source, 0, sizeof(*source));
		return zi_fail_plain(ENODATA, "nothing is known of the source");
	}
	return 0;
}

void zoe_reader_detach(struct zoe_reader **pointer)
{
	ZI_UNCANCELLED;
	struct zoe_reader *reader = *pointer;
	*pointer = NULL;
	if (!reader)
		return;
	zi_notifier_stop(reader);
	if (reader->attachment)
		drop_attachment(reader);
	while (reader->old) {
		struct zi_attachment *attachment = reader->old;
		reader->old = attachment->older;
		zi_attachment_close(attachment);
	}
	zi_follow_end(&reader->follow);
	free(reader);
}
