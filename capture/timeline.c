/* SPDX-License-Identifier: BSD-2-Clause */
/* Where timestamps are missing (raw H.264) pictures follow each other at the frame rate. */
#include "timeline.h"

#include <zoetrope/zoetrope.h>

#include "compat.h"
#include "ticks.h"

#define JUMP_S 10    /* a longer time that nobody announced is a jump, in containers that have jumps, */
#define STILL_S 3600 /* and in any; nor is a longer duration believed */

/* How much faster than the clock a camera's time may be, and how many times that cannot be in a row are a new time. */
#define AHEAD_S 5
#define NEW_TIME 3

/* More of having been late is forgotten. */
#define LATE_S 60

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

/* How long the picture came after the last one, in the time base. */
static int64_t elapsed(const struct timeline *timeline, const struct picture *picture)
{
	int64_t ns = ticks_sub(picture->read_ns, timeline->last_read_ns);

	return ns > 0 ? ticks_rescale(ns, ticks_ns, timeline->time_base) : 0;
}

/*
 * A camera's clock is set, begins at 0 again, wraps: a picture whose time does not rise, or has gone on by far more
 * than ours, gets the time at which it came. Later than when it was due a picture comes often, and keeps its own.
 */
static int64_t believable(struct timeline *timeline, struct picture *picture, int64_t pts)
{
	int64_t since_last = elapsed(timeline, picture);
	int64_t step = since_last > 0 ? since_last : 1;
	int64_t ours = ticks_add(pts, timeline->loop_offset);
	int64_t expected = ticks_add(since_last, timeline->skipped ? timeline->skipped_ticks : 0);
	int64_t gained = ticks_sub(ticks_sub(ours, timeline->last_pts), expected);
	bool is_ahead = is_longer(timeline, ticks_sub(gained, timeline->late_ticks), AHEAD_S);

	if (ours > timeline->last_pts && !is_ahead) {
		timeline->n_off = 0;
		timeline->late_ticks = FFMAX(ticks_sub(timeline->late_ticks, gained), 0);
		if (is_longer(timeline, timeline->late_ticks, LATE_S))
			timeline->late_ticks = ticks_rescale(LATE_S, (AVRational){ 1, 1 }, timeline->time_base);
		return ours;
	}
	timeline->n_restamped++;
	ours = ticks_add(timeline->last_pts, step);
	if (++timeline->n_off < NEW_TIME)
		return ours;
	timeline->n_off = 0;
	timeline->late_ticks = 0;
	timeline->loop_offset = ticks_sub(ours, pts);
	picture->flags |= ZOE_FRAME_DISCONTINUITY;
	return ours;
}

void timeline_set(struct timeline *timeline, struct picture *picture, int64_t pts)
{
	if (timeline->restarted)
		timeline->loop_offset = ticks_sub(ticks_add(timeline->end_pts, timeline->away_ticks), pts);
	picture->time_base = timeline->time_base;
	picture->pts = timeline->is_live && timeline->has_last ? believable(timeline, picture, pts)
							       : ticks_add(pts, timeline->loop_offset);
	picture->duration = ticks_sub(timeline->next_pts, pts);
	if (timeline->has_last) {
		int64_t unannounced = ticks_sub(picture->pts, timeline->end_pts);
		picture->jumped = picture->pts < timeline->last_pts ||
			is_longer(timeline, unannounced, timeline->may_jump ? JUMP_S : STILL_S);
		if (timeline->restarted || timeline->skipped || picture->jumped)
			picture->flags |= ZOE_FRAME_DISCONTINUITY;
	}
	timeline->restarted = timeline->skipped = false;
	timeline->away_ticks = 0;
	timeline->has_last = true;
	timeline->last_pts = picture->pts;
	timeline->last_read_ns = FFMAX(timeline->last_read_ns, picture->read_ns);
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
	timeline->n_off = 0;
	timeline->late_ticks = timeline->away_ticks = 0;
}

void timeline_wait(struct timeline *timeline, int64_t ns)
{
	timeline->away_ticks = ticks_rescale(ns, ticks_ns, timeline->time_base);
}

void timeline_skip(struct timeline *timeline, int64_t lag_ns)
{
	timeline->skipped = true;
	timeline->skipped_ticks = ticks_rescale(lag_ns, ticks_ns, timeline->time_base);
}
