/* SPDX-License-Identifier: BSD-2-Clause */
/* For whom a lossless pool waits, within an epoch and from one to the next. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/registry/directory.h"
#include "pool/writer/housekeeping.h"
#include "pool/writer/state.h"
#include "support/frame.h"
#include "support/name.h"
#include "support/wait.h"

#define EPOCHS 3
#define READERS 2
#define PATIENCE_MS 10000

static char name[ZOE_NAME_BYTES];
static struct zoe_writer *writer[EPOCHS];
static struct zoe_reader *reader[READERS];

/* The next epoch, without a name yet. */
static void prepare(int i)
{
	const struct zoe_writer_options options = {
		.slot_bytes = 4096,
		.lossless = true,
		.predecessor = i > 0 ? writer[i - 1] : NULL,
	};
	if (i == 0)
		own_pool_name(name, "lossless");
	cr_assert(zoe_writer_create(&writer[i], name, &options) == 0, "%s", zoe_error());
}

static void announce(int i)
{
	cr_assert(zoe_writer_announce(writer[i]) == 0, "%s", zoe_error());
}

static int publish(int i)
{
	return publish_gray(writer[i], 64, 64, 0);
}

/* Publish it however long it takes. */
static void publish_at_last(int i)
{
	int error, tries = PATIENCE_MS;
	while ((error = publish(i)) == -ETIMEDOUT && tries-- > 0)
		usleep(1000);
	cr_assert(error == 0, "%s", zoe_error());
}

static void attach(int i, enum zoe_policy policy, const char *group)
{
	const struct zoe_reader_options options = {
		.policy = policy,
		.hold = 1,
		.group = group,
		.label = i == 0 ? "slow" : "other",
	};
	cr_assert(zoe_reader_attach(&reader[i], name, &options, zoe_deadline_in_ms(PATIENCE_MS)) == 0, "%s",
		zoe_error());
}

/* The next frame, returned at once: how many were skipped before it, or the error. */
static int take(int i, int64_t deadline_ns)
{
	const struct zoe_frame *frame;
	int error = zoe_reader_acquire(reader[i], &frame, deadline_ns);
	if (error)
		return error;
	int skipped = (int)frame->skipped;
	zoe_reader_release(reader[i], frame);
	return skipped;
}

static int take_at_last(int i)
{
	return take(i, zoe_deadline_in_ms(PATIENCE_MS));
}

static void *take_in_thread(void *skipped)
{
	*(int *)skipped = take_at_last(0);
	return NULL;
}

/* While the first reader looks for its next frame, that is published: how many it skipped before it. */
static int publish_to_follower(int i)
{
	int skipped = -1;
	pthread_t thread;
	pthread_create(&thread, NULL, take_in_thread, &skipped);
	publish_at_last(i);
	pthread_join(thread, NULL);
	return skipped;
}

/* The lock of this epoch's first seat, as its reader has it for a few instructions with each frame. */
static pthread_mutex_t *lock_of(int i)
{
	return &writer[i]->seat_controls[0].box.shared->mutex.mutex;
}

static bool is_retired(int i)
{
	return atomic_load(&writer[i]->reel->state) == ZI_POOL_RETIRED;
}

static bool retires(int i)
{
	int64_t deadline_ns = zoe_deadline_in_ms(PATIENCE_MS);
	while (!is_retired(i) && wait_a_little(deadline_ns))
		continue;
	return is_retired(i);
}

static void end(void)
{
	for (int i = 0; i < READERS; i++)
		zoe_reader_detach(&reader[i]);
	for (int i = EPOCHS - 1; i >= 0; i--)
		zoe_writer_destroy(&writer[i]);
}

TestSuite(lossless, .fini = end, .timeout = 60);

/* A reader that may miss frames, stopped inside its lock, delays neither the next frame nor the next epoch. */
Test(lossless, latest_reader_in_its_lock)
{
	prepare(0);
	announce(0);
	attach(0, ZOE_LATEST, NULL);
	cr_assert(publish(0) == 0);
	pthread_mutex_lock(lock_of(0));
	cr_assert(publish(0) == 0);
	cr_assert(atomic_load(&writer[0]->seat_controls[0].seat->owed) == 1);
	cr_assert(publish(0) == 0, "%s", zoe_error());
	prepare(1);
	cr_assert(publish(1) == 0, "%s", zoe_error());
	cr_assert(is_retired(0));
	pthread_mutex_unlock(lock_of(0));
}

/* A pool whose name a successor took has no further frame, also when that one is gone. */
Test(lossless, published_to_after_its_successor)
{
	prepare(0);
	cr_assert(publish(0) == 0);
	prepare(1);
	cr_assert(publish(1) == 0);
	cr_assert(publish(0) == -EBUSY);
	zoe_writer_destroy(&writer[1]);
	cr_assert(publish(0) == -EBUSY && zoe_writer_announce(writer[0]) == -EBUSY, "%s", zoe_error());
}

