/* SPDX-License-Identifier: BSD-2-Clause */
/* Capture: a healthy writer with its housekeeping thread, that does what its director orders. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>

#include "pool/system/clock.h"
#include "pool/system/lock.h"
#include "pool/writer/state.h"
#include "stage.h"
#include "trace.h"

#define LAP_FRAMES 12
#define WAIT_NS ZI_S

struct capture {
	struct step_stage *stage;
	struct zoe_writer *writer;
	uint32_t side;
	uint64_t seq;
};

/* How often this thread had to make room for another, though it was not waiting. */
static long preemptions(void)
{
	struct rusage usage;
	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

static bool publish(struct capture *capture)
{
	struct step_stage *stage = capture->stage;
	const struct zoe_frame_info info = step_info(capture->side);
	struct zoe_slot slot;
	long before = preemptions();
	int64_t begin = zoe_now_ns();

	int error = zoe_writer_begin(capture->writer, &slot);
	if (!error) {
		step_draw(&slot, capture->side, capture->writer->epoch, capture->seq + 1);
		error = zoe_writer_publish(capture->writer, slot.index, &info, 0, ZOE_POLL);
	}
	if (error)
		return step_fault(stage, "capture: %s (%s)", strerrorname_np(-error), zoe_error());
	capture->seq++;
	int64_t took = zoe_now_ns() - begin;
	if (preemptions() != before)
		return true;
	step_most(&stage->longest_ns, took);
	return took < STEP_LATE_MS * ZI_MS || step_fault(stage, "a publish took %lld ms", (long long)(took / ZI_MS));
}

/* True when this watcher has our newest frame. */
static bool has_newest(const struct capture *capture, const struct step_watch *watch)
{
	return atomic_load(&watch->epoch) == capture->writer->epoch && atomic_load(&watch->seq) == capture->seq;
}

/* A dozen frames: more than there are slots, so that a lost grant or a held slot in use would show. */
static bool lap(struct capture *capture)
{
	struct step_stage *stage = capture->stage;
	for (int i = 0; i < LAP_FRAMES; i++) {
		if (!publish(capture))
			return false;
		int64_t end = zoe_now_ns() + WAIT_NS;
		for (uint32_t w = 0; w < stage->n_lapped; w++) {
			while (!has_newest(capture, &stage->watch[w])) {
				if (zoe_now_ns() > end)
					return step_fault(stage, "reader %u did not get frame %llu within 1 s", w,
						(unsigned long long)capture->seq);
				zi_futex_wait(&stage->faulty, 0, zoe_now_ns() + ZI_MS / 20);
				if (atomic_load(&stage->faulty))
					return false;
			}
		}
	}
	return true;
}

static void await_sleep(struct step_stage *stage)
{
	atomic_store(&stage->ready, 1);
	while (!atomic_load(&stage->cancel) && !step_sleeps(atomic_load(&stage->victim)))
		zi_futex_wait(&stage->cancel, 0, zoe_now_ns() + ZI_MS / 5);
	while (stage->linger && !atomic_load(&stage->cancel))
		zi_futex_wait(&stage->cancel, 0, zoe_now_ns() + ZI_MS);
}

static bool publish_asleep(struct capture *capture)
{
	await_sleep(capture->stage);
	return atomic_load(&capture->stage->cancel) || publish(capture);
}

static bool seat_asleep(struct capture *capture)
{
	/* The housekeeping thread waits for this mutex, as it would for the processor on a busy machine. */
	pthread_mutex_lock(&capture->writer->mutex);
	await_sleep(capture->stage);
	pthread_mutex_unlock(&capture->writer->mutex);
	return true;
}

/* What is wrong with a seat that is not a living reader's; NULL: nothing. */
static const char *wrong_with(struct capture *capture, uint32_t i)
{
	const struct zi_seat_control *control = &capture->writer->seat_controls[i];
	const struct zi_grants *grants = &control->seat->grants;

	if (atomic_load(&control->seat->state) != ZI_SEAT_FREE)
		return "is not free";
	if (control->seated)
		return "is seated in the writer's book";
	if (atomic_load(&control->seat->owed) || atomic_load(&control->seat->verdict) != ZI_VERDICT_PENDING)
		return "has an old note or verdict";
	for (int word = 0; word < ZOE_MAX_SLOTS / 64; word++)
		if (atomic_load(&grants->granted[word]) || atomic_load(&grants->taken[word]))
			return "still has grants";
	return NULL;
}

static bool settle(struct capture *capture)
{
	struct step_stage *stage = capture->stage;
	int64_t end = zoe_now_ns() + STEP_BACK_MS * ZI_MS;
	for (;;) {
		const char *wrong = NULL;
		uint32_t held = 0, where = 0;
		pthread_mutex_lock(&capture->writer->mutex);
		for (uint32_t i = 0; i < capture->writer->n_seats; i++) {
			bool alive = zi_lock_held(zi_writer_seats_fd(capture->writer), i);
			held += alive;
			const char *found = alive ? NULL : wrong_with(capture, i);
			where = found ? i : where;
			wrong = found ? found : wrong;
		}
		pthread_mutex_unlock(&capture->writer->mutex);
		if (!wrong && held == stage->n_seated)
			return true;
		if (zoe_now_ns() > end && wrong)
			return step_fault(stage, "seat %u %s after 1 s", where, wrong);
		if (zoe_now_ns() > end)
			return step_fault(stage, "%u seats are locked, not %u", held, stage->n_seated);
		zi_futex_wait(&stage->cancel, 0, zoe_now_ns() + ZI_MS);
	}
}

static bool end(struct capture *capture)
{
	struct zoe_writer_stats stats;
	zoe_writer_get_stats(capture->writer, &stats);
	int error = zoe_writer_end(capture->writer, zoe_deadline_in_ms(STEP_BACK_MS));
	zoe_writer_destroy(&capture->writer);
	if (stats.n_held)
		return step_fault(capture->stage, "%u slots are held, and nobody is there", stats.n_held);
	return !error || step_fault(capture->stage, "end: %s", zoe_error());
}

static bool (*const orders[])(struct capture *) = {
	[STEP_PUBLISH] = publish,
	[STEP_LAP] = lap,
	[STEP_PUBLISH_ASLEEP] = publish_asleep,
	[STEP_SEAT_ASLEEP] = seat_asleep,
	[STEP_SETTLE] = settle,
	[STEP_END] = end,
};

int step_capture(struct step_stage *stage, int side)
{
	struct capture capture = { .stage = stage, .side = (uint32_t)side };
	const struct zoe_writer_options options = {
		.slot_bytes = capture.side * capture.side,
		.max_slots = 2 + 3 * stage->max_seats,
		.max_seats = stage->max_seats,
		.mailbox = stage->mailbox,
		.cond = stage->cond,
	};
	int error = zoe_writer_create(&capture.writer, stage->name, &options);
	if (error) {
		step_fault(stage, "create: %s (%s)", strerrorname_np(-error), zoe_error());
		return 0;
	}
	if (publish(&capture))
		atomic_store(&stage->epoch, capture.writer->epoch);
	while (capture.writer) {
		uint32_t asked = atomic_load(&stage->asked);
		if (asked == atomic_load(&stage->done)) {
			zi_futex_wait(&stage->asked, asked, zoe_deadline_in_ms(STEP_PATIENCE_MS));
			continue;
		}
		orders[atomic_load(&stage->order)](&capture);
		atomic_store(&stage->done, asked);
	}
	return 0;
}
