/* SPDX-License-Identifier: BSD-2-Clause */
/* Where timestamps are missing (raw H.264) pictures follow each other at the frame rate. */
#include "timeline.h"

#include <zoetrope/zoetrope.h>

#include "compat.h"
#include "ticks.h"

#define JUMP_S 10    /* a longer time that nobody announced is a jump, in containers that have jumps, */
#define STILL_S 3600 /* and in any; nor is a longer duration believed */

static bool is_longer(const struct timeline *timeline, int64_t ticks, int64_t s)
{
	return av_compare_ts(ticks, timeline->time_base, s, (AVRational){ 1, 1 }) > 0;
}

/* The frame rate's, in the time base. */
static int64_t duration_at(AVRational rate, AVRational time_base)
{
	AVRational fallback = { 25, 1 };
	int64_t duration = ticks_rescale(1, av_inv_q(rate.num > 0 && rate.den > 0 ? rate : fallback), time_base);

	return duration > 0 ? duration : 1;
}

void timeline_init(struct timeline *timeline, AVRational time_base, AVRational rate)
{
	*timeline = (struct timeline){
		.time_base = time_base,
		.frame_duration = duration_at(rate, time_base),
	};
}

/* Of a picture that does not say: the rate may be a guess, slides come at none. */
static int64_t usual_duration(const struct timeline *timeline)
{
	bool is_slow = timeline->shortest_step > timeline->frame_duration &&
		!is_longer(timeline, timeline->shortest_step, STILL_S);

	return is_slow ? timeline->shortest_step : timeline->frame_duration;
}

int64_t timeline_next(struct timeline *timeline, const AVFrame *frame)
{
	bool known = frame->best_effort_timestamp != AV_NOPTS_VALUE;
	int64_t pts = known ? frame->best_effort_timestamp : timeline->next_pts;
	int64_t duration = known ? compat_duration(frame) : timeline->frame_duration;
	int64_t step = ticks_sub(pts, timeline->own_pts);

	if (known && timeline->has_own && step > 0 && (timeline->shortest_step == 0 || step < timeline->shortest_step))
		timeline->shortest_step = step;
	timeline->has_own = known;
	timeline->own_pts = pts;
	if (duration <= 0 || is_longer(timeline, duration, STILL_S))
		duration = usual_duration(timeline);
	timeline->next_pts = ticks_add(pts, duration);
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
		int64_t unannounced = ticks_sub(picture->pts, timeline->end_pts);
		picture->jumped = picture->pts < timeline->last_pts ||
			is_longer(timeline, unannounced, timeline->may_jump ? JUMP_S : STILL_S);
		if (timeline->restarted || picture->jumped)
			picture->flags |= ZOE_FRAME_DISCONTINUITY;
	}
	timeline->restarted = false;
	timeline->has_last = true;
	timeline->last_pts = picture->pts;
	timeline->end_pts = ticks_add(picture->pts, picture->duration);
}

void timeline_restart(struct timeline *timeline, AVRational time_base, AVRational rate)
{
	timeline->end_pts = ticks_rescale(timeline->end_pts, timeline->time_base, time_base);
	timeline->last_pts = ticks_rescale(timeline->last_pts, timeline->time_base, time_base);
	timeline->shortest_step = ticks_rescale(timeline->shortest_step, timeline->time_base, time_base);
	timeline->time_base = time_base;
	timeline->frame_duration = duration_at(rate, time_base);
	timeline->restarted = timeline->has_last;
	timeline->next_pts = 0;
	timeline->has_own = false;
}

void timeline_wait(struct timeline *timeline, int64_t ns)
{
	timeline->end_pts = ticks_add(timeline->end_pts, ticks_rescale(ns, ticks_ns, timeline->time_base));
}
