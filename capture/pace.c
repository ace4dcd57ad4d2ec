/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock is anchored at the first picture; only the anchor ever changes. */
#include "pace.h"

#include <zoetrope/zoetrope.h>

#include "program/signals.h"
#include "ticks.h"

#define LATEST_NS 1000000000 /* later than this: give the lost time up */

static void set_anchor(struct pace *pace, int64_t pts_ns, int64_t due_ns)
{
	pace->anchored = true;
	pace->anchor_ns = ticks_sub(due_ns, pts_ns);
}

bool pace_wait(struct pace *pace, const struct picture *picture)
{
	int64_t pts_ns = ticks_rescale(picture->pts, picture->time_base, ticks_ns);
	int64_t duration_ns = ticks_rescale(picture->duration, picture->time_base, ticks_ns);
	int64_t now_ns = zoe_now_ns();

	if (pace->anchored && picture->jumped)
		set_anchor(pace, pts_ns, pace->end_ns > now_ns ? pace->end_ns : now_ns);
	else if (!pace->anchored || ticks_sub(now_ns, ticks_add(pace->anchor_ns, pts_ns)) > LATEST_NS)
		set_anchor(pace, pts_ns, now_ns);
	int64_t due_ns = ticks_add(pace->anchor_ns, pts_ns);
	pace->end_ns = ticks_add(due_ns, duration_ns);
	return zi_signals_wait_until(due_ns);
}

bool pace_wait_end(const struct pace *pace)
{
	return pace->anchored ? zi_signals_wait_until(pace->end_ns) : zi_signals_stopped();
}
