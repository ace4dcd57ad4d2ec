/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What reader, observer and writer do in a round.
 *
 * keep    the reader has a frame in hand and another waits: it takes that, returns the
 *         first, waits for the next, and keeps both that it got
 * return  it takes what waits, returns it, waits for the next and returns that, with room
 *         for two in its mailbox
 * next    the same with room for one
 * look    an observer looks at the newest frame while the writer goes once round its slots
 *
 * But for the last the writer keeps a slot as a decoder does; it looks after the seat,
 * publishes, and takes the kept slot back to paint it over. In the first a frame is owed
 * to the seat, whose lock was held when that frame came; in the second two are published.
 */
#include <errno.h>
#include <string.h>

#include "pairs.h"
#include "pool/system/clock.h"
#include "pool/writer/housekeeping.h"
#include "pool/writer/state.h"

#define SIDE 8
#define LAP_FRAMES 16 /* the most slots are 8, of which the reader has up to 4 */
#define LONG_MS 1000  /* that a reader waits for a frame: it comes long before */

struct reader {
	struct pairs_scene *scene;
	struct zoe_reader *reader;
	const struct zoe_frame *held[2];
	uint64_t seq; /* of the last frame that came */
};

static void check(struct pairs_scene *scene, const struct zoe_frame *frame, const char *when)
{
	if (frame && (!step_whole(frame) || frame->info.pts != (int64_t)frame->seq))
		step_fault(&scene->stage, "frame %llu %s", (unsigned long long)frame->seq, when);
}

static const struct zoe_frame *take(struct reader *reader, int64_t deadline_ns)
{
	const struct zoe_frame *frame;
	struct step_stage *stage = &reader->scene->stage;
	int error = zoe_reader_acquire(reader->reader, &frame, deadline_ns);
	if (error && error != -EAGAIN)
		step_fault(stage, "acquire: %s (%s)", strerrorname_np(-error), zoe_error());
	check(reader->scene, frame, "is torn as it comes");
	if (frame && frame->seq <= reader->seq)
		step_fault(stage, "frame %llu comes after %llu", (unsigned long long)frame->seq,
			(unsigned long long)reader->seq);
	if (frame)
		reader->seq = frame->seq;
	return frame;
}

static void give(struct reader *reader, const struct zoe_frame *frame)
{
	check(reader->scene, frame, "changed while it was held");
	zoe_reader_release(reader->reader, frame);
}

/* A frame comes for sure, unless this reader has the last one already. */
static const struct zoe_frame *wait_for_next(struct reader *reader)
{
	bool is_last = reader->seq == reader->scene->goal;
	return take(reader, is_last ? ZOE_POLL : zoe_deadline_in_ms(LONG_MS));
}

static void act_keep(struct reader *reader)
{
	const struct zoe_frame *first = reader->held[0];
	reader->held[0] = take(reader, ZOE_POLL);
	give(reader, first);
	reader->held[1] = wait_for_next(reader);
}

static void act_return(struct reader *reader)
{
	give(reader, take(reader, ZOE_POLL));
	give(reader, wait_for_next(reader));
}

/* Take and return what waits; the last of it, or what came before, is the newest. */
static const struct zoe_frame *catch_up(struct reader *reader, bool keeps)
{
	const struct zoe_frame *frame, *last = NULL;
	while ((frame = take(reader, ZOE_POLL))) {
		give(reader, last);
		last = frame;
	}
	uint64_t newest = reader->scene->newest;
	if (reader->seq != newest)
		step_fault(&reader->scene->stage, "frame %llu does not come, the last was %llu",
			(unsigned long long)newest, (unsigned long long)reader->seq);
	if (keeps)
		return last;
	give(reader, last);
	return NULL;
}

static bool attach(struct reader *reader)
{
	const struct pairs_scenario *scenario = reader->scene->scenario;
	const struct zoe_reader_options options = { .hold = scenario->hold,
		.depth = scenario->depth,
		.label = "pairs" };
	int error = zoe_reader_attach(&reader->reader, reader->scene->stage.name, &options,
		zoe_deadline_in_ms(STEP_PATIENCE_MS));
	if (error)
		return step_fault(&reader->scene->stage, "attach: %s", zoe_error());
	reader->held[0] = take(reader, zoe_deadline_in_ms(LONG_MS));
	if (scenario->keeps)
		return true;
	give(reader, reader->held[0]);
	reader->held[0] = NULL;
	return true;
}

