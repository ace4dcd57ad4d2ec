/* SPDX-License-Identifier: BSD-2-Clause */
/* The pauses of a source that is away, and what sets them back. Time is the test's. */
#include <criterion/criterion.h>

#include "session.h"

#define S INT64_C(1000000000)

static struct session session;
static int64_t now_ns = 1000 * S;

/* The next try fails at once: the pause before it. */
static int64_t fail(void)
{
	session_failed(&session, now_ns);
	int64_t pause_ns = session.next_ns - now_ns;
	now_ns = session.next_ns;
	session_try(&session);
	return pause_ns;
}

static void is_about(int64_t pause_ns, int64_t s)
{
	cr_assert(pause_ns >= s * S * 8 / 10 && pause_ns <= s * S * 12 / 10, "%lld ns, not %lld s", (long long)pause_ns,
		(long long)s);
}

Test(session, pauses_grow_to_a_minute)
{
	session_begin(&session, 1, now_ns);
	for (int i = 0; i < 100; i++)
		is_about(fail(), i < 5 ? 1 : i < 10 ? 5 : i < 20 ? 10 : 60);
	cr_assert(session.n_away == 100 && session.picture_ns == 1000 * S);
}

Test(session, a_local_one_is_tried_each_second)
{
	session_begin(&session, 1, now_ns);
	session.is_local = true;
	for (int i = 0; i < 100; i++)
		is_about(fail(), 1);
}

/* Two that lost the same server do not come back together, nor does one always come early. */
Test(session, pauses_differ)
{
	bool is_early = false, is_late = false;
	int64_t first[5];

	session_begin(&session, 1, now_ns);
	for (int i = 0; i < 5; i++) {
		first[i] = fail();
		is_early |= first[i] < S;
		is_late |= first[i] > S;
	}
	cr_assert(is_early && is_late);
	session_begin(&session, 2, now_ns);
	bool is_other = false;
	for (int i = 0; i < 5; i++)
		is_other |= fail() != first[i];
	cr_assert(is_other);
}

Test(session, a_minute_of_good_playing_sets_it_back)
{
	session_begin(&session, 1, now_ns);
	for (int i = 0; i < 7; i++)
		fail();
	cr_assert(session_picture(&session, now_ns));
	cr_assert(session.picture_ns == now_ns && session.n_away == 0 && session.state == SESSION_PLAYING);
	now_ns += 59 * S;
	cr_assert(!session_picture(&session, now_ns));
	is_about(fail(), 1);
	is_about(fail(), 5);
	cr_assert(session.n_away == 2 && session.n_tries == 9);
	cr_assert(session_picture(&session, now_ns));
	now_ns += 60 * S;
	cr_assert(!session_picture(&session, now_ns));
	for (int i = 0; i < 5; i++)
		is_about(fail(), 1);
	is_about(fail(), 5);
}

/* However long it was away before, what has played is asked soon; the pauses go on from where they were. */
Test(session, the_first_try_after_a_picture_is_soon)
{
	session_begin(&session, 1, now_ns);
	for (int i = 0; i < 10; i++)
		fail();
	session_picture(&session, now_ns);
	now_ns += 7 * S;
	is_about(fail(), 1);
	is_about(fail(), 10);
}

/* It is lost since its last picture, and not since it was given up; nor has it played since then. */
Test(session, silence_counts_as_lost)
{
	session_begin(&session, 1, now_ns);
	session_picture(&session, now_ns);
	now_ns += 5 * S;
	session_picture(&session, now_ns);
	int64_t picture_ns = now_ns;
	now_ns += 100 * S;
	for (int i = 0; i < 6; i++)
		fail();
	cr_assert(session.picture_ns == picture_ns);
	session_picture(&session, now_ns);
	is_about(fail(), 1);
	is_about(fail(), 5);
}

/* What was opened and gave no picture is as far as it was. */
Test(session, an_open_source_without_a_picture_is_lost)
{
	session_begin(&session, 1, now_ns);
	session_picture(&session, now_ns);
	int64_t picture_ns = now_ns;
	now_ns += 70 * S;
	session_failed(&session, now_ns);
	cr_assert(session.state == SESSION_WAITING);
	session_try(&session);
	now_ns += 200 * S;
	session_failed(&session, now_ns);
	cr_assert(session.picture_ns == picture_ns && session.n_away == 2 && session.n_tries == 2);
}
