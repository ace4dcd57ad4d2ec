/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading what stands on the boards: a checked copy, since its poster may write over it at any time. */
#include <zoetrope/result.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pool/layout/marks.h"
#include "pool/observer/onlooker.h"
#include "pool/state/wakes.h"
#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/lock.h"
#include "pool/system/object.h"

/* After the end of a pool its workers still have frames in hand: wait for what they say, so long. */
#define LAST_NS ZI_S

/* A result that is overwritten while it is copied is passed over for a newer one, so often. */
#define TRIES 100

struct zoe_results {
	struct zi_onlooker onlooker; /* first: where the allocation begins */
	struct zi_wakes wakes;
	struct zi_throttle throttle;
	struct {
		const struct zi_board *board;
		uint64_t number;     /* of the newest result that was given from it */
	} last_given[ZOE_MAX_SEATS]; /* by the boards' indexes */
	int64_t over_ns;             /* when the pool was found to be over; 0: it is not */
	struct zi_post post;         /* the copy */
	struct zoe_result result;
};

int zoe_results_open_owned(struct zoe_results **pointer, const char *name, const char *owner, int64_t deadline_ns)
{
	*pointer = NULL;
	struct zoe_results *results = calloc(1, sizeof(*results));
	if (!results)
		return zi_fail(ENOMEM, "out of memory");
	int error = zi_onlooker_open(&results->onlooker, name, owner, true, deadline_ns);
	if (error)
		free(results);
	else
		*pointer = results;
	return error;
}

int zoe_results_open(struct zoe_results **pointer, const char *name, int64_t deadline_ns)
{
	return zoe_results_open_owned(pointer, name, NULL, deadline_ns);
}

void zoe_results_set_follow(struct zoe_results *results, enum zoe_follow follow)
{
	results->onlooker.follow.which = follow;
	results->onlooker.follow.is_over = false;
}

static const struct zi_board *board_of(struct zoe_results *results, uint32_t i)
{
	if (!results->last_given[i].board)
		results->last_given[i].board = zi_view_board(&results->onlooker.view, i);
	return results->last_given[i].board;
}

static uint64_t number_of(const struct zi_post *post)
{
	return atomic_load_explicit(&post->number, memory_order_acquire);
}

/* Of one board, the oldest result that was not given yet. NULL: none. */
static const struct zi_post *oldest_on(struct zoe_results *results, uint32_t i)
{
	const struct zi_board *board = board_of(results, i);
	const struct zi_post *oldest = NULL;
	uint64_t newest = 0, least = 0;

	for (int j = 0; board && j < ZI_BOARD_POSTS; j++) {
		uint64_t number = number_of(&board->post[j]);
		if (number > newest)
			newest = number;
		if (number > results->last_given[i].number && (!oldest || number < least)) {
			oldest = &board->post[j];
			least = number;
		}
	}
	/* All of them are older than what was given: somebody wrote over them, and began anew. */
	if (newest < results->last_given[i].number && newest > 0)
		results->last_given[i].number = 0;
	return oldest;
}

/* On all boards, what was posted first. */
static const struct zi_post *find(struct zoe_results *results, uint32_t *board)
{
	uint32_t n_boards = atomic_load(&results->onlooker.view.seats->n_boards);
	const struct zi_post *first = NULL;

	for (uint32_t i = 0; i < n_boards && i < ZOE_MAX_SEATS; i++) {
		const struct zi_post *post = oldest_on(results, i);
		if (!post || (first && post->posted_ns >= first->posted_ns))
			continue;
		first = post;
		*board = i;
	}
	return first;
}

/* Copy it. False: it was overwritten meanwhile. */
static bool copy(struct zi_post *to, const struct zi_post *from)
{
	uint64_t number = number_of(from);

	memcpy((char *)to + sizeof(to->number), (const char *)from + sizeof(from->number),
		offsetof(struct zi_post, marks) - sizeof(to->number));
	if (to->n_marks > ZOE_MAX_MARKS)
		to->n_marks = ZOE_MAX_MARKS;
	if (to->json_bytes >= ZOE_MAX_JSON_BYTES)
		to->json_bytes = ZOE_MAX_JSON_BYTES - 1;
	memcpy(to->marks, from->marks, to->n_marks * sizeof(to->marks[0]));
	memcpy(to->json, from->json, to->json_bytes);
	to->json[to->json_bytes] = '\0';
	to->worker[sizeof(to->worker) - 1] = '\0';
	/* What was read before is read before the number is. */
	atomic_thread_fence(memory_order_acquire);
	atomic_store_explicit(&to->number, number, memory_order_relaxed);
	return number != 0 && number_of(from) == number;
}

