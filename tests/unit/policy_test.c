/* SPDX-License-Identifier: BSD-2-Clause */
/* Which frames a seat is given: each, one in so many, at most so many a second. */
#include <criterion/criterion.h>

#include "pool/state/policy.h"
#include "pool/system/clock.h"

/* How many are given of n frames, `period` apart and a little uneven. */
static int count(struct zi_policy *policy, int n, int64_t period_ns, int64_t jitter_ns)
{
	int given = 0;
	for (int i = 0; i < n; i++) {
		int64_t now = 1000 * ZI_S + i * period_ns + (i % 3 - 1) * jitter_ns;
		if (!zi_policy_wants(policy, (uint64_t)i + 1, now))
			continue;
		zi_policy_pass(policy, (uint64_t)i + 1, now);
		given++;
	}
	return given;
}

Test(policy, zeroes_are_every_frame)
{
	struct zi_policy policy = { 0 };
	cr_assert(count(&policy, 100, 33 * ZI_MS, 0) == 100);
}

Test(policy, every_third)
{
	struct zi_policy policy = { .every = 3 };
	cr_assert(count(&policy, 99, 33 * ZI_MS, 0) == 33);
}

/* Reckoned from the last that was given: one that came late does not bring the next one sooner. */
Test(policy, every_third_from_the_last)
{
	struct zi_policy policy = { .every = 3 };
	zi_policy_pass(&policy, 5, ZI_S);
	cr_assert(!zi_policy_wants(&policy, 6, ZI_S) && !zi_policy_wants(&policy, 7, ZI_S));
	cr_assert(zi_policy_wants(&policy, 8, ZI_S));
}

/* Half of the frames of an uneven source: each other one, and not each third because one came early. */
Test(policy, half_the_rate)
{
	struct zi_policy policy = { .interval_ns = 2 * 33333333 };
	int given = count(&policy, 300, 33333333, 3 * ZI_MS);
	cr_assert(given >= 149 && given <= 151, "%d", given);
}

/* 20 of 30 a second, though no number of frames is such an interval. */
Test(policy, two_thirds_of_the_rate)
{
	struct zi_policy policy = { .interval_ns = 50 * ZI_MS };
	int given = count(&policy, 300, 33333333, 0);
	cr_assert(given >= 199 && given <= 201, "%d", given);
}

Test(policy, slower_source_than_the_limit)
{
	struct zi_policy policy = { .interval_ns = 10 * ZI_MS };
	cr_assert(count(&policy, 100, 33 * ZI_MS, 3 * ZI_MS) == 100);
}

/* After a pause no burst makes up for it. */
Test(policy, pause_is_not_made_up_for)
{
	struct zi_policy policy = { .interval_ns = 100 * ZI_MS };
	zi_policy_pass(&policy, 1, 1000 * ZI_S);
	zi_policy_pass(&policy, 2, 1010 * ZI_S);
	cr_assert(!zi_policy_wants(&policy, 3, 1010 * ZI_S + 50 * ZI_MS));
	cr_assert(zi_policy_wants(&policy, 3, 1010 * ZI_S + 100 * ZI_MS));
}
