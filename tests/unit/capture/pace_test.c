/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When a picture's turn is. Most tests ask to stop first: then nothing sleeps, and the
 * clock's anchor shows what would have been waited for.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <time.h>

#include <zoetrope/zoetrope.h>

#include "pace.h"
#include "program/signals.h"

#define MS INT64_C(1000000)

static struct pace pace;

/* A picture of 40 ms in milliseconds. */
static struct picture at(int64_t pts_ms)
{
	return (struct picture){ .time_base = { 1, 1000 }, .pts = pts_ms, .duration = 40 };
}

static bool wait_for(int64_t pts_ms)
{
	struct picture picture = at(pts_ms);
	return pace_wait(&pace, &picture);
}

static void ask_to_stop(void)
{
	cr_assert(zi_signals_catch(0) == 0);
	raise(SIGTERM);
	cr_assert(zi_signals_stopped());
}

/* As if so much time had passed while nobody gave a picture. */
static void lose(int64_t ms)
{
	pace.anchor_ns -= ms * MS;
	pace.end_ns -= ms * MS;
}

TestSuite(pace, .timeout = 60);

/* The first picture is due at once, whatever its timestamp says. */
Test(pace, wait_for_the_first)
{
	int64_t before = zoe_now_ns();
	cr_assert(!wait_for(3600000));
	cr_assert(pace.anchor_ns + 3600000 * MS >= before && pace.anchor_ns + 3600000 * MS <= zoe_now_ns());
}

/* Pictures come no earlier than their timestamps say, seen from the first one. */
Test(pace, wait_for_its_turn)
{
	wait_for(1000);
	int64_t began = zoe_now_ns(), anchor = pace.anchor_ns;
	for (int i = 1; i <= 4; i++) {
		cr_assert(!wait_for(1000 + 40 * i));
		cr_assert(zoe_now_ns() >= anchor + (1000 + 40 * i) * MS);
	}
	cr_assert(zoe_now_ns() - began < 5000 * MS && pace.anchor_ns == anchor);
}

/* A late picture is due at once and does not shift those after it. */
Test(pace, wait_for_a_late_one)
{
	wait_for(0);
	lose(100);
	int64_t anchor = pace.anchor_ns;
	cr_assert(!wait_for(40));
	cr_assert(pace.anchor_ns == anchor);
	cr_assert(!wait_for(40) && pace.anchor_ns == anchor, "the same time again is no jump");
	cr_assert(!wait_for(400) && zoe_now_ns() >= anchor + 400 * MS && pace.anchor_ns == anchor);
}

/* More than a second is not made up for by hurrying: the clock begins anew. */
Test(pace, wait_after_a_long_pause)
{
	ask_to_stop();
	wait_for(0);
	lose(5000);
	int64_t before = zoe_now_ns();
	wait_for(40);
	cr_assert(pace.anchor_ns + 40 * MS >= before);
}

/* A picture that is to come in a minute is waited for. */
Test(pace, wait_for_a_slow_film)
{
	ask_to_stop();
	wait_for(0);
	int64_t anchor = pace.anchor_ns;
	wait_for(60000);
	cr_assert(pace.anchor_ns == anchor && pace.end_ns == anchor + 60040 * MS);
}

static int64_t jump_to(int64_t pts_ms)
{
	struct picture picture = at(pts_ms);
	picture.jumped = true;
	pace_wait(&pace, &picture);
	return pace.anchor_ns + pts_ms * MS;
}

/* After a jump, ahead or back, a picture is due when the one before has had its time, and others run on from there. */
Test(pace, wait_after_a_jump)
{
	ask_to_stop();
	wait_for(5000);
	int64_t end_ns = pace.end_ns;
	cr_assert(jump_to(999000) == end_ns);
	cr_assert(jump_to(0) == end_ns + 40 * MS);
	int64_t anchor = pace.anchor_ns;
	wait_for(40);
	cr_assert(pace.anchor_ns == anchor);
	lose(5000);
	int64_t before = zoe_now_ns();
	cr_assert(jump_to(80) >= before, "at once if that was long ago");
}

/* A request to stop ends a wait that began before it. */
Test(pace, wait_until_stopped)
{
	cr_assert(zi_signals_catch(0) == 0);
	wait_for(0);
	int64_t began = zoe_now_ns();
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGTERM };
	struct itimerspec soon = { .it_value = { .tv_nsec = 50 * MS } };
	timer_t timer;
	cr_assert(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	timer_settime(timer, 0, &soon, NULL);
	cr_assert(wait_for(9000));
	cr_assert(zoe_now_ns() - began < 5000 * MS);
	timer_delete(timer);
}

/* The last picture has its time, however long. */
Test(pace, wait_end)
{
	cr_assert(!pace_wait_end(&pace), "nothing was shown");
	wait_for(0);
	cr_assert(pace.end_ns == pace.anchor_ns + 40 * MS);
	cr_assert(!pace_wait_end(&pace) && zoe_now_ns() >= pace.anchor_ns + 40 * MS);
	struct picture still = at(40);
	still.duration = 3600000;
	pace_wait(&pace, &still);
	cr_assert(pace.end_ns == pace.anchor_ns + 3600040 * MS);
}
