/* SPDX-License-Identifier: BSD-2-Clause */
/* Timestamps of streams that have them, that lack them, and that go round. */
#include <criterion/criterion.h>

#include <libavutil/version.h>
#include <zoetrope/frame.h>

#include "timeline.h"

#define NONE AV_NOPTS_VALUE

static struct timeline timeline;
static AVFrame *frame;
static struct picture picture;
static int64_t read_ns = 1000000000;

/* 90 kHz and 30 frames a second: 3000 for each. */
static void begin(void)
{
	timeline_init(&timeline, (AVRational){ 1, 90000 }, (AVRational){ 30, 1 });
	frame = av_frame_alloc();
	cr_assert(frame != NULL);
}

static void end(void)
{
	av_frame_free(&frame);
}

/* The next picture of the stream; its own timestamp. */
static int64_t next(int64_t pts, int64_t duration)
{
	frame->best_effort_timestamp = pts;
#if LIBAVUTIL_VERSION_INT < AV_VERSION_INT(57, 30, 100)
	frame->pkt_duration = duration;
#else
	frame->duration = duration;
#endif
	int64_t own = timeline_next(&timeline, frame);
	picture = (struct picture){ .flags = ZOE_FRAME_CORRUPT, .read_ns = read_ns };
	timeline_set(&timeline, &picture, own);
	return own;
}

static void restart(void)
{
	timeline_restart(&timeline, timeline.time_base, (AVRational){ 30, 1 });
}

static bool is_discontinuous(void)
{
	return (picture.flags & ZOE_FRAME_DISCONTINUITY) != 0;
}

TestSuite(timeline, .init = begin, .fini = end);

/* Timestamps and durations that the stream has are the picture's, in the stream's time base. */
Test(timeline, set_as_the_stream_says)
{
	cr_assert(next(9000, 1500) == 9000);
	cr_assert(picture.pts == 9000 && picture.duration == 1500);
	cr_assert(picture.time_base.num == 1 && picture.time_base.den == 90000);
	next(10500, 1500);
	cr_assert(picture.pts == 10500 && !is_discontinuous());
}

/* A picture that does not say how long it lasts lasts as long as the frame rate says. */
Test(timeline, set_without_a_duration)
{
	next(9000, 0);
	cr_assert(picture.duration == 3000);
	next(9001, 1);
	cr_assert(picture.duration == 1, "one tick is a duration");
}

/* Without any timestamps pictures follow each other from 0 at the frame rate. */
Test(timeline, next_without_timestamps)
{
	for (int i = 0; i < 10; i++) {
		next(NONE, 0);
		cr_assert(picture.pts == 3000 * i && picture.duration == 3000 && !is_discontinuous());
	}
}

/* A single timestamp that is missing is the end of the picture before. */
Test(timeline, next_with_one_timestamp_missing)
{
	next(9000, 1500);
	cr_assert(next(NONE, 0) == 10500 && !is_discontinuous());
	cr_assert(next(13500, 3000) == 13500 && !is_discontinuous());
}

/* A stream that does not know its rate is taken for 25 frames a second. */
Test(timeline, init_without_a_rate)
{
	timeline_init(&timeline, (AVRational){ 1, 90000 }, (AVRational){ 0, 1 });
	next(NONE, 0);
	cr_assert(picture.duration == 3600);
	timeline_init(&timeline, (AVRational){ 1, 90000 }, (AVRational){ 30, 0 });
	cr_assert(timeline.frame_duration == 3600);
}

/* Less than one picture a second is a rate, too. */
Test(timeline, init_with_a_slow_rate)
{
	timeline_init(&timeline, (AVRational){ 1, 90000 }, (AVRational){ 1, 2 });
	next(NONE, 0);
	cr_assert(picture.duration == 180000);
}

/* In a time base too coarse for the rate pictures still follow each other. */
Test(timeline, init_with_a_coarse_time_base)
{
	timeline_init(&timeline, (AVRational){ 1, 10 }, (AVRational){ 60, 1 });
	next(NONE, 0);
	next(NONE, 0);
	cr_assert(picture.pts == 1);
}