/* Nor does one that has not come to the next epoch yet. */
Test(lossless, latest_reader_that_does_not_follow)
{
	prepare(0);
	announce(0);
	attach(0, ZOE_LATEST, NULL);
	cr_assert(publish(0) == 0);
	prepare(1);
	cr_assert(publish(1) == 0, "%s", zoe_error());
}

/* A lossless reader misses nothing of either epoch: the next one's first frame waits until it has followed. */
Test(lossless, reader_that_does_not_follow)
{
	prepare(0);
	announce(0);
	attach(0, ZOE_LOSSLESS, NULL);
	cr_assert(publish(0) == 0);
	prepare(1);
	cr_assert(publish(1) == -ETIMEDOUT);
	cr_assert(take(0, ZOE_POLL) == 0);
	cr_assert(publish(1) == -ETIMEDOUT);
	cr_assert(publish_to_follower(1) == 0);
}

/* An epoch without a frame is passed through: its successor waits for those who are still in the one before. */
Test(lossless, epoch_without_a_frame)
{
	prepare(0);
	announce(0);
	attach(0, ZOE_LOSSLESS, NULL);
	cr_assert(publish(0) == 0);
	prepare(1);
	announce(1);
	prepare(2);
	cr_assert(publish(2) == -ETIMEDOUT, "the first frame went out to nobody");
	cr_assert(take(0, ZOE_POLL) == 0);
	cr_assert(publish_to_follower(2) == 0);
	publish_at_last(2);
	cr_assert(take_at_last(0) == 0);
}

/* The same when the reader has its seat in the empty one by then. */
Test(lossless, reader_in_an_epoch_without_a_frame)
{
	prepare(0);
	announce(0);
	attach(0, ZOE_LOSSLESS, NULL);
	cr_assert(publish(0) == 0);
	cr_assert(take(0, ZOE_POLL) == 0);
	prepare(1);
	announce(1);
	/* It looks for the next epoch as often as it is asked. */
	struct zoe_writer_stats stats = { 0 };
	int64_t deadline_ns = zoe_deadline_in_ms(PATIENCE_MS);
	while (!stats.n_readers && wait_a_little(deadline_ns)) {
		cr_assert(take(0, ZOE_POLL) == -EAGAIN);
		zoe_writer_get_stats(writer[1], &stats);
	}
	cr_assert(stats.n_readers == 1 && stats.n_lossless == 1);
	prepare(2);
	cr_assert(publish(2) == -ETIMEDOUT);
	cr_assert(publish_to_follower(2) == 0);
}

/* A pool that passes its name on while it owes a lossless reader a frame is over when that is delivered. */
Test(lossless, owed_when_the_name_passes_on)
{
	prepare(0);
	announce(0);
	attach(0, ZOE_LOSSLESS, NULL);
	pthread_mutex_lock(lock_of(0));
	cr_assert(publish(0) == 0);
	prepare(1);
	announce(1);
	cr_assert(!is_retired(0), "its reader would move on without the frame");
	cr_assert(publish(1) == -ETIMEDOUT);
	pthread_mutex_unlock(lock_of(0));
	cr_assert(retires(0));
	cr_assert(take(0, ZOE_POLL) == 0);
}

static int count_temporary_names(void)
{
	struct zi_directory directory;
	int n = 0;
	cr_assert(zi_directory_open(&directory) == 0);
	while (zi_directory_next(&directory, name))
		n += directory.entry.is_temp;
	zi_directory_close(&directory);
	return n;
}

/* What was replaced goes when it is replaced: no name keeps the memory of an old epoch. */
Test(lossless, nothing_left_of_an_epoch)
{
	prepare(0);
	cr_assert(publish(0) == 0);
	for (int i = 1; i < EPOCHS; i++) {
		prepare(i);
		cr_assert(publish(i) == 0);
		cr_assert(count_temporary_names() == 0);
	}
}

/* A wait that is over, or given up, leaves nobody to ring for: each ring is a system call of a reader's. */
Test(lossless, rung_while_it_waits)
{
	prepare(0);
	announce(0);
	attach(0, ZOE_LOSSLESS, NULL);
	cr_assert(publish(0) == 0);
	cr_assert(publish(0) == -ETIMEDOUT);
	cr_assert(atomic_load(&writer[0]->reel->wants_space) == 0);
	cr_assert(zoe_writer_wait_readers(writer[0], 2, ZOE_POLL) == -ETIMEDOUT);
	cr_assert(atomic_load(&writer[0]->reel->wants_space) == 0);
}

