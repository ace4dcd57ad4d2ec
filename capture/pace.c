/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock is anchored at the first picture; only the anchor ever changes. */
#include "pace.h"

#include <zoetrope/zoetrope.h>

#include "program/signals.h"

#define LATEST_NS 1000000000   /* later than this: give the lost time up */
#define LONGEST_NS 10000000000 /* a step of the timestamps beyond this is a jump */

static const AVRational ns = { 1, 1000000000 };

static void set_anchor(struct pace *pace, int64_t pts_ns, int64_t now_ns)
{
	pace->anchored = true;
	pace->anchor_ns = now_ns - pts_ns;
}

bool pace_wait(struct pace *pace, const struct picture *picture)
{
	int64_t pts_ns = av_rescale_q(picture->pts, picture->time_base, ns);
	int64_t duration_ns = av_rescale_q(picture->duration, picture->time_base, ns);
	int64_t step_ns = pts_ns - pace->last_ns;
	int64_t now_ns = zoe_now_ns();

	if (!pace->anchored || step_ns < 0 || step_ns > LONGEST_NS || now_ns - (pace->anchor_ns + pts_ns) > LATEST_NS)
		set_anchor(pace, pts_ns, now_ns);
	pace->last_ns = pts_ns;
	pace->end_ns = pace->anchor_ns + pts_ns + (duration_ns < LATEST_NS ? duration_ns : LATEST_NS);
	return zi_signals_wait_until(pace->anchor_ns + pts_ns);
}

bool pace_wait_end(const struct pace *pace)
{
	return pace->anchored ? zi_signals_wait_until(pace->end_ns) : zi_signals_stopped();
}