/* Where times may jump, going back and more than ten seconds ahead is a discontinuity; ten seconds are none. */
Test(timeline, set_after_a_jump)
{
	timeline.may_jump = true;
	next(9000000, 3000);
	cr_assert(!is_discontinuous(), "the first, whenever it is");
	next(9000000, 3000);
	cr_assert(!is_discontinuous(), "standing still");
	next(9903000, 3000);
	cr_assert(!is_discontinuous() && !picture.jumped, "ten seconds");
	next(10806001, 3000);
	cr_assert(is_discontinuous() && picture.jumped, "more");
	next(10809001, 3000);
	cr_assert(!is_discontinuous() && !picture.jumped, "and on from there");
	next(0, 3000);
	cr_assert(is_discontinuous() && picture.jumped && picture.pts == 0, "back");
	cr_assert(picture.flags & ZOE_FRAME_CORRUPT, "what else was known stays");
}

/* Where they do not jump, a picture may stay for an hour; and anywhere as long as was announced. */
Test(timeline, set_after_a_long_picture)
{
	next(0, 3000);
	next(12 * 90000, 3000);
	cr_assert(!is_discontinuous() && !picture.jumped, "twelve seconds");
	next(3612 * INT64_C(90000) + 3001, 3000);
	cr_assert(is_discontinuous() && picture.jumped, "more than an hour");
	timeline.may_jump = true;
	next(picture.pts + 3000, 60 * 90000);
	cr_assert(picture.duration == 60 * 90000);
	next(picture.pts + 60 * 90000, 3000);
	cr_assert(!is_discontinuous() && !picture.jumped, "a minute that was announced");
}

/* Slides that do not say how long they last: as long as the shortest so far, if the rate is a guess. */
Test(timeline, set_slides_without_a_duration)
{
	next(0, 0);
	cr_assert(picture.duration == 3000);
	next(12 * 90000, 0);
	cr_assert(picture.duration == 12 * 90000);
	next(32 * 90000, 0);
	cr_assert(picture.duration == 12 * 90000);
	next(33 * 90000, 0);
	cr_assert(picture.duration == 90000);
	next(33 * 90000 + 1000, 0);
	cr_assert(picture.duration == 3000, "not shorter than the rate has it");
}

/* A step from a made-up time is none, and one of hours is a jump. */
Test(timeline, set_slides_that_do_not_tell)
{
	next(0, 0);
	next(12 * 90000, 0);
	next(NONE, 0);
	next(25 * 90000, 0);
	cr_assert(picture.duration == 12 * 90000);
	timeline_init(&timeline, (AVRational){ 1, 90000 }, (AVRational){ 30, 1 });
	next(0, 0);
	next(7200 * INT64_C(90000), 0);
	cr_assert(picture.duration == 3000);
}

/* No picture lasts for days: such a duration was never filled in. */
Test(timeline, set_with_a_duration_that_cannot_be)
{
	next(0, UINT32_MAX);
	cr_assert(picture.duration == 3000);
	next(picture.pts + 3000, INT64_MAX);
	cr_assert(picture.duration == 3000);
	next(picture.pts + 3000, 3600 * INT64_C(90000));
	cr_assert(picture.duration == 3600 * INT64_C(90000));
}

/* In a loop timestamps rise through the seam, as one frame after the other, and it is marked. */
Test(timeline, restart)
{
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 4; i++) {
			cr_assert(next(6000 + 3000 * i, 3000) == 6000 + 3000 * i, "its own");
			cr_assert(picture.pts == 6000 + 3000 * (round * 4 + i), "ours");
			cr_assert(is_discontinuous() == (round > 0 && i == 0));
			cr_assert(picture.duration == 3000);
		}
		restart();
	}
}

/* The last picture of a round has the time that it says before the next round begins. */
Test(timeline, restart_after_a_long_picture)
{
	next(0, 3000);
	next(3000, 180000);
	restart();
	next(0, 3000);
	cr_assert(picture.pts == 183000);
	next(3000, 180000);
	cr_assert(picture.pts == 186000);
}

