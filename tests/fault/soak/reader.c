/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader of the soak: looks at every frame twice, and obeys in between. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include <zoetrope/reader.h>

#include "actor.h"

#define ACQUIRE_MS 100
#define ATTACH_MS 200
/* zoe_reader_attach() gives a pool that is there one second more. */
#define GRACE_NS (1000 * SOAK_MS)
/* A seat or slots may be taken by a dead reader for less than this. */
#define REFUSED_NS SOAK_PATIENCE_NS

struct life {
	const struct soak_plan *plan;
	struct soak_words *words;
	struct zoe_reader_options options;
	struct zoe_reader *reader;
	const struct zoe_frame *held[ZOE_MAX_HOLD];
	uint32_t n_held;
	int64_t refused_since_ns;
	bool closed_all;
};

static void release_one(struct life *life)
{
	const struct zoe_frame *frame = life->held[0];

	if (!soak_is_whole(frame))
		atomic_fetch_add(&life->words->torn, 1);
	soak_promise(life->words, SOAK_RELEASE, 0);
	zoe_reader_release(life->reader, frame);
	soak_done(life->words);
	life->n_held--;
	for (uint32_t i = 0; i < life->n_held; i++)
		life->held[i] = life->held[i + 1];
}

static void release_all(struct life *life)
{
	while (life->n_held > 0)
		release_one(life);
}

/* The budget has room for all; only one that just died may be in the way. */
static void note_refusal(struct life *life)
{
	int64_t now = zoe_now_ns();

	if (!life->refused_since_ns)
		life->refused_since_ns = now;
	if (now - life->refused_since_ns > REFUSED_NS) {
		atomic_fetch_add(&life->words->refused, 1);
		life->refused_since_ns = 0;
	}
	usleep(5000);
}

static bool is_refusal(int error)
{
	return error == -ENOSPC || error == -EUSERS;
}

static void attach(struct life *life)
{
	int error;

	do {
		int64_t deadline_ns = zoe_deadline_in_ms(ATTACH_MS);
		soak_promise(life->words, SOAK_ATTACH, deadline_ns + GRACE_NS);
		error = zoe_reader_attach(&life->reader, life->plan->name, &life->options, deadline_ns);
		soak_done(life->words);
		if (is_refusal(error))
			note_refusal(life);
		else if (error && error != -ENOENT && error != -ETIMEDOUT)
			soak_error(life->words, error);
	} while (error);
	life->refused_since_ns = 0;
}

static void detach(struct life *life)
{
	soak_promise(life->words, SOAK_DETACH, 0);
	zoe_reader_detach(&life->reader);
	soak_done(life->words);
}

static void *attach_in_thread(void *argument)
{
	attach(argument);
	return NULL;
}

static int use_inherited(void *argument)
{
	struct life *life = argument;
	const struct zoe_frame *frame;
	int error = zoe_reader_acquire(life->reader, &frame, ZOE_POLL);

	return error == -ECHILD ? 0 : error ? error : 1;
}

static void attach_again(struct life *life)
{
	release_all(life);
	detach(life);
	attach(life);
}

static void attach_again_in_thread(struct life *life)
{
	pthread_t thread;

	release_all(life);
	detach(life);
	if (pthread_create(&thread, NULL, attach_in_thread, life) == 0)
		pthread_join(thread, NULL);
	else
		attach(life);
}

static void close_all(struct life *life)
{
	/* What it holds it would lose, as the header of the library says. */
	release_all(life);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	life->closed_all = true;
}

static void leave_child(struct life *life)
{
	soak_leave_child(life->plan, life->words, use_inherited, life);
}

static _Noreturn void end(struct life *life)
{
	detach(life);
	_exit(0);
}

static void obey(struct life *life)
{
	static void (*const actions[])(struct life *) = {
		[SOAK_ATTACH_AGAIN] = attach_again,
		[SOAK_ATTACH_IN_THREAD] = attach_again_in_thread,
		[SOAK_CLOSE_ALL] = close_all,
		[SOAK_FORK] = leave_child,
		[SOAK_END] = end,
	};
	uint32_t order = atomic_load(&life->words->order);

	if (order < sizeof(actions) / sizeof(actions[0]) && actions[order]) {
		actions[order](life);
		atomic_store(&life->words->order, SOAK_GO_ON);
	}
}

/* True for what may happen when writers come and go. */
static bool is_expected(struct life *life, int error)
{
	if (error == -ESTALE && life->closed_all) {
		life->closed_all = false;
		return true;
	}
	return error == -EAGAIN || error == -ENODATA || error == -EOWNERDEAD || error == -ETIMEDOUT;
}

static void look(struct life *life)
{
	const struct zoe_frame *frame;
	int64_t deadline_ns = zoe_deadline_in_ms(ACQUIRE_MS);

	soak_promise(life->words, SOAK_ACQUIRE, deadline_ns);
	int error = zoe_reader_acquire(life->reader, &frame, deadline_ns);
	soak_done(life->words);
	if (is_refusal(error)) {
		note_refusal(life);
		return;
	}
	life->refused_since_ns = 0;
	if (error) {
		if (!is_expected(life, error))
			soak_error(life->words, error);
		/* What is held keeps the lost seat's room until it is returned. */
		if (error == -ESTALE)
			release_all(life);
		return;
	}
	if (soak_is_whole(frame))
		atomic_fetch_add(&life->words->frames, 1);
	else
		atomic_fetch_add(&life->words->torn, 1);
	life->held[life->n_held++] = frame;
}

void soak_reader(const struct soak_plan *plan, struct soak_words *words, uint32_t index)
{
	static struct life life;

	life = (struct life){
		.plan = plan,
		.words = words,
		.options = { .hold = soak_hold(index), .depth = soak_depth(index), .label = "soak" },
	};
	attach(&life);
	for (;;) {
		obey(&life);
		if (life.n_held < life.options.hold)
			look(&life);
		/* One frame fewer than it may: the next is acquired while the last is still held. */
		while (life.n_held >= life.options.hold)
			release_one(&life);
	}
}
