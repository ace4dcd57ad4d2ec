/* SPDX-License-Identifier: BSD-2-Clause */
#include <zoetrope/writer.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pool/layout/planes.h"
#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/mapping.h"
#include "pool/system/object.h"
#include "pool/system/probes.h"
#include "pool/system/thread.h"
#include "pool/view/view.h"
#include "pool/writer/announce.h"
#include "pool/writer/delivery.h"
#include "pool/writer/housekeeping.h"
#include "pool/writer/lossless.h"
#include "pool/writer/state.h"

/* While waiting for readers the writer looks up this often, though they ring. */
#define LOOK_UP_NS (20 * ZI_MS)

/* So many looks for one frame are those of readers that take and return. */
#define MOST_RINGS (4 * ZOE_MAX_SEATS)

/* After shared memory was full, ask for more only this often. */
#define FULL_NS ZI_S

/* One more slot in shared memory. Its index or -errno. With the mutex held. */
static int add_slot(struct zoe_writer *writer)
{
	uint64_t bytes = writer->slot_bytes;
	uint32_t n = writer->slots.n;

	if (n == writer->slots.max)
		return zi_fail(EAGAIN, "all %u slots of pool '%s' are held", n, writer->name);
	if (zoe_now_ns() < writer->full_until_ns)
		return zi_object_fail(writer->name, bytes, writer->full_error);
	if (!zi_descriptors_intact(&writer->descriptors, ZI_REEL))
		return zi_fail(EBADF, "something closed the descriptors of pool '%s'", writer->name);
	uint64_t pixels_offset = (uint64_t)(writer->pixels - (const uint8_t *)writer->reel);
	int error = zi_object_grow(zi_writer_reel_fd(writer), pixels_offset + n * bytes, bytes);
	if (error) {
		writer->full_until_ns = zoe_now_ns() + FULL_NS;
		writer->full_error = -error;
		return zi_object_fail(writer->name, bytes, -error);
	}
	int slot = (int)zi_slots_add(&writer->slots);
	atomic_store(&writer->reel->n_slots, writer->slots.n);
	return slot;
}

int zoe_writer_begin(struct zoe_writer *writer, struct zoe_slot *slot)
{
	struct zi_mask granted;

	if (zi_descriptors_check(&writer->descriptors, "writer"))
		return -ECHILD;
	pthread_mutex_lock(&writer->mutex);
	zi_deliver_outstanding(writer, &granted);
	/* After that look: of an object that is cut short it would say that nobody has anything. */
	int i = zi_housekeeping_check(writer);
	if (i == 0) {
		i = zi_slots_choose(&writer->slots, &granted);
		if (i < 0)
			i = add_slot(writer);
	}
	if (i >= 0) {
		zi_slots_begin(&writer->slots, (uint32_t)i);
		/* Nobody may take what follows for the old frame: the number goes before a pixel changes. */
		atomic_store(&writer->records[i].seq, 0);
		atomic_thread_fence(memory_order_seq_cst);
		*slot = (struct zoe_slot){
			.index = (uint32_t)i,
			.data = writer->pixels + (uint64_t)i * writer->slot_bytes,
			.size_bytes = writer->slot_bytes,
		};
	}
	pthread_mutex_unlock(&writer->mutex);
	return i < 0 ? i : 0;
}

/*
 * The housekeeping of this pool and of those before it. While we have the mutex no other thread's publish
 * can be done with a predecessor, after which it may be destroyed.
 */
static void keep_seats(struct zoe_writer *writer)
{
	zi_housekeeping_run(writer);
	pthread_mutex_lock(&writer->mutex);
	if (writer->predecessor)
		keep_seats(writer->predecessor);
	pthread_mutex_unlock(&writer->mutex);
}

static void stop_waiting(void *argument)
{
	struct zoe_writer *writer = argument;
	atomic_store(&writer->reel->wants_space, 0);
}

static void may_be_cancelled(struct zoe_writer *writer)
{
	pthread_cleanup_push(stop_waiting, writer);
	pthread_testcancel();
	pthread_cleanup_pop(0);
}

/*
 * Wait until `done`, with the mutex held before and after. Readers that take or return
 * ring the doorbell while wants_space is set: it is set before `done` looks, and they look at
 * it after what they did, so one of the two sees the other.
 */
static int wait_until(struct zoe_writer *writer, bool (*done)(struct zoe_writer *, uint32_t), uint32_t argument,
	int64_t deadline_ns)
{
	int error = 0;
	if (done(writer, argument))
		return 0;
	for (unsigned n_rings = 0;; n_rings++) {
		atomic_store(&writer->reel->wants_space, 1);
		uint32_t doorbell = atomic_load(&writer->doorbells->doorbell);
		if (done(writer, argument))
			break;
		error = zi_housekeeping_check(writer);
		if (!error && zoe_now_ns() >= deadline_ns)
			error = -ETIMEDOUT;
		if (error)
			break;
		pthread_mutex_unlock(&writer->mutex);
		/* A member that rings in a loop does not get a processor for it. */
		if (n_rings >= MOST_RINGS)
			zi_sleep_until(zi_slice(deadline_ns, ZI_MS));
		keep_seats(writer);
		may_be_cancelled(writer);
		zi_futex_wait(&writer->doorbells->doorbell, doorbell, zi_slice(deadline_ns, LOOK_UP_NS));
		pthread_mutex_lock(&writer->mutex);
	}
	atomic_store(&writer->reel->wants_space, 0);
	return error;
}

