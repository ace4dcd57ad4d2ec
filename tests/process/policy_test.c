/* SPDX-License-Identifier: BSD-2-Clause */
/* Which frames readers are given by their policies, and how the others are counted. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "support/actors.h"
#include "pool/mailbox/mailbox.h"
#include "pool/view/view.h"

#define ok(actor, ...) cr_assert((ask(actor, __VA_ARGS__), is_ok(actor)), "%s", (actor)->answer)
#define fails(actor, word, ...) cr_assert((ask(actor, __VA_ARGS__), is(actor, word)), "%s", (actor)->answer)

#define MEMBERS 3
#define MAX_SEQS 512

static struct actor writer, reader, member[MEMBERS];

static void begin(void)
{
	writer = actor_start();
	reader = actor_start();
	for (int i = 0; i < MEMBERS; i++)
		member[i] = actor_start();
}

static void end(void)
{
	struct zoe_cleaned cleaned;
	actor_kill(&writer);
	actor_kill(&reader);
	for (int i = 0; i < MEMBERS; i++)
		actor_kill(&member[i]);
	zoe_pool_clean(pool_name(), &cleaned);
	cr_assert(!left_behind());
}

TestSuite(policy, .init = begin, .fini = end, .timeout = 120);

/* The seat of this label, as zoe-top would show it. */
static struct zoe_reader_info counted(const char *label)
{
	struct zoe_reader_info seat = { 0 };
	const struct zoe_pool_info *info;
	struct zoe_list *list;
	cr_assert(zoe_list_open(&list) == 0, "%s", zoe_error());
	while (zoe_list_next(list, &info) == 0)
		for (uint32_t i = 0; strcmp(info->name, pool_name()) == 0 && i < info->n_readers; i++)
			if (strcmp(info->readers[i].label, label) == 0)
				seat = info->readers[i];
	zoe_list_close(&list);
	cr_assert(seat.pid != 0, "there is no reader %s", label);
	return seat;
}

/* The sequence numbers in a consumer's answer. */
static int seqs_of(const struct actor *actor, unsigned long *seqs)
{
	const char *at = strstr(actor->answer, "seqs=");
	int n = 0;
	cr_assert(at, "%s", actor->answer);
	for (at += strlen("seqs="); *at && n < MAX_SEQS; at++)
		seqs[n++] = strtoul(at, (char **)&at, 10);
	return n;
}

static int compare(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;
	return (x > y) - (x < y);
}

/* What all members got together, in order, and that no frame is in it twice. */
static int gather(unsigned long *seqs)
{
	int n = 0;
	for (int i = 0; i < MEMBERS; i++)
		n += seqs_of(&member[i], seqs + n);
	qsort(seqs, (size_t)n, sizeof(*seqs), compare);
	for (int i = 1; i < n; i++)
		cr_assert(seqs[i] != seqs[i - 1], "frame %lu went to two members", seqs[i]);
	return n;
}

/* A queue keeps the newest that it has room for, in order, and counts those that made room. */
Test(policy, queue_drops_the_oldest)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s depth=4 label=queue", pool_name());
	ok(&reader, "acquire");
	ok(&reader, "release");
	ok(&writer, "publish 10");
	for (int seq = 8; seq <= 11; seq++) {
		ok(&reader, "acquire ms=0");
		cr_assert(figure(&reader, "seq") == seq && says(&reader, "whole"), "%s", reader.answer);
		cr_assert(figure(&reader, "skipped") == (seq == 8 ? 6 : 0), "%s", reader.answer);
		ok(&reader, "release");
	}
	fails(&reader, "EAGAIN", "acquire ms=0");
	struct zoe_reader_info seat = counted("queue");
	cr_assert(seat.depth == 4 && seat.received == 5 && seat.displaced == 6 && seat.withheld == 0);
}

