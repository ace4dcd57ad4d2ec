/* SPDX-License-Identifier: BSD-2-Clause */
/* Following a name: what each failure to open a pool means, first and from one epoch to the next. */
#include <criterion/criterion.h>
#include <errno.h>

#include "pool/system/clock.h"
#include "pool/view/follow.h"

static struct zi_follow follow;
static const int *answers; /* of each try to open; the last one is given for ever */
static int n_tries;
static int64_t given_ns, tried_ns; /* the deadline of the last try, and when that was */

static int open_next(struct zi_follow *unused, int64_t deadline_ns)
{
	(void)unused;
	n_tries++;
	given_ns = deadline_ns;
	tried_ns = zoe_now_ns();
	int answer = *answers;
	if (answers[1] <= 0)
		answers++;
	return answer;
}

#define END 1 /* behind the last answer */

static void begin(void)
{
	cr_assert(zi_follow_begin(&follow, "a", NULL, open_next, NULL) == 0);
}

static void end(void)
{
	zi_follow_end(&follow);
}

static int first(const int *given, int64_t deadline_ns)
{
	answers = given;
	n_tries = 0;
	return zi_follow_first(&follow, deadline_ns);
}

static int next(int answer)
{
	const int given[] = { answer, END };
	answers = given;
	n_tries = 0;
	int error = zi_follow_next(&follow, ZOE_POLL);
	cr_assert(n_tries == 1);
	return error;
}

Test(follow, a_name_that_is_none)
{
	cr_assert(zi_follow_begin(&follow, "a b", NULL, open_next, NULL) == -EINVAL);
	cr_assert(zi_follow_begin(&follow, NULL, NULL, open_next, NULL) == -EINVAL);
}

Test(follow, first_waits_for_the_name, .init = begin, .fini = end)
{
	static const int late[] = { -ENOENT, -EOWNERDEAD, -ENODATA, -ENOENT, 0, END }, never[] = { -EOWNERDEAD, END };
	cr_assert(first(late, zoe_deadline_in_ms(60000)) == 0 && n_tries == 5);
	cr_assert(first(never, ZOE_POLL) == -ENOENT && n_tries == 1);
	cr_assert(first(never, zoe_deadline_in_ms(30)) == -ENOENT && n_tries > 1);
}

/* A pool that is there gets its time, even from who would not wait for one. */
Test(follow, first_gives_grace_to_a_pool_that_is_there, .init = begin, .fini = end)
{
	static const int settling[] = { -ESTALE, -EUSERS, -ESTALE, 0, END }, never[] = { -ESTALE, END },
			 full[] = { -EUSERS, END };
	follow.grace_ns = 60 * ZI_S;
	cr_assert(first(settling, ZOE_POLL) == 0 && n_tries == 4);
	cr_assert(given_ns > zoe_now_ns() + 30 * ZI_S);
	follow.grace_ns = 20 * ZI_MS;
	cr_assert(first(never, ZOE_POLL) == -ETIMEDOUT && n_tries > 1);
	cr_assert(first(full, ZOE_POLL) == -EUSERS && n_tries > 1);
	follow.grace_ns = 0;
	cr_assert(first(never, ZOE_POLL) == -ETIMEDOUT && n_tries == 1);
}

Test(follow, first_ends_with_what_is_final, .init = begin, .fini = end)
{
	static const int refused[] = { -ENOENT, -ENOSPC, END }, silent[] = { -EAGAIN, END };
	cr_assert(first(refused, ZOE_FOREVER) == -ENOSPC && n_tries == 2);
	cr_assert(first(silent, ZOE_FOREVER) == -ETIMEDOUT && n_tries == 1);
}

Test(follow, next_waits_for_a_successor, .init = begin, .fini = end)
{
	cr_assert(next(-ENOENT) == -EAGAIN && next(-EUSERS) == -EAGAIN && next(-EAGAIN) == -EAGAIN);
	cr_assert(next(-ENOSPC) == -ENOSPC);
	follow.awaits_successor = true;
	cr_assert(next(-ESTALE) == -EAGAIN && follow.awaits_successor);
	cr_assert(next(0) == 0 && !follow.awaits_successor);
}

/* A pool that comes during the last sleep is found at the deadline. */
Test(follow, next_tries_once_more_at_the_deadline, .init = begin, .fini = end)
{
	static const int late[] = { -ENOENT, 0, END }, never[] = { -ENOENT, END };
	int64_t deadline = zoe_deadline_in_ms(60000);
	answers = late;
	cr_assert(zi_follow_next(&follow, deadline) == 0 && n_tries == 2);
	answers = never;
	/* More than one round for a machine that is busy at the deadline. */
	for (int i = 0; i < 10 && tried_ns < deadline; i++) {
		deadline = zoe_deadline_in_ms(5);
		cr_assert(zi_follow_next(&follow, deadline) == -EAGAIN);
	}
	cr_assert(tried_ns >= deadline);
}

/* A successor that is over already is news, once. */
Test(follow, next_says_that_the_successor_is_over, .init = begin, .fini = end)
{
	follow.awaits_successor = true;
	cr_assert(next(-ENOENT) == -ENODATA && next(-ENOENT) == -EAGAIN);
	follow.awaits_successor = true;
	cr_assert(next(-EOWNERDEAD) == -EOWNERDEAD && next(-EOWNERDEAD) == -EAGAIN);
}

/* What was over has a word for how its successor ended, when that is gone. */
Test(follow, next_says_how_a_successor_that_is_gone_ended, .init = begin, .fini = end)
{
	follow.awaits_successor = true;
	follow.gone = ZOE_END_STOPPED;
	cr_assert(next(-ENOENT) == -ECANCELED && next(-ENOENT) == -EAGAIN);
	follow.awaits_successor = true;
	follow.gone = ZOE_END_FAILED;
	cr_assert(next(-ENOENT) == -ECONNABORTED);
}

/* What was left before its end is told of it, if that is still to be seen; nobody knows how what is gone ended. */
Test(follow, next_says_the_end_that_was_not_seen, .init = begin, .fini = end)
{
	follow.awaits_end = true;
	cr_assert(next(-ENOENT) == -EAGAIN && next(-ESTALE) == -EAGAIN && next(-EOWNERDEAD) == -EOWNERDEAD);
	cr_assert(next(-ENODATA) == -EAGAIN);
	follow.awaits_end = true;
	cr_assert(next(0) == 0 && !follow.awaits_end);
}

/* Who is to follow nobody does not wait for somebody, however it came to look. */
Test(follow, next_waits_for_nobody, .init = begin, .fini = end)
{
	follow.which = ZOE_FOLLOW_NEVER;
	cr_assert(next(-ENOENT) == -ENODATA);
	cr_assert(next(-EOWNERDEAD) == -EOWNERDEAD);
}
