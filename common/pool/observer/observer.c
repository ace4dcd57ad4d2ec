/* SPDX-License-Identifier: BSD-2-Clause */
#include <zoetrope/observer.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "pool/observer/onlooker.h"
#include "pool/state/grants.h"
#include "pool/state/wakes.h"
#include "pool/system/clock.h"
#include "pool/system/error.h"

/* A frame that is overwritten while it is described is tried again with its successor, so often. */
#define TRIES 100

struct zoe_observer {
	struct zi_onlooker onlooker; /* first: where the allocation begins */
	struct zi_wakes wakes;
	uint64_t last_seq; /* of the frame given last, in this epoch */
	uint64_t item;     /* that frame; 0 none */
	struct zoe_frame frame;
};

int zoe_observer_open_owned(struct zoe_observer **pointer, const char *name, const char *owner, int64_t deadline_ns)
{
	*pointer = NULL;
	struct zoe_observer *observer = calloc(1, sizeof(*observer));
	if (!observer)
		return zi_fail(ENOMEM, "out of memory");
	int error = zi_onlooker_open(&observer->onlooker, name, owner, false, deadline_ns);
	if (error)
		free(observer);
	else
		*pointer = observer;
	return error;
}

int zoe_observer_open(struct zoe_observer **pointer, const char *name, int64_t deadline_ns)
{
	return zoe_observer_open_owned(pointer, name, NULL, deadline_ns);
}

void zoe_observer_set_follow(struct zoe_observer *observer, enum zoe_follow follow)
{
	observer->onlooker.follow.which = follow;
	observer->onlooker.follow.is_over = false;
}

static bool is_whole(const struct zi_view *view, uint64_t item)
{
	/* What was read before is read before the number is. */
	atomic_thread_fence(memory_order_acquire);
	return atomic_load(&view->records[zi_item_slot(item)].seq) == zi_item_seq(item);
}

/* Describe the newest frame if it is new. 0 or -EAGAIN, or -EBADMSG. */
static int read_newest(struct zoe_observer *observer)
{
	const struct zi_view *view = &observer->onlooker.view;
	const char *name = observer->onlooker.follow.name;

	for (int i = 0; i < TRIES; i++) {
		uint64_t item = atomic_load(&view->reel->latest);
		if (zi_item_seq(item) <= observer->last_seq)
			return -EAGAIN;
		if (zi_item_slot(item) >= view->n_slots)
			return zi_fail(EBADMSG, "pool '%s' is damaged", name);
		if (!is_whole(view, item))
			continue;
		bool fits = zi_view_describe(view, item, &observer->frame);
		if (!is_whole(view, item))
			continue;
		if (!fits)
			return zi_fail(EBADMSG, "pool '%s' is damaged: a frame lies outside its slot", name);
		observer->frame.skipped = observer->last_seq ? zi_item_seq(item) - observer->last_seq - 1 : 0;
		observer->last_seq = zi_item_seq(item);
		observer->item = item;
		return 0;
	}
	return -EAGAIN;
}

/*
 * Look, sleep once if there is nothing new, look again. 0 with a frame, or without one when
 * the name passed on; -EAGAIN; or what zoe_observer_next() says.
 */
static int next_here(struct zoe_observer *observer, const struct zoe_frame **frame, int64_t deadline_ns)
{
	const struct zi_view *view = &observer->onlooker.view;
	uint32_t counter = atomic_load(&view->reel->frame_counter);
	enum zi_view_state state = ZI_VIEW_LIVE;

	int error = read_newest(observer);
	int64_t now = zoe_now_ns();
	if (error == -EAGAIN && now < deadline_ns) {
		int64_t until = zi_wakes_bound(&observer->wakes, now, zi_slice(deadline_ns, ZI_ONLOOKER_NS));
		zi_futex_wait(&view->reel->frame_counter, counter, until);
		error = read_newest(observer);
		if (!error)
			zi_wakes_note(&observer->wakes, zoe_now_ns(), until, observer->frame.info.published_ns);
	}
	if (error == -EAGAIN) {
		state = zi_view_state(view, true);
		if (state != ZI_VIEW_LIVE)
			error = read_newest(observer);
	}
	if (error == 0)
		*frame = &observer->frame;
	if (error != -EAGAIN || state == ZI_VIEW_LIVE)
		return error;
	observer->last_seq = 0;
	observer->item = 0;
	return zi_onlooker_leave(&observer->onlooker, state);
}

int zoe_observer_next(struct zoe_observer *observer, const struct zoe_frame **frame, int64_t deadline_ns)
{
	*frame = NULL;
	if (zi_descriptors_check(&observer->onlooker.follow.descriptors, "observer"))
		return -ECHILD;
	for (;;) {
		int error = observer->onlooker.is_open ? next_here(observer, frame, deadline_ns)
						       : zi_onlooker_next(&observer->onlooker, deadline_ns);
		if (*frame)
			return 0;
		if (error && error != -EAGAIN)
			return error;
		if (error && zoe_now_ns() >= deadline_ns)
			return zi_fail(EAGAIN, "no new frame in pool '%s'", observer->onlooker.follow.name);
		pthread_testcancel();
	}
}

int zoe_observer_check(const struct zoe_observer *observer)
{
	if (zi_descriptors_check(&observer->onlooker.follow.descriptors, "observer"))
		return -ECHILD;
	if (!observer->item || !is_whole(&observer->onlooker.view, observer->item))
		return zi_fail(ESTALE, "the frame was overwritten meanwhile");
	return 0;
}

void zoe_observer_close(struct zoe_observer **pointer)
{
	struct zoe_observer *observer = *pointer;
	*pointer = NULL;
	if (!observer)
		return;
	zi_onlooker_close(&observer->onlooker);
	free(observer);
}