/* Made-up timestamps begin again at 0 in each round, and ours go on. */
Test(timeline, restart_without_timestamps)
{
	for (int i = 0; i < 4; i++)
		next(NONE, 0);
	restart();
	cr_assert(next(NONE, 0) == 0);
	cr_assert(picture.pts == 12000 && picture.duration == 3000 && is_discontinuous());
	next(NONE, 0);
	cr_assert(picture.pts == 15000 && !is_discontinuous());
}

/* A restart before the first picture is none. */
Test(timeline, restart_before_the_first)
{
	restart();
	next(6000, 3000);
	cr_assert(picture.pts == 6000 && !is_discontinuous());
}

/* What was replaced in the meantime may have another time base: time runs on. */
Test(timeline, restart_in_another_time_base)
{
	next(0, 3000);
	next(3000, 3000);
	timeline_restart(&timeline, (AVRational){ 1, 1000 }, (AVRational){ 10, 1 });
	cr_assert(next(500, 0) == 500);
	cr_assert(picture.pts == 67 && picture.duration == 100 && picture.time_base.den == 1000 && !picture.jumped);
	/* The step from the last picture of the one to the first of the other is none. */
	timeline_restart(&timeline, (AVRational){ 1, 90000 }, (AVRational){ 30, 1 });
	next(510, 0);
	cr_assert(timeline.shortest_step > 2900, "%d", (int)timeline.shortest_step);
}

/* A picture of a camera that comes so long after the last one. */
static int64_t comes(int64_t after_ms, int64_t pts)
{
	int64_t before = picture.pts;

	read_ns += after_ms * 1000000;
	next(pts, 0);
	return picture.pts - before;
}

static void play(int n, int64_t *pts)
{
	for (int i = 0; i < n; i++)
		cr_assert(comes(33, *pts += 3000) == 3000 && !is_discontinuous());
}

/* Whatever the camera's clock does, ours rises by about a frame, and goes on with the camera's own steps. */
Test(timeline, a_clock_that_jumps)
{
	const int64_t s = 90000;
	const struct {
		const char *what;
		int64_t to; /* 0: reset */
		int64_t by;
	} jumps[] = {
		{ "9,800 s back", 0, -9800 * s },
		{ "37,600 s ahead", 0, 37600 * s },
		{ "one second back", 0, -1 * s },
		{ "reset to 0", 1, 0 },
		{ "wrapped at 33 bits", 0, -(INT64_C(1) << 33) },
	};
	int64_t pts = 20000 * s;

	timeline.is_live = true;
	next(pts, 0);
	play(10, &pts);
	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		uint64_t before = timeline.n_restamped;
		pts = jumps[i].to ? 0 : pts + jumps[i].by;
		for (int k = 1; k <= 3; k++) {
			int64_t step = comes(40, pts += 3000);
			cr_assert(step == 3600, "%s: frame %d goes on by %lld", jumps[i].what, k, (long long)step);
			cr_assert(is_discontinuous() == (k == 3), "%s: frame %d", jumps[i].what, k);
		}
		cr_assert(timeline.n_restamped == before + 3, "%s", jumps[i].what);
		play(10, &pts);
	}
}

/* One stamp that is wrong costs that picture's, and no more. */
Test(timeline, a_single_stamp_that_cannot_be)
{
	int64_t pts = 900000;

	timeline.is_live = true;
	next(pts, 0);
	play(10, &pts);
	cr_assert(comes(33, pts + 9000000) == 2970);
	cr_assert(comes(33, pts += 6000) == 3030);
	play(10, &pts);
	cr_assert(comes(33, 5) == 2970);
	cr_assert(comes(33, pts += 6000) == 3030);
	play(10, &pts);
	cr_assert(timeline.n_restamped == 2);
}

/* Two of one time, each time: both have times, which never run ahead of the clock. */
Test(timeline, twins)
{
	timeline.is_live = true;
	next(0, 0);
	for (int i = 1; i < 3000; i++) {
		int64_t step = comes(20, i / 2 * 3600);
		cr_assert(step > 0 && picture.pts <= i * 1800 + 3600, "%d: %lld", i, (long long)picture.pts);
	}
}