/* One in three is one in three, and the others cost their reader nothing: they are not even granted. */
Test(policy, every_third)
{
	unsigned long seqs[MAX_SEQS];
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s depth=32 every=3 label=thirds", pool_name());
	ok(&writer, "publish 30");
	struct zoe_reader_info seat = counted("thirds");
	cr_assert(seat.every == 3 && seat.withheld == 20 && seat.displaced == 0 && seat.n_waiting == 11,
		"withheld %llu, waiting %u", (unsigned long long)seat.withheld, seat.n_waiting);
	ok(&reader, "consume ms=0 list");
	int n = seqs_of(&reader, seqs);
	cr_assert(n == 11, "%s", reader.answer);
	for (int i = 0; i < n; i++)
		cr_assert(seqs[i] == 3 * (unsigned long)i + 1, "%s", reader.answer);
}

/* Frames that this one neither took nor was counted without: none but those that found its seat busy. */
static long long unaccounted(const struct actor *actor, const struct zoe_reader_info *seat, long long published)
{
	long long n = published - figure(actor, "frames") - (long long)(seat->withheld + seat->displaced);
	cr_assert(n >= 0, "%s", actor->answer);
	return n;
}

/*
 * Who spins before a frame is due gets all that a sleeper gets, over pauses, from the next
 * epoch and at the end.
 */
Test(policy, spin)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "announce");
	ok(&reader, "attach %s depth=32 spin label=spinner", pool_name());
	tell(&reader, "consume ms=20000");
	ok(&writer, "publish 60 pause_us=10000");
	usleep(150000);
	ok(&writer, "publish 40 pause_us=20000");
	struct zoe_reader_info seat = counted("spinner");
	ok(&writer, "stats");
	long long n_busy = figure(&writer, "busy");
	ok(&writer, "end");
	hear(&reader);
	cr_assert(figure(&reader, "torn") == 0 && says(&reader, "end=ENODATA"), "%s", reader.answer);
	cr_assert(unaccounted(&reader, &seat, 100) <= n_busy, "%s", reader.answer);
}

/* How often the reader in seat 0 was rung so far. */
static uint32_t rings(void)
{
	struct zi_view view = { 0 };
	const struct zi_owner own = { 0 };
	cr_assert(zi_view_open(&view, pool_name(), &own) == 0 && zi_view_open_seats(&view, pool_name(), O_RDONLY) == 0);
	const uint8_t *seat = (const uint8_t *)zi_view_seat(&view, 0);
	const struct zi_mailbox *box = (const struct zi_mailbox *)(seat + view.layout.mailbox_offset);
	uint32_t n = view.mailbox == ZOE_MAILBOX_ATOMIC ? box->atomic.word : box->mutex.cond.word;
	zi_view_close(&view);
	return n;
}

/*
 * How often the reader was rung in 60 frames, 10 ms from one to the next. UINT32_MAX when they did
 * not come so evenly, or the reader did not take them at once: then nobody can foretell the next.
 */
static uint32_t rings_in_60_frames(const char *spin)
{
	ok(&reader, "attach %s %s", pool_name(), spin);
	tell(&reader, "consume ms=500");
	ok(&writer, "publish 20 pause_us=10000");
	uint32_t before = rings();
	ok(&writer, "publish 60 pause_us=10000");
	uint32_t n = rings() - before;
	bool even = figure(&writer, "longest_gap_us") < 11500;
	hear(&reader);
	even &= figure(&reader, "oldest_us") < 1500;
	ok(&reader, "detach");
	return even ? n : UINT32_MAX;
}

/* How much of a processor a thread gets that wants all of one: 1 where nothing else wants it. */
static double processor_share(void)
{
	int64_t begin_ns = zoe_now_ns(), elapsed_ns;
	struct timespec before, after;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	do
		elapsed_ns = zoe_now_ns() - begin_ns;
	while (elapsed_ns < 300000000);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	return ((double)(after.tv_sec - before.tv_sec) * 1e9 + (double)(after.tv_nsec - before.tv_nsec)) /
		(double)elapsed_ns;
}

/*
 * Who spins is awake when its frame comes, and need not be rung; who sleeps must be. Frames that come
 * as the machine pleases show nothing: among so many tries there are calm ones, or it has other work.
 */