/* A poster that checks nothing, or a stray write, may have left marks that are none. */
static void drop_faulty_marks(struct zi_post *post)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < post->n_marks; i++)
		if (!zi_mark_fault(&post->marks[i]))
			post->marks[n++] = post->marks[i];
	post->n_marks = n;
}

static uint32_t seat_of(const struct zi_view *view, uint32_t board)
{
	for (uint32_t i = 0; i < view->layout.n_seats; i++)
		if (atomic_load(&view->seats->board[i]) == board + 1)
			return i;
	return 0;
}

static void describe(struct zoe_results *results, uint32_t board)
{
	struct zi_post *post = &results->post;

	drop_faulty_marks(post);
	results->result = (struct zoe_result){
		.seat = seat_of(&results->onlooker.view, board),
		.n_marks = post->n_marks,
		.epoch = results->onlooker.view.reel->epoch,
		.seq = post->seq,
		.number = atomic_load(&post->number),
		.posted_ns = zi_view_time(&results->onlooker.view, post->posted_ns),
		.marks = post->marks,
		.json = post->json,
	};
	memcpy(results->result.worker, post->worker, sizeof(post->worker));
}

static int read_newest(struct zoe_results *results)
{
	uint32_t board;

	for (int i = 0; i < TRIES; i++) {
		const struct zi_post *post = find(results, &board);
		if (!post)
			return -EAGAIN;
		if (!copy(&results->post, post))
			continue;
		results->last_given[board].number = atomic_load(&results->post.number);
		describe(results, board);
		return 0;
	}
	return -EAGAIN;
}

/* The pool is over. True while somebody who lives may still post. */
static bool may_come(struct zoe_results *results)
{
	const struct zi_view *view = &results->onlooker.view;
	int64_t now = zoe_now_ns();

	if (!results->over_ns)
		results->over_ns = now;
	if (now - results->over_ns >= LAST_NS || !zi_descriptors_intact(&view->descriptors, ZI_SEATS))
		return false;
	for (uint32_t i = 0; i < view->layout.n_seats; i++)
		if (atomic_load(&view->seats->board[i]) &&
			atomic_load(&zi_view_seat(view, i)->state) == ZI_SEAT_SEATED &&
			zi_lock_held(view->descriptors.fds[ZI_SEATS], i))
			return true;
	return false;
}

/*
 * Look, sleep once if there is nothing, look again. 0 with a result, or without one when the
 * name passed on; -EAGAIN; or what zoe_results_next() says.
 */
static int next_here(struct zoe_results *results, const struct zoe_result **result, int64_t deadline_ns)
{
	const struct zi_view *view = &results->onlooker.view;
	const struct zi_doorbell_page *doorbells = (const struct zi_doorbell_page *)((const uint8_t *)view->seats +
		view->layout.doorbell_offset);
	uint32_t posts = atomic_load(&doorbells->posts);
	enum zi_view_state state = ZI_VIEW_LIVE;
	bool over = false;

	int error = read_newest(results);
	int64_t now = zoe_now_ns();
	if (error && now < deadline_ns) {
		int64_t until = zi_wakes_bound(&results->wakes, now, zi_slice(deadline_ns, ZI_ONLOOKER_NS));
		zi_futex_wait(&doorbells->posts, posts, until);
		error = read_newest(results);
		if (error)
			zi_throttle(&results->throttle, deadline_ns);
		else
			zi_wakes_note(&results->wakes, zoe_now_ns(), until, results->result.posted_ns);
	}
	if (error) {
		state = zi_view_state(view, true);
		/* Who may post is asked first: what it posted and left behind is found then. */
		over = state != ZI_VIEW_LIVE && !may_come(results);
		if (over)
			error = read_newest(results);
	}
	if (error == 0)
		*result = &results->result;
	if (error == 0 || !over)
		return error;
	memset(results->last_given, 0, sizeof(results->last_given));
	results->over_ns = 0;
	return zi_onlooker_leave(&results->onlooker, state);
}

int zoe_results_next(struct zoe_results *results, const struct zoe_result **result, int64_t deadline_ns)
{
	*result = NULL;
	if (zi_descriptors_check(&results->onlooker.follow.descriptors, "reader of results"))
		return -ECHILD;
	for (;;) {
		int error = results->onlooker.is_open ? next_here(results, result, deadline_ns)
						      : zi_onlooker_next(&results->onlooker, deadline_ns);
		if (*result)
			return 0;
		if (error && error != -EAGAIN)
			return error;
		if (error && zoe_now_ns() >= deadline_ns)
			return zi_fail(EAGAIN, "no new result in pool '%s'", results->onlooker.follow.name);
		pthread_testcancel();
	}
}

void zoe_results_close(struct zoe_results **pointer)
{
	struct zoe_results *results = *pointer;
	*pointer = NULL;
	if (!results)
		return;
	zi_onlooker_close(&results->onlooker);
	free(results);
}
