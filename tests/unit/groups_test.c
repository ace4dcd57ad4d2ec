/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups: each frame to at most one idle member. One round at a time, without the writer's thread. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/writer/delivery.h"
#include "pool/writer/housekeeping.h"
#include "pool/writer/state.h"
#include "support/frame.h"
#include "support/name.h"

#define MEMBERS 3

static char name[ZOE_NAME_BYTES];
static struct zoe_writer *writer;
static struct zoe_reader *reader[MEMBERS];
static const struct zoe_frame *frame[MEMBERS];
static struct zoe_reader_options asked;

static int publish(void)
{
	return publish_gray(writer, 64, 64, 0);
}

static void create(enum zoe_mailbox mailbox, bool lossless)
{
	struct zoe_writer_options options = {
		.slot_bytes = 4096,
		.mailbox = mailbox,
		.lossless = lossless,
		.no_thread = true,
	};
	own_pool_name(name, "groups");
	cr_assert(zoe_writer_create(&writer, name, &options) == 0, "%s", zoe_error());
	cr_assert(zoe_writer_announce(writer) == 0, "%s", zoe_error());
	asked = (struct zoe_reader_options){
		.policy = lossless ? ZOE_LOSSLESS : ZOE_LATEST,
		.group = "detectors",
	};
}

static _Atomic bool is_attached;

static void *attach(void *reader_i)
{
	cr_assert(zoe_reader_attach(reader_i, name, &asked, ZOE_POLL) == 0, "%s", zoe_error());
	atomic_store(&is_attached, true);
	return NULL;
}

static void join(int i)
{
	pthread_t thread;
	atomic_store(&is_attached, false);
	pthread_create(&thread, NULL, attach, &reader[i]);
	while (!atomic_load(&is_attached)) {
		zi_housekeeping_run(writer);
		usleep(1000);
	}
	pthread_join(thread, NULL);
}

static uint64_t take(int i)
{
	const struct zoe_frame *next;
	int error = zoe_reader_acquire(reader[i], &next, ZOE_POLL);
	cr_assert(error == 0 || error == -EAGAIN || error == -EBUSY, "%s", zoe_error());
	if (error)
		return 0;
	frame[i] = next;
	return next->seq;
}

static void give_back(int i)
{
	zoe_reader_release(reader[i], frame[i]);
	frame[i] = NULL;
}

static void end(void)
{
	for (int i = 0; i < MEMBERS; i++)
		zoe_reader_detach(&reader[i]);
	zoe_writer_destroy(&writer);
}

TestSuite(groups, .fini = end, .timeout = 20);

Test(groups, each_frame_to_one_idle_member)
{
	create(ZOE_MAILBOX_MUTEX, false);
	for (int i = 0; i < MEMBERS; i++)
		join(i);
	for (int i = 0; i < MEMBERS; i++)
		cr_assert(publish() == 0);
	uint64_t sum = 0;
	for (int i = 0; i < MEMBERS; i++) {
		uint64_t seq = take(i);
		cr_assert(seq > 0 && take(i) == 0);
		sum |= UINT64_C(1) << seq;
	}
	cr_assert(sum == 0xe, "frames 1, 2 and 3 went to one member each: %llx", (unsigned long long)sum);
}

/* While all are at work the newest frame waits, for who is first, and one member alone gets it. */
Test(groups, newest_waits_for_who_is_first)
{
	create(ZOE_MAILBOX_ATOMIC, false);
	join(0);
	join(1);
	cr_assert(publish() == 0 && publish() == 0);
	cr_assert(take(0) + take(1) == 3);
	for (int n = 0; n < 5; n++)
		cr_assert(publish() == 0);
	zi_housekeeping_run(writer);
	cr_assert(take(0) == 0 && take(1) == 0, "they hold as many as they may");
	uint32_t doorbell = atomic_load(&writer->doorbells->doorbell);
	give_back(1);
	cr_assert(atomic_load(&writer->doorbells->doorbell) != doorbell, "who becomes idle rings");
	zi_housekeeping_run(writer);
	give_back(0);
	zi_housekeeping_run(writer);
	cr_assert(take(0) == 0 && take(1) == 7);
}

/* A frame that a member was given is not given again, to a newcomer or a worker that came back. */
Test(groups, no_frame_goes_to_two)
{
	create(ZOE_MAILBOX_MUTEX, false);
	join(0);
	cr_assert(publish() == 0);
	cr_assert(take(0) == 1);
	join(1);
	cr_assert(take(1) == 0);
	zoe_reader_detach(&reader[0]);
	zoe_reader_detach(&reader[1]);
	zi_housekeeping_run(writer);
	join(2);
	cr_assert(take(2) == 0, "the group is the same, though it was empty");
	cr_assert(publish() == 0);
	cr_assert(take(2) == 2);
}

