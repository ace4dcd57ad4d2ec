/* SPDX-License-Identifier: BSD-2-Clause */
/* What a file says of its times ends at the ends of 64 bits. */
#include <criterion/criterion.h>
#include <signal.h>

#include "pace.h"
#include "program/signals.h"
#include "ticks.h"
#include "timeline.h"

static const int64_t extremes[] = { INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX };

/* Within 64 bits they are the plain sum and difference. */
Test(ticks, add_and_sub_what_fits)
{
	cr_assert(ticks_add(40, 2) == 42 && ticks_sub(40, 2) == 38);
	cr_assert(ticks_add(INT64_MAX, INT64_MIN) == -1 && ticks_sub(-1, INT64_MAX) == INT64_MIN);
}

/* Beyond them they stop on the side on which the result lies. */
Test(ticks, add_and_sub_at_the_ends)
{
	cr_assert(ticks_add(INT64_MAX, 1) == INT64_MAX && ticks_add(INT64_MIN, -1) == INT64_MIN);
	cr_assert(ticks_sub(INT64_MIN, 1) == INT64_MIN && ticks_sub(INT64_MAX, -1) == INT64_MAX);
	cr_assert(ticks_sub(0, INT64_MIN) == INT64_MAX && ticks_sub(-2, INT64_MAX) == INT64_MIN);
}

Test(ticks, rescale_at_the_ends)
{
	AVRational ms = { 1, 1000 }, s = { 1, 1 };

	cr_assert(ticks_rescale(1500, ms, ticks_ns) == INT64_C(1500000000));
	cr_assert(ticks_rescale(INT64_MAX / 2, s, ms) == INT64_MAX);
	cr_assert(ticks_rescale(INT64_MIN / 2, s, ms) == INT64_MIN);
}

/* Any timestamp and duration after any other: nothing overflows (UBSan sees it), nobody waits for ever. */
Test(ticks, timeline_and_pace_of_extremes, .timeout = 60)
{
	size_t n = sizeof(extremes) / sizeof(extremes[0]);
	AVFrame *frame = av_frame_alloc();

	cr_assert(frame && zi_signals_catch(0) == 0 && raise(SIGTERM) == 0);
	for (size_t k = 0; k < n * n * n; k++) {
		struct timeline timeline;
		struct pace pace = { 0 };
		timeline_init(&timeline, (AVRational){ 1, 1000 }, (AVRational){ INT32_MAX, 1 });
		for (size_t i = k, step = 0; step < 3; step++, i /= n) {
			struct picture picture = { 0 };
			frame->best_effort_timestamp = extremes[i % n];
#if LIBAVUTIL_VERSION_INT < AV_VERSION_INT(57, 30, 100)
			frame->pkt_duration = extremes[(i + k) % n];
#else
			frame->duration = extremes[(i + k) % n];
#endif
			timeline_set(&timeline, &picture, timeline_next(&timeline, frame));
			cr_assert(pace_wait(&pace, &picture), "it was asked to stop");
			if (step == 1)
				timeline_restart(&timeline, timeline.time_base, (AVRational){ 25, 1 });
		}
	}
	av_frame_free(&frame);
}