Test(policy, spinner_is_awake)
{
	uint32_t sleeper = UINT32_MAX, least = UINT32_MAX;
	ok(&writer, "create %s seats=1", pool_name());
	ok(&writer, "announce");
	for (int i = 0; i < 5 && sleeper == UINT32_MAX; i++)
		sleeper = rings_in_60_frames("");
	for (int i = 0; i < 6 && (least == UINT32_MAX || least > 30); i++) {
		uint32_t n = rings_in_60_frames("spin");
		least = n < least ? n : least;
	}
	if (sleeper == UINT32_MAX || least == UINT32_MAX)
		cr_skip_test("frames do not come evenly here just now");
	cr_assert(sleeper > 40, "a sleeper was rung only %u times", sleeper);
	/* Whoever spins among others that want the processor is sent to sleep. */
	if (least > 30 && processor_share() < 0.9)
		cr_skip_test("the machine has other work just now");
	cr_assert(least <= 30, "rung %u times, a sleeper %u", least, sleeper);
	printf("60 frames: a sleeper was rung %u times, a spinner %u\n", sleeper, least);
}

/* Of about 100 frames a second at most 20 reach a reader that wants no more; another has them all. */
Test(policy, at_most_so_many_a_second)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "announce");
	ok(&reader, "attach %s depth=32 fps=20 label=limited", pool_name());
	ok(&member[0], "attach %s depth=32 label=all", pool_name());
	tell(&reader, "consume ms=20000");
	tell(&member[0], "consume ms=20000 apart_ms=50");
	int64_t begin_ns = zoe_now_ns();
	ok(&writer, "publish 200 pause_us=10000");
	double seconds = (double)(zoe_now_ns() - begin_ns) / 1e9;
	struct zoe_reader_info seat = counted("limited"), all = counted("all");
	ok(&writer, "stats");
	long long n_busy = figure(&writer, "busy");
	ok(&writer, "end");
	hear(&reader);
	hear(&member[0]);
	long long n = figure(&reader, "frames");
	printf("at most 20 a second: %lld of 200 frames in %.2f s\n", n, seconds);
	cr_assert(seat.max_fps > 19.9 && seat.max_fps < 20.1);
	cr_assert(unaccounted(&reader, &seat, 200) <= n_busy, "%s", reader.answer);
	/* The first at once, an eighth of an interval early now and then: never faster in the long run. */
	cr_assert((double)n <= 20 * seconds + 2, "%lld frames in %.2f s", n, seconds);
	/* Nor slower than the frames allow: each that comes 50 ms after one that it had, or later, is for it. */
	long long apart = figure(&member[0], "apart");
	cr_assert(n + (long long)seat.displaced + n_busy >= apart, "%lld frames, %lld are 50 ms apart", n, apart);
	cr_assert(all.withheld == 0 && unaccounted(&member[0], &all, 200) <= n_busy, "%s", member[0].answer);
}

/* The writer waits for a lossless reader of each third frame, and for each of those alone. */
Test(policy, lossless_and_every)
{
	unsigned long seqs[MAX_SEQS];
	ok(&writer, "create %s lossless", pool_name());
	ok(&writer, "announce");
	ok(&reader, "attach %s lossless every=3 label=thirds", pool_name());
	ok(&writer, "publish 3 ms=0");
	fails(&writer, "ETIMEDOUT", "publish ms=50");
	tell(&reader, "consume ms=20000 work_ms=2 list");
	ok(&writer, "publish 88 ms=20000");
	struct zoe_reader_info seat = counted("thirds");
	ok(&writer, "end ms=20000");
	hear(&reader);
	int n = seqs_of(&reader, seqs);
	cr_assert(n == 31 && figure(&reader, "torn") == 0, "%s", reader.answer);
	for (int i = 0; i < n; i++)
		cr_assert(seqs[i] == 3 * (unsigned long)i + 1, "%s", reader.answer);
	cr_assert(seat.withheld == 60 && seat.displaced == 0);
}

