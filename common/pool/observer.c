/* SPDX-License-Identifier: BSD-2-Clause */
#include <zoetrope/observer.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pool/clock.h"
#include "pool/error.h"
#include "pool/grants.h"
#include "pool/look.h"

/* How often to look for a name that is not there, and, asleep, whether the writer lives: another
 * onlooker may have taken our wake-up away. */
#define NAME_NS (10 * ZI_MS)
#define LIVENESS_NS (50 * ZI_MS)

/* A frame that is overwritten while it is described is tried again with its successor, so often. */
#define TRIES 100

struct zoe_observer {
	struct zi_fork fork;            /* watches nothing; knows whether this is a forked child */
	char name[ZOE_NAME_BYTES];
	struct zi_look look;
	bool is_open;
	bool follows;                   /* the last pool was retired: its successor has the name */
	uint64_t last_seq;              /* of the frame given last, in this epoch */
	uint64_t item;                  /* that frame */
	struct zoe_frame frame;
};

static void close_look(struct zoe_observer *observer)
{
	zi_look_close(&observer->look);
	memset(&observer->look, 0, sizeof observer->look);
	observer->is_open = false;
	observer->last_seq = 0;
	observer->item = 0;
}

/* 0, or the errors of zi_look_open, -ENODATA (over), -EOWNERDEAD. */
static int open_look(struct zoe_observer *observer)
{
	int error = zi_look_open(&observer->look, observer->name);
	if (!error) {
		enum zi_fate fate = zi_look_fate(&observer->look, true);
		if (fate == ZI_FATE_GONE)
			error = zi_fail(EOWNERDEAD, "the writer of pool '%s' died", observer->name);
		else if (fate != ZI_FATE_LIVE)
			error = zi_fail(ENODATA, "pool '%s' has ended", observer->name);
	}
	if (error)
		close_look(observer);
	else
		observer->is_open = true;
	return error;
}

static bool is_absent(int error)
{
	return error == -ENOENT || error == -ENODATA || error == -EOWNERDEAD;
}

static void nap(int64_t until_ns)
{
	struct timespec until = zi_timespec(until_ns);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

int zoe_observer_open(struct zoe_observer **pointer, const char *name, int64_t deadline_ns)
{
	*pointer = NULL;
	if (!zoe_name_valid(name))
		return zi_fail(EINVAL, "'%.80s' is no name for a pool: 1 to %d letters, digits, '_' or '-'",
			name ? name : "", ZOE_NAME_BYTES - 1);
	struct zoe_observer *observer = calloc(1, sizeof *observer);
	if (!observer)
		return zi_fail(ENOMEM, "out of memory");
	int error = zi_fork_watch(&observer->fork);
	if (error) {
		free(observer);
		return zi_fail(-error, "cannot watch for forks: %s", strerror(-error));
	}
	memcpy(observer->name, name, strlen(name) + 1);
	while (is_absent(error = open_look(observer)) && zoe_now_ns() < deadline_ns)
		nap(zi_slice(deadline_ns, NAME_NS));
	if (error) {
		zoe_observer_close(&observer);
		return is_absent(error) ? -ENOENT : error;
	}
	*pointer = observer;
	return 0;
}

static bool is_whole(const struct zi_look *look, uint64_t item)
{
	/* What was read before is read before the number is. */
	atomic_thread_fence(memory_order_acquire);
	return atomic_load(&look->records[zi_item_slot(item)].seq) == zi_item_seq(item);
}

/* Describe the newest frame if it is new. 0 or -EAGAIN, or -EBADMSG. */
static int look_now(struct zoe_observer *observer)
{
	const struct zi_look *look = &observer->look;
	for (int i = 0; i < TRIES; i++) {
		uint64_t item = atomic_load(&look->reel->latest);
		if (zi_item_seq(item) <= observer->last_seq)
			return -EAGAIN;
		if (zi_item_slot(item) >= look->n_slots)
			return zi_fail(EBADMSG, "pool '%s' is damaged", observer->name);
		if (!is_whole(look, item))
			continue;
		bool fits = zi_look_describe(look, item, &observer->frame);
		if (!is_whole(look, item))
			continue;
		if (!fits)
			return zi_fail(EBADMSG, "pool '%s' is damaged: a frame lies outside its slot", observer->name);
		observer->frame.skipped = observer->last_seq ? zi_item_seq(item) - observer->last_seq - 1 : 0;
		observer->last_seq = zi_item_seq(item);
		observer->item = item;
		return 0;
	}
	return -EAGAIN;
}

/* Look, sleep once if there is nothing new, look again. 0 with a frame, -EAGAIN, or what next() says. */
static int look_here(struct zoe_observer *observer, int64_t deadline_ns)
{
	const struct zi_reel *reel = observer->look.reel;
	uint32_t counter = atomic_load(&reel->frame_counter);

	int error = look_now(observer);
	if (error == -EAGAIN && zoe_now_ns() < deadline_ns) {
		zi_futex_wait(&reel->frame_counter, counter, zi_slice(deadline_ns, LIVENESS_NS));
		error = look_now(observer);
	}
	if (error != -EAGAIN)
		return error;
	enum zi_fate fate = zi_look_fate(&observer->look, true);
	if (fate == ZI_FATE_LIVE || (error = look_now(observer)) != -EAGAIN)
		return error;
	close_look(observer);
	observer->follows = fate == ZI_FATE_RETIRED;
	if (fate == ZI_FATE_GONE)
		return zi_fail(EOWNERDEAD, "the writer of pool '%s' died", observer->name);
	return fate == ZI_FATE_ENDED ? zi_fail(ENODATA, "pool '%s' has ended", observer->name) : 0;
}

/* Look for the next epoch. 0: found. -EAGAIN: look again later. Otherwise what next() says. */
static int follow(struct zoe_observer *observer)
{
	int error = open_look(observer);
	bool followed = observer->follows;

	if (!error || is_absent(error))
		observer->follows = false;
	if (!is_absent(error))
		return error;
	/* The name passed to a successor that is over already. */
	if (followed)
		return error == -EOWNERDEAD ? error : -ENODATA;
	return -EAGAIN;
}

int zoe_observer_next(struct zoe_observer *observer, const struct zoe_frame **frame, int64_t deadline_ns)
{
	*frame = NULL;
	if (observer->fork.is_copy)
		return zi_fail(ECHILD, "this observer belongs to the parent process");
	for (;;) {
		bool was_open = observer->is_open;
		int error = was_open ? look_here(observer, deadline_ns) : follow(observer);
		if (was_open && error == 0 && observer->is_open) {
			*frame = &observer->frame;
			return 0;
		}
		if (error && error != -EAGAIN)
			return error;
		if (error && zoe_now_ns() >= deadline_ns)
			return zi_fail(EAGAIN, "no new frame in pool '%s'", observer->name);
		if (error && !observer->is_open)
			nap(zi_slice(deadline_ns, NAME_NS));
	}
}

int zoe_observer_check(const struct zoe_observer *observer)
{
	if (observer->fork.is_copy)
		return zi_fail(ECHILD, "this observer belongs to the parent process");
	if (!observer->item || !is_whole(&observer->look, observer->item))
		return zi_fail(ESTALE, "the frame was overwritten meanwhile");
	return 0;
}

void zoe_observer_close(struct zoe_observer **pointer)
{
	struct zoe_observer *observer = *pointer;
	*pointer = NULL;
	if (!observer)
		return;
	if (observer->is_open)
		zi_look_close(&observer->look);
	zi_fork_close(&observer->fork);
	free(observer);
}