static int read_on(struct pairs_scene *scene, void (*act)(struct reader *))
{
	struct reader reader = { .scene = scene };
	if (!attach(&reader))
		return 1;
	for (;;) {
		pairs_mark(PAIRS_ACT);
		if (scene->leave)
			break;
		act(&reader);
		pairs_mark(PAIRS_DONE);
		catch_up(&reader, false);
		pairs_mark(PAIRS_SETTLED);
		const struct zoe_frame *last = catch_up(&reader, scene->scenario->keeps);
		give(&reader, reader.held[0]);
		give(&reader, reader.held[1]);
		reader.held[0] = last;
		reader.held[1] = NULL;
	}
	give(&reader, reader.held[0]);
	zoe_reader_detach(&reader.reader);
	return 0;
}

static int read_keep(void *scene)
{
	return read_on(scene, act_keep);
}

static int read_return(void *scene)
{
	return read_on(scene, act_return);
}

/* Look at the newest frame and copy it, as an observer should. Its number; 0: none new. */
static uint64_t look(struct pairs_scene *scene, struct zoe_observer *observer)
{
	const struct zoe_frame *frame;
	uint64_t copy[SIDE * SIDE / sizeof(uint64_t)];
	int error = zoe_observer_next(observer, &frame, ZOE_POLL);
	if (error && error != -EAGAIN)
		step_fault(&scene->stage, "next: %s (%s)", strerrorname_np(-error), zoe_error());
	if (!frame)
		return 0;
	struct zoe_frame copied = *frame;
	memcpy(copy, frame->data[0], sizeof(copy));
	copied.data[0] = (const uint8_t *)copy;
	if (zoe_observer_check(observer) == 0)
		check(scene, &copied, "is torn and said to be whole");
	return frame->seq;
}

static int read_look(void *argument)
{
	struct pairs_scene *scene = argument;
	struct zoe_observer *observer;
	if (zoe_observer_open(&observer, scene->stage.name, zoe_deadline_in_ms(STEP_PATIENCE_MS))) {
		step_fault(&scene->stage, "open: %s", zoe_error());
		return 1;
	}
	uint64_t seq = look(scene, observer);
	for (;;) {
		pairs_mark(PAIRS_ACT);
		if (scene->leave)
			break;
		/* One that was not looked at is there whatever the writer is doing. */
		seq = look(scene, observer);
		pairs_mark(PAIRS_DONE);
		if (!seq)
			step_fault(&scene->stage, "there is no frame to look at");
		for (uint64_t next; (next = look(scene, observer));)
			seq = next;
		if (seq != scene->newest)
			step_fault(&scene->stage, "the newest frame cannot be looked at");
		pairs_mark(PAIRS_SETTLED);
		while (look(scene, observer))
			continue;
	}
	zoe_observer_close(&observer);
	return 0;
}

struct writer {
	struct pairs_scene *scene;
	struct zoe_writer *writer;
	uint32_t doorbell; /* as it stood before the last round of housekeeping */
	uint32_t kept;     /* slot of the frame that is kept */
};

static uint32_t publish(struct writer *writer, unsigned flags)
{
	struct zoe_frame_info info = step_info(SIDE);
	uint64_t seq = writer->writer->slots.seq + 1;
	struct zoe_slot slot;
	int error = zoe_writer_begin(writer->writer, &slot);
	if (error) {
		step_fault(&writer->scene->stage, "begin: %s (%s)", strerrorname_np(-error), zoe_error());
		return 0;
	}
	step_draw(&slot, SIDE, writer->writer->epoch, seq);
	info.pts = (int64_t)seq;
	if (zoe_writer_publish(writer->writer, slot.index, &info, flags, ZOE_POLL))
		step_fault(&writer->scene->stage, "publish: %s", zoe_error());
	writer->scene->newest = seq;
	return slot.index;
}

/* What the housekeeping thread does when it wakes, and it wakes for the doorbell only. */
static void keep_house(struct writer *writer)
{
	for (uint32_t doorbell; (doorbell = atomic_load(&writer->writer->doorbells->doorbell)) != writer->doorbell;) {
		writer->doorbell = doorbell;
		zi_housekeeping_run(writer->writer);
	}
}

/* The reader returned everything but what it keeps from round to round. */
static void check_grants(struct writer *writer, uint32_t expected)
{
	const struct zi_grants *grants = writer->writer->seat_controls[0].box.grants;
	struct zoe_writer_stats stats;
	int granted = 0, taken = 0;

	for (int word = 0; word < ZOE_MAX_SLOTS / 64; word++) {
		granted += __builtin_popcountll(atomic_load(&grants->granted[word]));
		taken += __builtin_popcountll(atomic_load(&grants->taken[word]));
	}
	zoe_writer_get_stats(writer->writer, &stats);
	if (stats.n_held != expected || granted != (int)expected || taken != (int)expected)
		step_fault(&writer->scene->stage,
			"the reader has %u frames, and %u slots are held (granted %d, taken %d)", expected,
			stats.n_held, granted, taken);
}

