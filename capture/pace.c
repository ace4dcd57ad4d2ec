/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock is anchored at the first picture; only the anchor ever changes. */
#include "pace.h"

#include <zoetrope/zoetrope.h>

#include "program/signals.h"
#include "ticks.h"

#define LATEST_NS 1000000000   /* later than this: give the lost time up */
#define LONGEST_NS 10000000000 /* a step of the timestamps beyond this is a jump */

static void set_anchor(struct pace *pace, int64_t pts_ns, int64_t now_ns)
{
	pace->anchored = true;
	pace->anchor_ns = ticks_sub(now_ns, pts_ns);
}

bool pace_wait(struct pace *pace, const struct picture *picture)
{
	int64_t pts_ns = ticks_rescale(picture->pts, picture->time_base, ticks_ns);
	int64_t duration_ns = ticks_rescale(picture->duration, picture->time_base, ticks_ns);
	int64_t step_ns = ticks_sub(pts_ns, pace->last_ns);
	int64_t now_ns = zoe_now_ns();

	if (!pace->anchored || step_ns < 0 || step_ns > LONGEST_NS ||
		ticks_sub(now_ns, ticks_add(pace->anchor_ns, pts_ns)) > LATEST_NS)
		set_anchor(pace, pts_ns, now_ns);
	pace->last_ns = pts_ns;
	int64_t due_ns = ticks_add(pace->anchor_ns, pts_ns);
	pace->end_ns = ticks_add(due_ns, duration_ns < LATEST_NS ? duration_ns : LATEST_NS);
	return zi_signals_wait_until(due_ns);
}

bool pace_wait_end(const struct pace *pace)
{
	return pace->anchored ? zi_signals_wait_until(pace->end_ns) : zi_signals_stopped();
}
