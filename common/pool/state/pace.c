/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/state/pace.h"

#include <assert.h>

/* So many frames on time make a steady source. */
#define STEADY 8

/* Before anything is known: the kernel's timer slack, and as much again to get going. */
#define OVERSLEPT_NS 100000

/* So many frames that this reader did not get are a pause. */
#define MOST_UNSEEN 30

/* 36 years since the machine started: sums of a few such times do not overflow. */
#define MOST_NS (INT64_MAX / 8)

/* On both sides of the window: what the smoothed figures do not cover. */
#define SPARE_NS 20000

static int64_t magnitude(int64_t ns)
{
	return ns < 0 ? -ns : ns;
}

/* Begin anew with the interval between the last two frames. */
static void restart(struct zi_pace *pace, int64_t published_ns)
{
	pace->period_ns = pace->last_ns ? published_ns - pace->last_ns : 0;
	pace->due_ns = published_ns + pace->period_ns;
	pace->jitter_ns = 0;
	pace->steady = 0;
	if (pace->overslept_ns == 0)
		pace->overslept_ns = OVERSLEPT_NS;
}

/* A phase-locked loop: the phase takes up a quarter of each error, the period a thirty-second. */
static void track(struct zi_pace *pace, int64_t published_ns)
{
	assert(pace->period_ns > 0);
	int64_t period = pace->period_ns;
	/* Frames that this reader was too slow for, or that were withheld from it, are counted over. */
	int64_t n_unseen = (published_ns - pace->due_ns + period / 2) / period;
	int64_t error = published_ns - pace->due_ns - n_unseen * period;

	if (n_unseen < 0 || n_unseen > MOST_UNSEEN || magnitude(error) > period / 4) {
		restart(pace, published_ns);
		return;
	}
	pace->due_ns = published_ns - error + error / 4 + period;
	pace->period_ns += error / 32;
	pace->jitter_ns += (magnitude(error) - pace->jitter_ns) / 16;
	pace->steady++;
}

void zi_pace_note(struct zi_pace *pace, int64_t published_ns)
{
	/* It stands in the reel, and may be any number. One that no clock shows is no part of a rhythm. */
	if (published_ns < 0 || published_ns > MOST_NS) {
		*pace = (struct zi_pace){ .overslept_ns = pace->overslept_ns };
		return;
	}
	if (pace->period_ns <= 0)
		restart(pace, published_ns);
	else
		track(pace, published_ns);
	pace->last_ns = published_ns;
}

void zi_pace_overslept(struct zi_pace *pace, int64_t ns)
{
	if (ns > pace->overslept_ns)
		pace->overslept_ns += (ns - pace->overslept_ns) / 4;
	else
		pace->overslept_ns -= (pace->overslept_ns - ns) / 16;
}

bool zi_pace_window(const struct zi_pace *pace, int64_t now_ns, int64_t *from_ns, int64_t *until_ns)
{
	int64_t margin = 2 * pace->jitter_ns + SPARE_NS;

	*from_ns = pace->due_ns - margin - pace->overslept_ns;
	*until_ns = pace->due_ns + margin;
	return pace->steady >= STEADY && now_ns < *until_ns && *until_ns - *from_ns <= pace->period_ns / 4;
}