/* Stamps that cannot be, far apart, are no new time. */
Test(timeline, stamps_that_cannot_be_now_and_then)
{
	int64_t pts = 900000;

	timeline.is_live = true;
	next(pts, 0);
	for (int i = 0; i < 5; i++) {
		play(10, &pts);
		comes(33, pts + 9000000);
		cr_assert(!is_discontinuous());
		cr_assert(comes(33, pts += 6000) == 3030);
	}
	cr_assert(timeline.n_restamped == 5);
}

/* Slow ones that come late, all at once, keep their times, too. */
Test(timeline, a_slow_camera_that_stalls)
{
	int64_t pts = 900000;

	timeline.is_live = true;
	next(pts, 0);
	for (int i = 0; i < 5; i++)
		cr_assert(comes(10000, pts += 900000) == 900000);
	cr_assert(comes(60000, pts += 900000) == 900000);
	for (int i = 0; i < 5; i++)
		cr_assert(comes(0, pts += 900000) == 900000, "%d", i);
	cr_assert(timeline.n_restamped == 0);
	comes(0, pts += 9000000);
	cr_assert(timeline.n_restamped == 1, "more than they were late");
}

/* Pictures that come late, all at once, or after a long silence keep their own time. */
Test(timeline, a_network_that_stalls)
{
	int64_t pts = 900000;

	timeline.is_live = true;
	next(pts, 0);
	play(10, &pts);
	cr_assert(comes(8000, pts += 3000) == 3000);
	for (int i = 0; i < 240; i++)
		cr_assert(comes(0, pts += 3000) == 3000);
	cr_assert(comes(60000, pts += 60 * 90000) == 60 * 90000);
	cr_assert(timeline.n_restamped == 0);
}

/* A file's times are its own. */
Test(timeline, a_file_may_jump)
{
	next(9000000, 3000);
	next(9000, 3000);
	cr_assert(picture.pts == 9000 && picture.jumped && is_discontinuous() && timeline.n_restamped == 0);
}

/* What was away goes on as much later, whatever its own times are then. */
Test(timeline, a_camera_that_was_away)
{
	int64_t pts = 900000;

	timeline.is_live = true;
	next(pts, 0);
	play(10, &pts);
	restart();
	timeline_wait(&timeline, 5000000000);
	pts = 0;
	cr_assert(comes(6000, pts) == 5 * 90000 + 3000 && is_discontinuous());
	play(10, &pts);
	/* A connection that gave no picture counts once. */
	restart();
	timeline_wait(&timeline, 2000000000);
	restart();
	timeline_wait(&timeline, 4000000000);
	cr_assert(comes(4000, pts = 0) == 4 * 90000 + 3000 && is_discontinuous());
	play(10, &pts);
	cr_assert(timeline.n_restamped == 0);
}

/* However much was left out, a time far ahead of it cannot be. */
Test(timeline, a_stamp_that_cannot_be_after_a_skip)
{
	timeline.is_live = true;
	next(0, 3000);
	timeline_skip(&timeline, INT64_C(8000000000));
	read_ns += 100000000;
	next(3600 * 90000, 3000);
	cr_assert(timeline.n_restamped == 1);
}

/* What was left out to catch up is a discontinuity, and no jump, however late it was: its time is the source's own. */
Test(timeline, set_after_a_skip)
{
	timeline.is_live = true;
	next(0, 3000);
	timeline_skip(&timeline, INT64_C(8000000000));
	read_ns += 100000000;
	next(8 * 90000, 3000);
	cr_assert(picture.pts == 8 * 90000 && is_discontinuous());
	cr_assert(timeline.n_restamped == 0);
	read_ns += 33333333;
	next(8 * 90000 + 3000, 3000);
	cr_assert(picture.pts == 8 * 90000 + 3000 && !is_discontinuous());
	read_ns += 33333333;
	next(16 * 90000, 3000);
	cr_assert(timeline.n_restamped == 1, "for what follows it the clock counts");
}