static bool is_ready(struct zoe_writer *writer, uint32_t unused)
{
	(void)unused;
	return zi_lossless_ready(writer);
}

static bool owes_nothing(struct zoe_writer *writer, uint32_t unused)
{
	(void)unused;
	return !zi_deliver_owes(writer);
}

static bool has_readers(struct zoe_writer *writer, uint32_t n)
{
	return zi_housekeeping_seated(writer) >= n;
}

static void commit_frame(struct zoe_writer *writer, uint32_t slot, const struct zoe_frame_info *info, bool keep)
{
	struct zi_record *record = &writer->records[slot];
	int64_t now = zoe_now_ns();
	uint64_t seq = zi_slots_publish(&writer->slots, slot, keep);

	/* In this order, so that a death in between leaves nothing half said: what it is, its
	 * number, that it is the latest, the grants. */
	record->info = *info;
	record->info.published_ns = now;
	atomic_store_explicit(&record->seq, seq, memory_order_release);
	atomic_store(&writer->reel->latest, zi_item(seq, slot));
	ZI_PROBE(publish, writer->name, seq, slot);
	zi_deliver_to_all(writer, now);
	atomic_store(&writer->reel->published_ns, now);
	if (info->flags & ZOE_FRAME_COPIED)
		atomic_fetch_add(&writer->reel->copied, 1);
	atomic_fetch_add(&writer->reel->frame_counter, 1);
}

int zoe_writer_publish(struct zoe_writer *writer, uint32_t slot, const struct zoe_frame_info *info, unsigned flags,
	int64_t deadline_ns)
{
	if (zi_descriptors_check(&writer->descriptors, "writer"))
		return -ECHILD;
	if (!zi_planes_fit(info, writer->slot_bytes))
		return zi_fail(EINVAL, "the planes do not lie within the slot, or hold no picture of %ux%u",
			info->width_px, info->height_px);
	int error = zoe_writer_announce(writer);
	if (error)
		return error;

	pthread_mutex_lock(&writer->mutex);
	error = zi_housekeeping_check(writer);
	if (!error && !zi_slots_filling(&writer->slots, slot))
		error = zi_fail(EINVAL, "slot %u is not being filled", slot);
	else if (!error && (writer->reel->lossless || writer->predecessor))
		error = wait_until(writer, is_ready, 0, deadline_ns);
	/* The mutex was free meanwhile: another thread may have let go of the slot, or a successor have the name. */
	if (!error && !zi_slots_filling(&writer->slots, slot))
		error = zi_fail(EINVAL, "slot %u was let go", slot);
	else if (!error && writer->replaced)
		error = zi_fail(EBUSY, "pool '%s' has passed to its successor", writer->name);
	if (!error) {
		writer->predecessor = NULL;
		commit_frame(writer, slot, info, flags & ZOE_PUBLISH_KEEP);
	}
	pthread_mutex_unlock(&writer->mutex);
	if (!error)
		zi_futex_wake(&writer->reel->frame_counter);
	if (error == -ETIMEDOUT)
		return zi_fail(ETIMEDOUT, "a lossless reader of pool '%s' has no room yet", writer->name);
	if (!writer->has_thread)
		zi_housekeeping_run(writer);
	return error;
}

int zoe_writer_withdraw(struct zoe_writer *writer, uint32_t slot)
{
	struct zi_mask granted;

	if (zi_descriptors_check(&writer->descriptors, "writer"))
		return -ECHILD;
	pthread_mutex_lock(&writer->mutex);
	zi_deliver_outstanding(writer, &granted);
	/* In a pool that is damaged it is not known what readers have. */
	int error = zi_housekeeping_check(writer) ? -EBUSY : zi_slots_withdraw(&writer->slots, slot, &granted);
	if (!error)
		atomic_store(&writer->records[slot].seq, 0);
	pthread_mutex_unlock(&writer->mutex);
	if (error == -EBUSY)
		return zi_fail(EBUSY, "slot %u is the latest, or a reader has it", slot);
	return error ? zi_fail(EINVAL, "slot %u is not published", slot) : 0;
}

static void free_writer(struct zoe_writer *writer)
{
	if (!writer->descriptors.is_copy) {
		zi_mapping_remove(writer->seats, writer->seats_bytes);
		zi_mapping_remove(writer->reel, writer->reel_bytes);
		zi_descriptors_close(&writer->descriptors);
	}
	pthread_mutex_destroy(&writer->mutex);
	free(writer);
}

void zoe_writer_let_go(struct zoe_writer *writer, uint32_t slot)
{
	if (writer->descriptors.is_copy)
		return;
	pthread_mutex_lock(&writer->mutex);
	if (writer->waits_since_ns && zi_slots_filling(&writer->slots, slot))
		zi_lossless_give_up(writer);
	zi_slots_let_go(&writer->slots, slot);
	bool last = writer->destroyed && zi_slots_count_kept(&writer->slots) == 0;
	pthread_mutex_unlock(&writer->mutex);
	if (last)
		free_writer(writer);
}

