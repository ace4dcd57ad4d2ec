/* SPDX-License-Identifier: BSD-2-Clause */
/* Where timestamps are missing (raw H.264) pictures follow each other at the frame rate. */
#include "timeline.h"

#include <zoetrope/zoetrope.h>

#include "compat.h"
#include "ticks.h"

#define JUMP_S 10 /* pictures further apart than this do not run on from each other */

void timeline_init(struct timeline *timeline, AVRational time_base, AVRational rate)
{
	AVRational fallback = { 25, 1 };

	*timeline = (struct timeline){ .time_base = time_base };
	timeline->frame_duration = ticks_rescale(1, av_inv_q(rate.num > 0 && rate.den > 0 ? rate : fallback),
		time_base);
	if (timeline->frame_duration < 1)
		timeline->frame_duration = 1;
}

int64_t timeline_next(struct timeline *timeline, const AVFrame *frame)
{
	bool known = frame->best_effort_timestamp != AV_NOPTS_VALUE;
	int64_t pts = known ? frame->best_effort_timestamp : timeline->next_pts;
	int64_t duration = known ? compat_duration(frame) : timeline->frame_duration;

	timeline->next_pts = ticks_add(pts, duration > 0 ? duration : timeline->frame_duration);
	return pts;
}

void timeline_set(struct timeline *timeline, struct picture *picture, int64_t pts)
{
	if (timeline->restarted)
		timeline->loop_offset = ticks_sub(timeline->end_pts, pts);
	picture->time_base = timeline->time_base;
	picture->pts = ticks_add(pts, timeline->loop_offset);
	picture->duration = ticks_sub(timeline->next_pts, pts);
	if (timeline->has_last) {
		int64_t step = ticks_sub(picture->pts, timeline->last_pts);
		if (timeline->restarted || step < 0 ||
			av_compare_ts(step, timeline->time_base, JUMP_S, (AVRational){ 1, 1 }) > 0)
			picture->flags |= ZOE_FRAME_DISCONTINUITY;
	}
	timeline->restarted = false;
	timeline->has_last = true;
	timeline->last_pts = picture->pts;
	timeline->end_pts = ticks_add(picture->pts, picture->duration);
}

void timeline_restart(struct timeline *timeline)
{
	timeline->restarted = timeline->has_last;
	timeline->next_pts = 0;
}
