/* SPDX-License-Identifier: BSD-2-Clause */
#include "actor.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* A child that was left behind lives through so many events, and no longer than that when nobody counts them. */
#define CHILD_EVENTS 10
#define CHILD_S 120

void soak_promise(struct soak_words *words, enum soak_call call, int64_t end_ns)
{
	atomic_store(&words->call, call);
	atomic_store(&words->must_end_ns, end_ns ? end_ns : zoe_now_ns());
}

void soak_done(struct soak_words *words)
{
	atomic_store(&words->must_end_ns, 0);
	atomic_store(&words->call, SOAK_IDLE);
}

void soak_error(struct soak_words *words, int error)
{
	atomic_store(&words->last_error, error);
	atomic_fetch_add(&words->errors, 1);
}

void soak_leave_child(const struct soak_plan *plan, struct soak_words *words, int (*use_inherited)(void *),
	void *argument)
{
	uint32_t begun = atomic_load(plan->settled);
	pid_t child = fork();

	if (child == 0) {
		alarm(CHILD_S);
		int error = use_inherited(argument);
		if (error)
			soak_error(words, error);
		while (atomic_load(plan->settled) - begun < CHILD_EVENTS)
			usleep(10000);
		_exit(0);
	}
	if (child < 0)
		soak_error(words, -1);
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= UINT64_C(0x7fb5d329728ea185);
	x ^= x >> 27;
	return x;
}

static uint64_t pattern(uint64_t epoch, uint64_t seq)
{
	return mix(mix(epoch) + seq);
}

void soak_draw(uint8_t *data, uint32_t side, uint64_t epoch, uint64_t seq)
{
	uint64_t value = pattern(epoch, seq);

	for (size_t at = 0; at < (size_t)side * side; at += sizeof(value), value++)
		memcpy(data + at, &value, sizeof(value));
}

bool soak_is_whole(const struct zoe_frame *frame)
{
	uint64_t value = pattern(frame->epoch, frame->seq);
	size_t bytes = (size_t)frame->info.width_px * frame->info.height_px;

	/* The picture's width is a multiple of eight, and its rows follow each other closely. */
	for (size_t at = 0; at < bytes; at += sizeof(value), value++)
		if (memcmp(frame->data[0] + at, &value, sizeof(value)) != 0)
			return false;
	return true;
}

uint32_t soak_hold(uint32_t reader)
{
	return 1 + reader % 3;
}

uint32_t soak_depth(uint32_t reader)
{
	return 1 + reader / 3 % 3;
}

uint32_t soak_slots(uint32_t n_readers)
{
	uint32_t n = 2 + SOAK_RESERVED;
	for (uint32_t i = 0; i < n_readers; i++)
		n += soak_hold(i) + soak_depth(i);
	return n;
}