/* How many times the frames of one three members got, who need 100 ms a frame as it does; no frame goes to two. */
static double times_as_many(void)
{
	unsigned long seqs[MAX_SEQS];
	ok(&writer, "create %s", pool_name());
	ok(&writer, "announce");
	ok(&reader, "attach %s group=alone label=alone", pool_name());
	for (int i = 0; i < MEMBERS; i++)
		ok(&member[i], "attach %s group=three label=three-%d", pool_name(), i);
	tell(&reader, "consume ms=20000 work_ms=100");
	for (int i = 0; i < MEMBERS; i++)
		tell(&member[i], "consume ms=20000 work_ms=100 list");
	ok(&writer, "publish 600 pause_us=5000");
	ok(&writer, "end");
	hear(&reader);
	for (int i = 0; i < MEMBERS; i++) {
		hear(&member[i]);
		cr_assert(figure(&member[i], "torn") == 0, "%s", member[i].answer);
	}
	long long alone = figure(&reader, "frames");
	int together = gather(seqs);
	for (int i = 0; i < MEMBERS; i++)
		ok(&member[i], "detach");
	ok(&reader, "detach");
	ok(&writer, "destroy");
	double times = (double)together / (double)alone;
	printf("frames of one: %lld; of three: %d, %.2f times as many\n", alone, together, times);
	cr_assert(alone >= 10);
	return times;
}

/* Three get nearly three times the frames of one, out of more than enough; again if the machine was in the way. */
Test(policy, three_of_a_group)
{
	double times = 0;
	for (int i = 0; i < 6 && times <= 2.3; i++)
		times = times_as_many();
	cr_assert(times > 2.3, "%.2f", times);
}

/* Who joins a group is not given what another member had already. */
Test(policy, newcomer_to_a_group)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&member[0], "attach %s group=two", pool_name());
	ok(&member[0], "acquire");
	ok(&member[1], "attach %s group=two", pool_name());
	fails(&member[1], "EAGAIN", "acquire ms=100");
	ok(&writer, "publish");
	ok(&member[1], "acquire");
	cr_assert(figure(&member[1], "seq") == 2, "%s", member[1].answer);
	fails(&member[0], "EBUSY", "acquire ms=0");
}

/* With lossless each frame goes to exactly one of a group, however slow they are. */
Test(policy, lossless_group)
{
	unsigned long seqs[MAX_SEQS];
	ok(&writer, "create %s lossless", pool_name());
	ok(&writer, "announce");
	for (int i = 0; i < MEMBERS; i++)
		ok(&member[i], "attach %s lossless group=three label=three-%d", pool_name(), i);
	for (int i = 0; i < MEMBERS; i++)
		tell(&member[i], "consume ms=20000 work_ms=%d list", 5 + 10 * i);
	ok(&writer, "publish 150 ms=20000");
	ok(&writer, "end ms=20000");
	for (int i = 0; i < MEMBERS; i++)
		hear(&member[i]);
	int n = gather(seqs);
	printf("of 150 frames: %lld + %lld + %lld\n", figure(&member[0], "frames"), figure(&member[1], "frames"),
		figure(&member[2], "frames"));
	cr_assert(n == 150 && seqs[0] == 1 && seqs[n - 1] == 150, "%d frames", n);
	for (int i = 0; i < MEMBERS; i++)
		cr_assert(figure(&member[i], "frames") > 0 && figure(&member[i], "torn") == 0, "%s", member[i].answer);
}

/* A member that dies at work takes its frame with it; the others have all that follow. */
Test(policy, member_dies)
{
	unsigned long seqs[MAX_SEQS];
	ok(&writer, "create %s lossless", pool_name());
	ok(&writer, "announce");
	for (int i = 0; i < MEMBERS; i++)
		ok(&member[i], "attach %s lossless group=three", pool_name());
	ok(&writer, "publish 3 ms=20000");
	ok(&member[0], "acquire");
	actor_kill(&member[0]);
	member[0] = actor_start();
	for (int i = 1; i < MEMBERS; i++)
		tell(&member[i], "consume ms=20000 work_ms=2 list");
	ok(&writer, "publish 60 ms=20000");
	ok(&writer, "end ms=20000");
	for (int i = 1; i < MEMBERS; i++)
		hear(&member[i]);
	snprintf(member[0].answer, sizeof(member[0].answer), "seqs=");
	int n = gather(seqs);
	cr_assert(n == 62 && seqs[n - 1] == 63, "%d frames", n);
}
