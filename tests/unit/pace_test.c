/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "pool/state/pace.h"

#define MS INT64_C(1000000)
#define US INT64_C(1000)
#define PERIOD (16667 * US)

TestSuite(pool_pace);

static struct zi_pace pace;
static int64_t from, until;

/* `n` frames at the period, from `t` on, each up to `jitter` early or late; when the next is due. */
static int64_t feed(int64_t t, int n, int64_t period, int64_t jitter)
{
	static const int64_t pattern[] = { 0, 100, -60, 30, -100, 70, -30 };
	for (int i = 0; i < n; i++, t += period)
		zi_pace_note(&pace, t + pattern[i % 7] * jitter / 100);
	return t;
}

/* Of a steady source the window is around when the next frame is due, and short. */
Test(pool_pace, steady)
{
	int64_t due = feed(1000 * MS, 100, PERIOD, 0);
	cr_assert(zi_pace_window(&pace, due - PERIOD, &from, &until));
	cr_assert(from < due && due < until);
	cr_assert(until - from < 300 * US, "%lld", (long long)(until - from));
}

/* Nothing is known of a source before it was steady for a while. */
Test(pool_pace, too_few)
{
	int64_t due = feed(1000 * MS, 5, PERIOD, 0);
	cr_assert(!zi_pace_window(&pace, due - PERIOD, &from, &until));
}

/* Uneven frames are inside a window that is wider for it. */
Test(pool_pace, jitter)
{
	int64_t due = feed(1000 * MS, 200, PERIOD, 200 * US);
	cr_assert(zi_pace_window(&pace, due - PERIOD, &from, &until));
	cr_assert(from < due - 100 * US && due + 100 * US < until);
	cr_assert(until - from < 1500 * US, "%lld", (long long)(until - from));
}

/* A source that comes when it likes is slept for. */
Test(pool_pace, unsteady)
{
	int64_t t = 1000 * MS;
	for (int i = 0; i < 100; i++) {
		t += (7 + i % 3 * 10 / 3) * MS;
		zi_pace_note(&pace, t);
	}
	cr_assert(!zi_pace_window(&pace, t, &from, &until));
}

/* Frames that this reader missed do not throw it out of step. */
Test(pool_pace, missed_frames)
{
	int64_t due = feed(1000 * MS, 50, PERIOD, 0);
	due = feed(due + 3 * PERIOD, 1, PERIOD, 0);
	cr_assert(zi_pace_window(&pace, due - PERIOD, &from, &until));
	cr_assert(from < due && due < until);
}

/* Another rate is learned. */
Test(pool_pace, new_rate)
{
	int64_t due = feed(1000 * MS, 50, PERIOD, 0);
	due = feed(due, 50, 40 * MS, 0);
	cr_assert(zi_pace_window(&pace, due - 40 * MS, &from, &until));
	cr_assert(from < due && due < until);
}

/* A pause in the stream is no reason to spin until its end. */
Test(pool_pace, overdue)
{
	int64_t due = feed(1000 * MS, 50, PERIOD, 0);
	cr_assert(!zi_pace_window(&pace, due + 5 * MS, &from, &until));
}

/* Where the window would be much of the period, sleeping is better. */
Test(pool_pace, fast_source)
{
	int64_t due = feed(1000 * MS, 100, 400 * US, 0);
	cr_assert(!zi_pace_window(&pace, due - 400 * US, &from, &until));
}

/* A time that no clock shows is no part of a rhythm, and does no harm. */
Test(pool_pace, wild_times)
{
	static const int64_t wild[] = { INT64_MIN, -1, INT64_MAX, INT64_MAX - 5 };
	for (int i = 0; i < 4; i++) {
		int64_t due = feed(1000 * MS, 20, PERIOD, 0);
		zi_pace_note(&pace, wild[i]);
		cr_assert(!zi_pace_window(&pace, due - PERIOD, &from, &until));
	}
	int64_t due = feed(1000 * MS, 20, PERIOD, 0);
	cr_assert(zi_pace_window(&pace, due - PERIOD, &from, &until));
}

/* Who wakes up late begins earlier; and later again when that was only once. */
Test(pool_pace, overslept)
{
	int64_t due = feed(1000 * MS, 100, PERIOD, 0), before;
	zi_pace_window(&pace, due - PERIOD, &before, &until);
	for (int i = 0; i < 10; i++)
		zi_pace_overslept(&pace, 500 * US);
	zi_pace_window(&pace, due - PERIOD, &from, &until);
	cr_assert(from < before - 300 * US);
	for (int i = 0; i < 100; i++)
		zi_pace_overslept(&pace, 60 * US);
	zi_pace_window(&pace, due - PERIOD, &from, &until);
	cr_assert(from > before && from < due);
}