/* Of a lossless group one that has followed is enough: no frame is lost, and one that is stopped delays nobody. */
Test(lossless, group_of_which_one_follows)
{
	prepare(0);
	announce(0);
	attach(0, ZOE_LOSSLESS, "group");
	attach(1, ZOE_LOSSLESS, "group");
	cr_assert(publish(0) == 0 && publish(0) == 0);
	cr_assert(take(1, ZOE_POLL) == 0);
	prepare(1);
	cr_assert(publish(1) == -ETIMEDOUT);
	cr_assert(take(1, ZOE_POLL) == -EAGAIN);
	publish_at_last(1);
	cr_assert(take_at_last(1) >= 0);
	publish_at_last(1);
	cr_assert(take_at_last(1) >= 0);
	cr_assert(take(0, ZOE_POLL) >= 0, "the frame of the old epoch");
}

/* The end says when somebody did not get the last frame. */
Test(lossless, end_that_owes)
{
	prepare(0);
	announce(0);
	attach(0, ZOE_LOSSLESS, NULL);
	pthread_mutex_lock(lock_of(0));
	cr_assert(publish(0) == 0);
	cr_assert(zoe_writer_end(writer[0], ZOE_POLL) == -ETIMEDOUT);
	pthread_mutex_unlock(lock_of(0));
	cr_assert(atomic_load(&writer[0]->reel->state) == ZI_POOL_ENDED);
}

/* The writer knows for whom it waits and since when, and so does who lists pools; until the wait is over. */
Test(lossless, says_for_whom)
{
	struct zoe_wait wait, later;
	prepare(0);
	announce(0);
	attach(1, ZOE_LATEST, NULL);
	attach(0, ZOE_LOSSLESS, NULL);
	int64_t before_ns = zoe_now_ns();
	cr_assert(publish(0) == 0);
	zoe_writer_get_wait(writer[0], &wait);
	cr_assert(wait.since_ns == 0);
	cr_assert(publish(0) == -ETIMEDOUT);
	/* publish_gray() lets its slot go, with which the wait is given up: this one goes on. */
	zoe_writer_get_wait(writer[0], &wait);
	cr_assert(wait.since_ns == 0);
	struct zoe_slot slot;
	const struct zoe_frame_info info = gray_frame(64, 64);
	cr_assert(zoe_writer_begin(writer[0], &slot) == 0);
	cr_assert(zoe_writer_publish(writer[0], slot.index, &info, 0, ZOE_POLL) == -ETIMEDOUT);
	zoe_writer_get_wait(writer[0], &wait);
	cr_assert(wait.since_ns >= before_ns && wait.since_ns <= zoe_now_ns());
	cr_assert(wait.pid == (uint32_t)getpid() && wait.seat == 1 && strcmp(wait.label, "slow") == 0, "%s",
		wait.label);
	cr_assert(zoe_writer_publish(writer[0], slot.index, &info, 0, ZOE_POLL) == -ETIMEDOUT);
	zoe_writer_get_wait(writer[0], &later);
	cr_assert(later.since_ns == wait.since_ns, "another try of the same frame is no other wait");

	struct zoe_list *list;
	const struct zoe_pool_info *pool;
	cr_assert(zoe_list_open(&list) == 0);
	while (zoe_list_next(list, &pool) == 0 && strcmp(pool->name, name) != 0)
		continue;
	cr_assert(pool && pool->wait.since_ns == wait.since_ns && strcmp(pool->wait.label, "slow") == 0);
	zoe_list_close(&list);

	cr_assert(take(0, ZOE_POLL) == 0);
	cr_assert(zoe_writer_publish(writer[0], slot.index, &info, 0, ZOE_POLL) == 0, "%s", zoe_error());
	zoe_writer_get_wait(writer[0], &wait);
	cr_assert(wait.since_ns == 0 && wait.pid == 0 && wait.label[0] == '\0');
	/* The next wait begins with its own frame. */
	before_ns = zoe_now_ns();
	cr_assert(zoe_writer_begin(writer[0], &slot) == 0);
	cr_assert(zoe_writer_publish(writer[0], slot.index, &info, 0, ZOE_POLL) == -ETIMEDOUT);
	zoe_writer_get_wait(writer[0], &wait);
	cr_assert(wait.since_ns >= before_ns);
}

/* Also when it is one that is still to come from the epoch before. */
Test(lossless, says_who_has_not_followed)
{
	struct zoe_wait wait;
	prepare(0);
	announce(0);
	attach(0, ZOE_LOSSLESS, NULL);
	prepare(1);
	struct zoe_slot slot;
	const struct zoe_frame_info info = gray_frame(64, 64);
	cr_assert(zoe_writer_begin(writer[1], &slot) == 0);
	cr_assert(zoe_writer_publish(writer[1], slot.index, &info, 0, ZOE_POLL) == -ETIMEDOUT);
	zoe_writer_get_wait(writer[1], &wait);
	cr_assert(wait.since_ns > 0 && strcmp(wait.label, "slow") == 0);
	zoe_writer_let_go(writer[1], slot.index);
	zoe_writer_get_wait(writer[1], &wait);
	cr_assert(wait.since_ns == 0);
}
