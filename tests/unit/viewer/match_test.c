/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that wait for results: which goes when, and with what. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "match.h"

#define CAPACITY 4
#define NOW_NS INT64_C(5000000000)

static struct match match;
static struct zoe_frame frames[1000];
static struct match_pair pair;

static void begin(void)
{
	match_init(&match, CAPACITY);
}

static void end(void)
{
	match_finish(&match);
}

static void come_of(uint64_t epoch, uint64_t seq)
{
	struct zoe_frame *frame = &frames[(epoch - 1) * 100 + seq];

	frame->epoch = epoch;
	frame->seq = seq;
	match_add_frame(&match,
		&(struct match_pair){ .frame = frame, .number = (int64_t)seq * 10, .acquired_ns = NOW_NS });
}

static void come(uint64_t seq)
{
	come_of(1, seq);
}

static void post_of(uint32_t seat, uint64_t epoch, uint64_t seq)
{
	struct zoe_result result = { .seat = seat, .epoch = epoch, .seq = seq };

	match_add_result(&match, worker_result_copy(&result));
}

static void post(uint64_t seq)
{
	post_of(0, 1, seq);
}

/* The frame that goes now; 0: none. Negative: it goes without a result. */
static int goes_at(int64_t now_ns)
{
	int seq;

	if (!match_next(&match, now_ns, &pair))
		return 0;
	seq = (int)pair.frame->seq;
	cr_assert(pair.number == seq * 10);
	if (!pair.result)
		return -seq;
	cr_assert(pair.result->seq == pair.frame->seq && pair.result->epoch == pair.frame->epoch);
	free(pair.result);
	return seq;
}

static int goes(void)
{
	return goes_at(NOW_NS);
}

TestSuite(match, .init = begin, .fini = end);

/* A frame waits for its result and goes with it, whichever came first. */
Test(match, next_with_its_result)
{
	cr_assert(goes() == 0);
	come(1);
	cr_assert(goes() == 0);
	post(1);
	cr_assert(goes() == 1);
	post(2);
	cr_assert(goes() == 0);
	come(2);
	cr_assert(goes() == 2 && goes() == 0);
}

/* A result for a later frame means that the worker passed this one over. */
Test(match, next_passed_over)
{
	come(1);
	come(2);
	come(3);
	post(3);
	cr_assert(goes() == -1 && goes() == -2 && goes() == 3 && goes() == 0);
}

/* Also one for a frame that did not come yet, or never will. */
Test(match, next_passed_over_by_a_frame_to_come)
{
	come(1);
	post(3);
	cr_assert(goes() == -1);
	come(2);
	cr_assert(goes() == -2);
	come(4);
	cr_assert(goes() == 0);
}

/* A late result, when a later one is there already, still finds its frame. */
Test(match, next_with_a_result_out_of_order)
{
	come(1);
	come(2);
	post(2);
	post(1);
	cr_assert(goes() == 1 && goes() == 2);
}

/* A worker that says nothing delays by the capacity and no more; frames stay in order. */
Test(match, next_without_a_worker)
{
	for (uint64_t seq = 1; seq <= 10; seq++) {
		cr_assert(!match_is_full(&match));
		come(seq);
		cr_assert(goes() == (seq < CAPACITY ? 0 : -(int)(seq - CAPACITY + 1)));
	}
	cr_assert(goes() == 0);
}

/* Results that came in time and that did not are counted apart. */
Test(match, add_result_too_late)
{
	for (uint64_t seq = 1; seq <= CAPACITY; seq++)
		come(seq);
	cr_assert(goes() == -1 && match.n_late == 0);
	post(1);
	cr_assert(match.n_late == 1 && goes() == 0);
	post(2);
	post_of(0, 2, 1);
	cr_assert(match.n_late == 1 && goes() == 2);
}

/* When no other frame comes, as at the end, the last ones go after a while, their results or not. */
Test(match, next_after_silence)
{
	come(1);
	come(2);
	cr_assert(goes_at(NOW_NS + MATCH_SILENCE_NS - 1) == 0);
	cr_assert(goes_at(NOW_NS + MATCH_SILENCE_NS) == -1);
	post(2);
	cr_assert(goes() == 2);
}

/* Readers of a group overtake each other: a frame waits for the one that may have it. */
Test(match, next_of_a_group)
{
	post_of(3, 1, 1);
	post_of(5, 1, 2);
	post_of(7, 1, 3);
	for (uint64_t seq = 4; seq <= 6; seq++)
		come(seq);
	post_of(5, 1, 5);
	cr_assert(goes() == 0, "seat 3 or 7 may still have it");
	post_of(3, 1, 4);
	cr_assert(goes() == 4 && goes() == 5 && goes() == 0);
	post_of(7, 1, 7);
	cr_assert(goes() == 0, "seat 3 may still have it");
	post_of(3, 1, 8);
	cr_assert(goes() == 0, "seat 5 may still have it");
	post_of(5, 1, 9);
	cr_assert(goes() == -6);
}

/* Who left the group long ago is not waited for. */
Test(match, next_of_a_group_that_lost_one)
{
	post_of(3, 1, 1);
	come(1 + MATCH_SEAT_FRAMES);
	post_of(5, 1, 90);
	cr_assert(goes() == 0);
	come(2 + MATCH_SEAT_FRAMES);
	post_of(3, 1, 1 + MATCH_SEAT_FRAMES);
	cr_assert(goes() == 1 + MATCH_SEAT_FRAMES && goes() == 0);
	match_finish(&match);
	begin();
	post_of(3, 1, 1);
	come(2 + MATCH_SEAT_FRAMES);
	post_of(5, 1, 90);
	cr_assert(goes() == -(2 + MATCH_SEAT_FRAMES));
}

/* One number in two lives of the pool is two frames. */
Test(match, next_of_another_epoch)
{
	come_of(1, 7);
	post_of(0, 2, 7);
	cr_assert(goes() == 0);
	come_of(2, 7);
	cr_assert(goes() == -7 && pair.frame->epoch == 1, "the worker has moved on to the new epoch");
	cr_assert(goes() == 7 && pair.frame->epoch == 2);
}

/* A result of the old epoch is no reason to give up on a frame of the new one. */
Test(match, next_after_an_old_epoch)
{
	post_of(0, 1, 90);
	come_of(2, 1);
	come_of(2, 2);
	cr_assert(goes() == 0);
	post_of(0, 2, 1);
	cr_assert(goes() == 1 && goes() == 0);
}

/* Results that nobody fetches do not pile up, and make room for those that are wanted. */
Test(match, add_result_for_ever)
{
	for (uint64_t seq = 1; seq <= 3 * MATCH_RESULTS; seq++)
		post(seq);
	cr_assert(match.n_results == MATCH_RESULTS);
	come(3 * MATCH_RESULTS);
	cr_assert(goes() == 3 * MATCH_RESULTS && match.n_results == 0);
}
