/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that end, that do not, and that do when nobody waits for them any more. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <zoetrope/zoetrope.h>

#include "left_behind.h"
#include "program/signals.h"

static atomic_int n_begun, n_destroyed;

static void sleep_ms(int ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

static void wait_for(atomic_int *count, int expected)
{
	while (atomic_load(count) < expected)
		sleep_ms(1);
	cr_assert(atomic_load(count) == expected);
}

/* Ends when the number that it is given is not 0 any more. */
static void run(void *subject)
{
	atomic_fetch_add(&n_begun, 1);
	while (atomic_load((atomic_int *)subject) == 0)
		sleep_ms(1);
}

static void destroy(void *subject)
{
	atomic_fetch_add((atomic_int *)subject, 1);
	atomic_fetch_add(&n_destroyed, 1);
}

static const struct left_behind_call call = { .run = run, .destroy = destroy };

TestSuite(left_behind, .timeout = 60);

/* What ends is the caller's again, and is not destroyed. */
Test(left_behind, call_ends)
{
	atomic_int ends = 1;

	for (int i = 1; i <= 10; i++) {
		cr_assert(left_behind_run(&call, &ends, INT64_MAX) == 0);
		cr_assert(atomic_load(&n_begun) == i);
	}
	cr_assert(atomic_load(&n_destroyed) == 0 && atomic_load(&ends) == 1);
}

/* What can be interrupted has time to notice its deadline. */
static void run_until_deadline(void *subject)
{
	while (zoe_now_ns() < *(int64_t *)subject)
		sleep_ms(1);
}

Test(left_behind, call_notices_its_deadline)
{
	static const struct left_behind_call obeys = { .run = run_until_deadline, .destroy = destroy };
	int64_t deadline_ns = zoe_now_ns() + 100000000;

	cr_assert(left_behind_run(&obeys, &deadline_ns, deadline_ns) == 0);
	cr_assert(atomic_load(&n_destroyed) == 0);
}

/* A few are left behind; the next waits for one of them, and each frees what it has when it ends after all. */
Test(left_behind, call_does_not_end)
{
	atomic_int ends[LEFT_BEHIND_MAX + 1] = { 0 };
	atomic_int *last = &ends[LEFT_BEHIND_MAX];

	for (int i = 0; i < LEFT_BEHIND_MAX; i++)
		cr_assert(left_behind_run(&call, &ends[i], zoe_now_ns()) == -EINPROGRESS);
	cr_assert(atomic_load(&n_begun) == LEFT_BEHIND_MAX && atomic_load(&n_destroyed) == 0);
	/* Not begun, not left. */
	cr_assert(left_behind_run(&call, last, zoe_now_ns() + 10000000) == -EBUSY);
	cr_assert(atomic_load(&n_begun) == LEFT_BEHIND_MAX);
	/* One ends while the next waits for it. */
	atomic_store(&ends[0], 1);
	atomic_store(last, 1);
	cr_assert(left_behind_run(&call, last, INT64_MAX) == 0);
	wait_for(&n_destroyed, 1);
	cr_assert(atomic_load(&ends[0]) == 2 && atomic_load(last) == 1);
	for (int i = 1; i < LEFT_BEHIND_MAX; i++)
		atomic_store(&ends[i], 1);
	wait_for(&n_destroyed, LEFT_BEHIND_MAX);
}

/* Somebody asks to stop: what has no deadline is left, too, and nothing waits for those that were. */
Test(left_behind, stopped)
{
	static atomic_int ends[LEFT_BEHIND_MAX + 1];

	cr_assert(zi_signals_catch(0) == 0);
	raise(SIGTERM);
	for (int i = 0; i < LEFT_BEHIND_MAX; i++)
		cr_assert(left_behind_run(&call, &ends[i], INT64_MAX) == -EINPROGRESS);
	cr_assert(left_behind_run(&call, &ends[LEFT_BEHIND_MAX], INT64_MAX) == -EBUSY);
	/* What ends is not left. */
	atomic_store(&ends[0], 1);
	wait_for(&n_destroyed, 1);
	atomic_store(&ends[LEFT_BEHIND_MAX], 1);
	int error;
	while ((error = left_behind_run(&call, &ends[LEFT_BEHIND_MAX], INT64_MAX)) == -EBUSY)
		sleep_ms(1);
	cr_assert(error == 0);
}