/* Another group, and a reader without one, see every frame all the same. */
Test(groups, others_are_not_concerned)
{
	create(ZOE_MAILBOX_MUTEX, false);
	join(0);
	asked.group = "others";
	join(1);
	asked.group = NULL;
	join(2);
	cr_assert(publish() == 0);
	cr_assert(take(0) == 1 && take(1) == 1 && take(2) == 1);
}

Test(groups, lossless_waits_for_an_idle_member)
{
	create(ZOE_MAILBOX_MUTEX, true);
	join(0);
	join(1);
	cr_assert(publish() == 0 && publish() == 0);
	cr_assert(publish() == -ETIMEDOUT, "both have one waiting");
	cr_assert(take(0) + take(1) == 3);
	cr_assert(publish() == -ETIMEDOUT, "both hold one");
	give_back(0);
	cr_assert(publish() == 0);
	cr_assert(take(1) == 0);
	cr_assert(take(0) == 3);
}

Test(groups, holds_more_on_demand)
{
	create(ZOE_MAILBOX_MUTEX, false);
	asked.hold = 2;
	join(0);
	cr_assert(publish() == 0);
	cr_assert(take(0) == 1);
	cr_assert(publish() == 0);
	const struct zoe_frame *second;
	cr_assert(zoe_reader_acquire(reader[0], &second, ZOE_POLL) == 0 && second->seq == 2);
	zoe_reader_release(reader[0], second);
}

/* A second frame does not push out one that waits, though its member may hold two. */
Test(groups, one_waits_at_most)
{
	create(ZOE_MAILBOX_MUTEX, false);
	asked.hold = 2;
	join(0);
	cr_assert(publish() == 0 && publish() == 0);
	cr_assert(take(0) == 1);
	give_back(0);
	zi_housekeeping_run(writer);
	cr_assert(take(0) == 2);
}

/* Who has waited longest is next. */
Test(groups, in_turn)
{
	create(ZOE_MAILBOX_ATOMIC, false);
	join(0);
	join(1);
	for (int i = 0; i < 6; i++) {
		cr_assert(publish() == 0);
		cr_assert(take(i % 2) == (uint64_t)i + 1, "frame %d", i + 1);
		give_back(i % 2);
	}
}

/* Groups come and go, more than there is room for at once; each is new. */
Test(groups, more_names_than_seats)
{
	char group[16];
	create(ZOE_MAILBOX_ATOMIC, false);
	cr_assert(publish() == 0);
	asked.group = group;
	for (int i = 0; i < ZOE_MAX_SEATS + 6; i++) {
		snprintf(group, sizeof(group), "group-%d", i);
		join(0);
		cr_assert(take(0) == 1, "group %d", i);
		zoe_reader_detach(&reader[0]);
		zi_housekeeping_run(writer);
	}
}

/* The last frame of a stream does not wait for members that are at work; those of a lossless group it does. */
Test(groups, end_does_not_wait)
{
	create(ZOE_MAILBOX_MUTEX, false);
	join(0);
	cr_assert(publish() == 0);
	cr_assert(take(0) == 1);
	cr_assert(publish() == 0);
	cr_assert(writer->seat_controls[0].owed);
	cr_assert(zoe_writer_end(writer, ZOE_POLL) == 0);
}

/* A lossless reader whose lock was taken just then is owed its frame before the next one is published. */
Test(groups, lossless_is_paid_first)
{
	create(ZOE_MAILBOX_MUTEX, true);
	asked.group = NULL;
	join(0);
	pthread_mutex_lock(&writer->seat_controls[0].box.shared->mutex.mutex);
	cr_assert(publish() == 0);
	cr_assert(publish() == -ETIMEDOUT);
	pthread_mutex_unlock(&writer->seat_controls[0].box.shared->mutex.mutex);
	zi_housekeeping_run(writer);
	cr_assert(take(0) == 1);
}

/* What a policy keeps away is counted. */
Test(groups, withheld)
{
	create(ZOE_MAILBOX_MUTEX, false);
	asked.group = NULL;
	asked.every = 3;
	join(0);
	for (int i = 0; i < 7; i++)
		cr_assert(publish() == 0);
	cr_assert(atomic_load(&writer->seat_controls[0].seat->withheld) == 4);
}

Test(groups, names_and_contradictions)
{
	struct zoe_reader_options options = { .group = "two words" };
	create(ZOE_MAILBOX_MUTEX, false);
	cr_assert(zoe_reader_attach(&reader[0], name, &options, ZOE_POLL) == -EINVAL);
	options = (struct zoe_reader_options){ .group = "g", .policy = ZOE_LOSSLESS, .every = 2 };
	cr_assert(zoe_reader_attach(&reader[0], name, &options, ZOE_POLL) == -EINVAL);
	options = (struct zoe_reader_options){ .max_fps = -1 };
	cr_assert(zoe_reader_attach(&reader[0], name, &options, ZOE_POLL) == -EINVAL);
}
