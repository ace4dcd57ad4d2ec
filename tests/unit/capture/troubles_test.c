/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with a source is said soon after it begins, and then once a minute. Time is the test's. */
#include <criterion/criterion.h>

#include "troubles.h"

#define S INT64_C(1000000000)

static struct troubles troubles;
static uint64_t counts[N_TROUBLES];
static int64_t now_ns = 1000 * S;
static char line[320];

/* So much later. */
static bool says_after(int64_t ns)
{
	now_ns += ns;
	return troubles_line(&troubles, counts, now_ns, line, sizeof(line));
}

Test(troubles, nothing_is_wrong)
{
	for (int i = 0; i < 200; i++)
		cr_assert(!says_after(S));
}

Test(troubles, said_when_it_begins_then_once_a_minute)
{
	counts[TROUBLE_SKIPPED] = 6;
	cr_assert(!says_after(0));
	counts[TROUBLE_SKIPPED] = 36;
	counts[TROUBLE_ERROR] = 1;
	cr_assert(says_after(S));
	cr_assert_str_eq(line, "36 pictures skipped to keep up (--max-lag), 1 decode error");
	for (int i = 1; i < 60; i++) {
		counts[TROUBLE_CORRUPT]++;
		cr_assert(!says_after(S));
	}
	counts[TROUBLE_CORRUPT]++;
	cr_assert(says_after(S));
	cr_assert_str_eq(line, "60 pictures corrupt");
	cr_assert(!says_after(100 * S));
	/* An hour later it begins anew. */
	counts[TROUBLE_DROPPED] = 1;
	cr_assert(!says_after(3600 * S) && says_after(S));
	cr_assert_str_eq(line, "1 picture dropped for want of a slot");
}

Test(troubles, all_of_them_fit)
{
	for (int i = 0; i < N_TROUBLES; i++)
		counts[i] = UINT64_MAX;
	cr_assert(!says_after(0) && says_after(S));
	cr_assert(strlen(line) < sizeof(line) - 1 && strstr(line, " restamped"), "%s", line);
}
