/* SPDX-License-Identifier: BSD-2-Clause */
/* What the window keeps of the results that a library, played here, gives it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "worker_results.h"

#define MS INT64_C(1000000)

static struct worker_results results;
static struct match match;
static struct layers layers;

/* The library: what open() says, then results, then what next() says. */
static int open_error, next_error, n_opened, n_closed;
static struct zoe_result posts[400];
static int n_posts, n_taken;
static struct zoe_mark marks[3];

int zoe_results_open_owned(struct zoe_results **opened, const char *name, const char *owner, int64_t deadline_ns)
{
	cr_assert(name == results.name && owner == results.owner);
	cr_assert(deadline_ns == ZOE_POLL, "a window does not wait for it");
	n_opened++;
	if (!open_error)
		*opened = (struct zoe_results *)posts;
	return open_error;
}

int zoe_results_next(struct zoe_results *opened, const struct zoe_result **result, int64_t deadline_ns)
{
	cr_assert(opened == (struct zoe_results *)posts && deadline_ns == ZOE_POLL);
	*result = &posts[n_taken];
	return n_taken < n_posts ? n_taken++, 0 : next_error;
}

void zoe_results_close(struct zoe_results **opened)
{
	n_closed += *opened != NULL;
	*opened = NULL;
}

static void post(const char *worker, uint64_t seq, int64_t posted_ns)
{
	struct zoe_result *result = &posts[n_posts++];
	*result = (struct zoe_result){ .epoch = 1, .seq = seq, .posted_ns = posted_ns, .n_marks = 3, .marks = marks };
	snprintf(result->worker, sizeof(result->worker), "%s", worker);
}

static void begin(void)
{
	next_error = -EAGAIN;
	match_init(&match, 2);
	worker_results_init(&results, "cam0", "joe", "exact", &match);
}

static void end(void)
{
	worker_results_finish(&results);
	match_finish(&match);
}

TestSuite(results, .init = begin, .fini = end);

/* Of each worker the newest is kept, whole. */
Test(results, layers_of_the_newest)
{
	marks[2].x = 0.75f;
	post("a", 1, 0);
	post("b", 1, 0);
	post("a", 2, 0);
	cr_assert(worker_results_poll(&results, 0) && n_taken == 3);
	worker_results_get_layers(&results, NULL, 0, &layers);
	cr_assert(layers.n == 2 && layers.of[0].result->seq == 2 && layers.of[1].result->seq == 1);
	cr_assert(layers.of[0].result->n_marks == 3 && layers.of[0].result->marks[2].x == 0.75f);
	cr_assert(!worker_results_poll(&results, 0));
}

/* It grows faint, and is gone after two seconds; another worker's does by itself. */
Test(results, layers_fade)
{
	post("a", 1, 0);
	post("b", 1, 1500 * MS);
	worker_results_poll(&results, 0);
	worker_results_get_layers(&results, NULL, 500 * MS, &layers);
	cr_assert(layers.n == 2 && layers.of[0].opacity == 255 && layers.of[1].opacity == 255);
	worker_results_get_layers(&results, NULL, 1250 * MS, &layers);
	cr_assert(layers.of[0].opacity == 127);
	worker_results_get_layers(&results, NULL, 1999 * MS, &layers);
	cr_assert(layers.n == 2 && layers.of[0].opacity == 0);
	worker_results_get_layers(&results, NULL, 2000 * MS, &layers);
	cr_assert(layers.n == 1 && layers.of[0].opacity == 255);
	worker_results_get_layers(&results, NULL, 0, &layers);
	cr_assert(layers.n == 1, "what is gone stays gone");
}

/* A time that cannot be is now: nothing stays for ever, and no sum overflows. */
Test(results, layers_of_a_scribbler)
{
	post("past", 1, INT64_MIN);
	post("future", 1, INT64_MAX);
	worker_results_poll(&results, 0);
	worker_results_get_layers(&results, NULL, zoe_now_ns(), &layers);
	cr_assert(layers.n == 2 && layers.of[0].opacity == 255 && layers.of[1].opacity == 255);
	worker_results_get_layers(&results, NULL, zoe_now_ns() + 2000 * MS, &layers);
	cr_assert(layers.n == 0);
}

/* The worker that frames are matched with has its results matched, not shown by age. */
Test(results, layers_without_the_matched_worker)
{
	struct worker_result on_frame = { .seq = 7 };
	post("exact", 1, 0);
	post("a", 1, 0);
	worker_results_poll(&results, 0);
	cr_assert(match.n_results == 1 && match.results[0]->seq == 1);
	worker_results_get_layers(&results, &on_frame, 1250 * MS, &layers);
	cr_assert(layers.n == 2 && layers.of[1].result == &on_frame && layers.of[1].opacity == 255);
}

/* A hundred names find room for the newest of them. */
Test(results, layers_of_too_many_workers)
{
	for (int i = 0; i < 100; i++) {
		char name[16];
		snprintf(name, sizeof(name), "w%d", i);
		post(name, 1, i);
	}
	worker_results_poll(&results, 0);
	worker_results_get_layers(&results, NULL, 0, &layers);
	cr_assert(layers.n == ZOE_MAX_SEATS);
	for (size_t i = 0; i < layers.n; i++)
		cr_assert(layers.of[i].result->posted_ns >= 100 - ZOE_MAX_SEATS);
}

/* However much workers post, the window's turn comes. */
Test(results, poll_without_an_end)
{
	for (int i = 0; i < 400; i++)
		post("a", 1, 0);
	cr_assert(worker_results_poll(&results, 0) && n_taken == 256);
	cr_assert(worker_results_poll(&results, 0) && n_taken == 400);
}

/* Where results may not be read there are none; that is asked again, but not at once. */
Test(results, poll_what_may_not_be_read)
{
	open_error = -EACCES;
	cr_assert(!worker_results_poll(&results, 0) && n_opened == 1);
	cr_assert(!worker_results_poll(&results, 0) && n_opened == 1);
	results.retry_ns = 0;
	open_error = 0;
	post("a", 1, 0);
	cr_assert(worker_results_poll(&results, 0) && n_opened == 2);
}

/* An end is no error: the next epoch is followed. What is one closes and comes again later. */
Test(results, poll_after_an_end)
{
	next_error = -ENODATA;
	cr_assert(!worker_results_poll(&results, 0) && n_closed == 0);
	next_error = -EOWNERDEAD;
	cr_assert(!worker_results_poll(&results, 0) && n_closed == 0);
	post("a", 1, 0);
	cr_assert(worker_results_poll(&results, 0) && n_opened == 1);
	next_error = -EACCES;
	cr_assert(!worker_results_poll(&results, 0) && n_closed == 1 && n_opened == 1);
	cr_assert(!worker_results_poll(&results, 0) && n_opened == 1);
	results.retry_ns = 0;
	post("a", 2, 0);
	cr_assert(worker_results_poll(&results, 0) && n_opened == 2);
}