/* A frame waits in the mailbox and its slot is kept; where there is a lock, the next one may be owed. */
static void prepare(struct writer *writer)
{
	struct pairs_scene *scene = writer->scene;
	check_grants(writer, scene->scenario->keeps);
	if (!scene->scenario->hold) {
		publish(writer, 0);
		return;
	}
	writer->kept = publish(writer, ZOE_PUBLISH_KEEP);
	if (scene->scenario->owes && scene->stage.mailbox == ZOE_MAILBOX_MUTEX) {
		pthread_mutex_t *mutex = &writer->writer->seat_controls[0].box.shared->mutex.mutex;
		pthread_mutex_lock(mutex);
		publish(writer, 0);
		pthread_mutex_unlock(mutex);
	}
	scene->goal = writer->writer->slots.seq + scene->scenario->publishes;
}

static void act_publish(struct writer *writer)
{
	struct zoe_writer *pool = writer->writer;
	zi_housekeeping_run(pool);
	for (uint32_t i = 0; i < writer->scene->scenario->publishes; i++)
		publish(writer, 0);
	/* A codec that gets its picture back paints over it. */
	if (zoe_writer_withdraw(pool, writer->kept) == 0)
		memset(pool->pixels + writer->kept * pool->reel->slot_bytes, 0, SIDE * SIDE);
	zoe_writer_let_go(pool, writer->kept);
}

static void act_go_round(struct writer *writer)
{
	for (uint32_t i = 0; i < writer->scene->scenario->publishes; i++)
		publish(writer, 0);
}

static bool open_pool(struct writer *writer)
{
	struct pairs_scene *scene = writer->scene;
	const struct pairs_scenario *scenario = scene->scenario;
	const struct zoe_writer_options options = {
		/* One in filling, the latest, the kept one, and what is reserved for the one reader. */
		.slot_bytes = SIDE * SIDE,
		.max_slots = 3 + scenario->hold + scenario->depth,
		.reserved_slots = scenario->hold > 0,
		.max_seats = 1,
		.no_thread = true,
		.mailbox = scene->stage.mailbox,
		.cond = scene->stage.cond,
	};
	if (zoe_writer_create(&writer->writer, scene->stage.name, &options))
		return step_fault(&scene->stage, "create: %s", zoe_error());
	publish(writer, 0);
	if (scenario->hold && zoe_writer_wait_readers(writer->writer, 1, zoe_deadline_in_ms(STEP_PATIENCE_MS)))
		return step_fault(&scene->stage, "%s", zoe_error());
	/* From here on publish leaves the housekeeping to a thread, which is keep_house(). Nobody dies. */
	writer->writer->has_thread = true;
	writer->writer->census_ns = INT64_MAX / 2;
	return true;
}

/* The reader has left: its seat is free again, and so is every slot. */
static void close_pool(struct writer *writer)
{
	zoe_writer_let_go(writer->writer, writer->kept);
	keep_house(writer);
	if (atomic_load(&writer->writer->seat_controls[0].seat->state) != ZI_SEAT_FREE)
		step_fault(&writer->scene->stage, "the reader's seat is not free");
	check_grants(writer, 0);
	writer->writer->has_thread = false;
	zoe_writer_destroy(&writer->writer);
}

static int write_on(struct pairs_scene *scene, void (*act)(struct writer *))
{
	struct writer writer = { .scene = scene };
	if (!open_pool(&writer))
		return 1;
	pairs_mark(PAIRS_START);
	for (;;) {
		prepare(&writer);
		pairs_mark(PAIRS_ACT);
		if (scene->leave)
			break;
		act(&writer);
		pairs_mark(PAIRS_DONE);
		keep_house(&writer);
		pairs_mark(PAIRS_SETTLED);
		for (int i = 0; i < LAP_FRAMES; i++)
			publish(&writer, 0);
		keep_house(&writer);
		pairs_mark(PAIRS_LAPPED);
	}
	close_pool(&writer);
	return 0;
}

static int write_publish(void *scene)
{
	return write_on(scene, act_publish);
}

static int write_round(void *scene)
{
	return write_on(scene, act_go_round);
}

const struct pairs_scenario pairs_scenarios[PAIRS_SCENARIOS] = {
	{ "keep", read_keep, write_publish, .hold = 4, .depth = 1, .keeps = 1, .publishes = 1, .owes = true },
	{ "return", read_return, write_publish, .hold = 3, .depth = 2, .publishes = 2 },
	{ "next", read_return, write_publish, .hold = 3, .depth = 1, .publishes = 1 },
	{ "look", read_look, write_round, .publishes = 3 },
};