void zoe_writer_source_lost(struct zoe_writer *writer, bool lost)
{
	if (writer->descriptors.is_copy)
		return;
	bool was_lost = atomic_load(&writer->reel->source_lost_ns) != 0;
	if (lost != was_lost)
		atomic_store(&writer->reel->source_lost_ns, lost ? zoe_now_ns() : 0);
}

void zoe_writer_set_source(struct zoe_writer *writer, const struct zoe_source *source)
{
	struct zi_reel *reel = writer->reel;

	if (writer->descriptors.is_copy)
		return;
	pthread_mutex_lock(&writer->mutex);
	atomic_fetch_add(&reel->source_number, 1);
	atomic_thread_fence(memory_order_release);
	reel->source = *source;
	atomic_fetch_add_explicit(&reel->source_number, 1, memory_order_release);
	pthread_mutex_unlock(&writer->mutex);
}

void zoe_writer_set_end(struct zoe_writer *writer, enum zoe_end end)
{
	if (writer->descriptors.is_copy)
		return;
	pthread_mutex_lock(&writer->mutex);
	writer->end = end;
	pthread_mutex_unlock(&writer->mutex);
}

int zoe_writer_wait_readers(struct zoe_writer *writer, uint32_t n, int64_t deadline_ns)
{
	if (zi_descriptors_check(&writer->descriptors, "writer"))
		return -ECHILD;
	pthread_mutex_lock(&writer->mutex);
	int error = wait_until(writer, has_readers, n, deadline_ns);
	uint32_t seated = zi_housekeeping_seated(writer);
	pthread_mutex_unlock(&writer->mutex);
	return error == -ETIMEDOUT ? zi_fail(ETIMEDOUT, "pool '%s' has %u of %u readers", writer->name, seated, n)
				   : error;
}

int zoe_writer_end(struct zoe_writer *writer, int64_t deadline_ns)
{
	if (zi_descriptors_check(&writer->descriptors, "writer"))
		return -ECHILD;
	pthread_mutex_lock(&writer->mutex);
	int error = wait_until(writer, owes_nothing, 0, deadline_ns);
	zi_writer_close(writer);
	pthread_mutex_unlock(&writer->mutex);
	return error ? zi_fail(ETIMEDOUT, "a reader of pool '%s' did not get its last frame", writer->name) : 0;
}

void zoe_writer_get_wait(struct zoe_writer *writer, struct zoe_wait *wait)
{
	memset(wait, 0, sizeof(*wait));
	if (writer->descriptors.is_copy)
		return;
	pthread_mutex_lock(&writer->mutex);
	zi_view_wait(writer->reel, wait);
	pthread_mutex_unlock(&writer->mutex);
}

void zoe_writer_get_stats(struct zoe_writer *writer, struct zoe_writer_stats *stats)
{
	struct zi_mask granted;

	memset(stats, 0, sizeof(*stats));
	if (writer->descriptors.is_copy)
		return;
	pthread_mutex_lock(&writer->mutex);
	zi_deliver_outstanding(writer, &granted);
	*stats = (struct zoe_writer_stats){
		.epoch = writer->epoch,
		.published = writer->slots.seq,
		.n_busy = writer->n_busy,
		.n_slots = writer->slots.n,
		.max_slots = writer->slots.max,
		.n_readers = zi_housekeeping_seated(writer),
		.n_held = zi_mask_count(&granted),
		.n_lossless = zi_lossless_count(writer),
		.shm_bytes = writer->reel->pixels_offset + writer->slots.n * writer->slot_bytes + writer->seats_bytes +
			writer->n_boards * writer->board_bytes,
	};
	pthread_mutex_unlock(&writer->mutex);
}

void zoe_writer_destroy(struct zoe_writer **pointer)
{
	ZI_UNCANCELLED;
	struct zoe_writer *writer = *pointer;
	*pointer = NULL;
	if (!writer)
		return;
	if (writer->descriptors.is_copy) {
		free_writer(writer);
		return;
	}
	pthread_mutex_lock(&writer->mutex);
	zi_writer_close(writer);
	bool named = writer->named;
	pthread_mutex_unlock(&writer->mutex);
	zi_housekeeping_stop(writer);
	if (named) {
		/* The reel last: while its name is ours nobody else may touch the seats'. */
		zi_object_unlink(zi_writer_seats_fd(writer), writer->name, ZI_SEATS);
		zi_object_unlink(zi_writer_reel_fd(writer), writer->name, ZI_REEL);
	}
	zi_writer_unlink_temps(writer);
	/* It stays in the list until the last hold ends: a child forked until then has no holds to end. */
	zi_descriptors_shut(&writer->descriptors);

	pthread_mutex_lock(&writer->mutex);
	writer->destroyed = true;
	bool last = zi_slots_count_kept(&writer->slots) == 0;
	pthread_mutex_unlock(&writer->mutex);
	if (last)
		free_writer(writer);
}
