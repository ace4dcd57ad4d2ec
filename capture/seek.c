/* SPDX-License-Identifier: BSD-2-Clause */
#include "seek.h"

#include <libavutil/common.h>

#include "ticks.h"

/* Containers round timestamps to their ticks; this much of it is forgiven at most. */
#define ROUNDING_NS 500000

#define FIRST_STEP_NS 1000000000 /* further back by this, and then by twice as much each time */

/* The first timestamp, counted from the start, that is at that time or after it. */
static int64_t target_at(int64_t time_ns, AVRational time_base)
{
	int64_t tick_ns = ticks_rescale(1, time_base, ticks_ns);

	return av_rescale_q_rnd(time_ns - FFMIN(tick_ns / 2, ROUNDING_NS), ticks_ns, time_base, AV_ROUND_UP);
}

void seek_begin_pass(struct seek *seek, AVRational time_base, int64_t start, int64_t time_ns)
{
	int64_t back = ticks_rescale(seek->back, seek->time_base.den ? seek->time_base : time_base, time_base);

	*seek = (struct seek){
		.time_base = time_base,
		.start = start,
		.target = target_at(time_ns, time_base),
		.back = back,
		.from_start = time_ns == 0 || start == AV_NOPTS_VALUE || seek->from_start,
		.has_arrived = time_ns == 0,
	};
}

bool seek_jump(struct seek *seek, int64_t *pts)
{
	seek->has_key = seek->is_whole = false;
	seek->from_start |= seek->back >= seek->target;
	if (!seek->from_start)
		*pts = ticks_add(seek->start, seek->target - seek->back);
	return !seek->from_start;
}

void seek_further_back(struct seek *seek)
{
	int64_t first = ticks_rescale(FIRST_STEP_NS, ticks_ns, seek->time_base);

	/* Twice as far would be beyond the start, and more than int64_t has. */
	if (seek->back >= seek->target)
		seek->from_start = true;
	else
		seek->back = seek->back > 0 ? seek->back + FFMIN(seek->back, seek->target) : FFMAX(first, 1);
}

void seek_from_start(struct seek *seek)
{
	seek->from_start = true;
}

void seek_take_what_comes(struct seek *seek)
{
	seek->is_final = true;
}

static bool is_late(const struct seek *seek, int64_t pts)
{
	return !seek->is_final && ticks_sub(pts, seek->start) > seek->target;
}

enum seek_verdict seek_judge_packet(struct seek *seek, const AVPacket *packet, bool is_dated)
{
	int64_t pts = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
	int64_t least = packet->dts != AV_NOPTS_VALUE ? packet->dts : pts;

	if (seek->has_arrived || seek->from_start || seek->has_key)
		return SEEK_USE;
	if (!(packet->flags & AV_PKT_FLAG_KEY) || (packet->flags & AV_PKT_FLAG_CORRUPT))
		return least != AV_NOPTS_VALUE && is_late(seek, least) ? SEEK_FURTHER_BACK : SEEK_SKIP;
	if (pts == AV_NOPTS_VALUE && !seek->is_final)
		return SEEK_FROM_START;
	if (is_late(seek, pts) || (!is_dated && !seek->is_final))
		return SEEK_FURTHER_BACK;
	seek->key_pts = pts;
	seek->has_key = true;
	return SEEK_USE;
}

enum seek_verdict seek_judge_picture(struct seek *seek, const AVFrame *frame, int64_t pts, bool reorders)
{
	if (seek->has_arrived)
		return SEEK_USE;
	/* Timestamps that are made up may count from elsewhere than the container says. */
	if (seek->from_start && !seek->is_whole && (seek->start == AV_NOPTS_VALUE || frame->pts == AV_NOPTS_VALUE))
		seek->start = pts;
	seek->is_whole |= seek->from_start;
	if (!seek->is_whole) {
		/* Made up from the packets' dts: right only where none is missing. */
		if (frame->pts == AV_NOPTS_VALUE && reorders && !seek->is_final)
			return SEEK_FROM_START;
		/* Leading pictures of an open GOP refer to what was before the jump. */
		if (pts < seek->key_pts || (frame->flags & AV_FRAME_FLAG_CORRUPT) || frame->decode_error_flags)
			return SEEK_SKIP;
		if (is_late(seek, pts))
			return SEEK_FURTHER_BACK;
		seek->is_whole = true;
	}
	seek->has_arrived = ticks_sub(pts, seek->start) >= seek->target;
	return seek->has_arrived ? SEEK_USE : SEEK_SKIP;
}

enum seek_verdict seek_judge_end(const struct seek *seek)
{
	if (seek->has_arrived)
		return SEEK_USE;
	return seek->from_start || seek->is_whole || seek->is_final ? SEEK_SKIP : SEEK_FURTHER_BACK;
}
