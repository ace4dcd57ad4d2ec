/* SPDX-License-Identifier: BSD-2-Clause */
/* The writer of the soak: publishes as fast as a fast camera, keeps references as a decoder does. */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <zoetrope/writer.h>

#include "actor.h"
#include "support/frame.h"

#define PAUSE_US 1500
#define END_MS 200
struct life {
	const struct soak_plan *plan;
	struct soak_words *words;
	struct zoe_writer *writer;
	uint32_t side;
	uint64_t drawn;
	uint32_t kept[SOAK_RESERVED];
	uint32_t n_kept;
};

static struct zoe_writer *create(struct life *life, struct zoe_writer *predecessor)
{
	struct zoe_writer *writer;
	struct zoe_writer_options options = {
		.slot_bytes = (uint64_t)life->side * life->side,
		.max_slots = soak_slots(life->plan->n_readers),
		.reserved_slots = SOAK_RESERVED,
		.max_seats = life->plan->n_readers + 2,
		.predecessor = predecessor,
	};

	use_pool_options(&options, &life->plan->pool);
	soak_promise(life->words, SOAK_CREATE, 0);
	int error = zoe_writer_create(&writer, life->plan->name, &options);
	soak_done(life->words);
	if (error) {
		soak_error(life->words, error);
		_exit(1);
	}
	return writer;
}

static void destroy(struct life *life, struct zoe_writer **writer)
{
	soak_promise(life->words, SOAK_FINISH, 0);
	zoe_writer_destroy(writer);
	soak_done(life->words);
}

static void let_go_of_oldest(struct life *life, struct zoe_writer *writer)
{
	zoe_writer_let_go(writer, life->kept[0]);
	memmove(life->kept, life->kept + 1, --life->n_kept * sizeof(life->kept[0]));
}

/*
 * Publish, with patience while the name is still another's, unless one is told to end. A child that was just
 * forked off has its parent's descriptors until it has run its first instructions: if the parent is killed at
 * once, the name is free only then. And who cleans up has a dead pool's lock until it runs on.
 */
static int commit_frame(struct life *life, uint32_t slot, const struct zoe_frame_info *info, unsigned flags)
{
	int64_t patient_until_ns = zoe_now_ns() + SOAK_PATIENCE_NS;
	int error;

	do {
		int64_t begun_ns = zoe_now_ns();
		soak_promise(life->words, SOAK_PUBLISH, begun_ns);
		error = zoe_writer_publish(life->writer, slot, info, flags, ZOE_POLL);
		soak_done(life->words);
		int64_t took_ns = zoe_now_ns() - begun_ns;
		if (took_ns > atomic_load(&life->words->longest_ns))
			atomic_store(&life->words->longest_ns, took_ns);
	} while (error == -EBUSY && atomic_load(&life->words->order) != SOAK_END && zoe_now_ns() < patient_until_ns &&
		usleep(PAUSE_US) == 0);
	return error;
}

static void end_as_loser(struct life *life)
{
	zoe_writer_destroy(&life->writer);
	_exit(SOAK_EXIT_BUSY);
}

/* One frame. A kept one is let go two frames later. */
static void publish(struct life *life)
{
	struct zoe_slot slot;
	struct zoe_writer_stats stats;
	bool keep = life->drawn++ % 3 == 0;

	while (life->n_kept == SOAK_RESERVED - 1)
		let_go_of_oldest(life, life->writer);
	soak_promise(life->words, SOAK_BEGIN, 0);
	int error = zoe_writer_begin(life->writer, &slot);
	soak_done(life->words);
	if (error) {
		atomic_fetch_add(error == -EAGAIN ? &life->words->refused : &life->words->errors, 1);
		atomic_store(&life->words->last_error, error);
		return;
	}
	zoe_writer_get_stats(life->writer, &stats);
	soak_draw(slot.data, life->side, stats.epoch, stats.published + 1);
	const struct zoe_frame_info info = gray_frame(life->side, life->side);
	error = commit_frame(life, slot.index, &info, keep ? ZOE_PUBLISH_KEEP : 0);
	if (error == -EBUSY)
		end_as_loser(life);
	if (error) {
		soak_error(life->words, error);
		zoe_writer_let_go(life->writer, slot.index);
		return;
	}
	if (keep)
		life->kept[life->n_kept++] = slot.index;
	atomic_fetch_add(&life->words->frames, 1);
}

/* The next pool of the name, its first frame out, before the old one goes. */
static void new_epoch(struct life *life)
{
	struct life old = *life;

	life->side = atomic_load(&life->words->argument);
	life->writer = create(life, old.writer);
	life->n_kept = 0;
	publish(life);
	/* A decoder's references may outlive the pool: in every other life they do. */
	struct zoe_writer *left = old.writer;
	bool outlive = life->drawn % 2;
	if (outlive)
		destroy(life, &old.writer);
	while (old.n_kept > 0)
		let_go_of_oldest(&old, left);
	if (!outlive)
		destroy(life, &old.writer);
}

static int use_inherited(void *argument)
{
	struct life *life = argument;
	struct zoe_slot slot;
	int error = zoe_writer_begin(life->writer, &slot);

	return error == -ECHILD ? 0 : error ? error : 1;
}

static void leave_child(struct life *life)
{
	soak_leave_child(life->plan, life->words, use_inherited, life);
}

static _Noreturn void end(struct life *life)
{
	int64_t deadline_ns = zoe_deadline_in_ms(END_MS);

	soak_promise(life->words, SOAK_FINISH, deadline_ns);
	zoe_writer_end(life->writer, deadline_ns);
	zoe_writer_destroy(&life->writer);
	soak_done(life->words);
	_exit(0);
}

static void obey(struct life *life)
{
	static void (*const actions[])(struct life *) = {
		[SOAK_FORK] = leave_child,
		[SOAK_NEW_EPOCH] = new_epoch,
		[SOAK_END] = end,
	};
	uint32_t order = atomic_load(&life->words->order);

	if (order < sizeof(actions) / sizeof(actions[0]) && actions[order]) {
		actions[order](life);
		atomic_store(&life->words->order, SOAK_GO_ON);
	}
}

void soak_writer(const struct soak_plan *plan, struct soak_words *words, uint32_t side)
{
	static struct life life;

	life = (struct life){ .plan = plan, .words = words, .side = side };
	life.writer = create(&life, NULL);
	for (;;) {
		publish(&life);
		obey(&life);
		usleep(PAUSE_US);
	}
}
