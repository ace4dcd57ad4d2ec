/* SPDX-License-Identifier: BSD-2-Clause */
/* A mailbox and its condition variable, both bodies, between threads of one process. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/mailbox/mailbox.h"
#include "pool/reader/state.h"
#include "pool/system/clock.h"
#include "support/frame.h"
#include "support/name.h"

/* For what waits for ever when something is wrong. */
TestSuite(mailbox, .timeout = 60);

static struct zi_mailbox box;
static struct zi_grants grants;
static struct zi_record records[ZOE_MAX_SLOTS];
static struct zi_mailbox_view view;
static struct zi_put outcome;
static uint64_t item;

static void begin(enum zoe_mailbox kind, enum zoe_cond cond)
{
	memset(&box, 0xa5, sizeof(box));
	view = (struct zi_mailbox_view){
		.body = zi_mailbox_body(kind),
		.shared = &box,
		.grants = &grants,
		.records = records,
		.n_slots = ZOE_MAX_SLOTS,
		.depth = 1,
		.cond = cond,
	};
	cr_assert(zi_mailbox_init(&view) == 0);
}

/* Until the reader says that it sleeps, or is about to. */
static void await_sleeper(void)
{
	const _Atomic uint32_t *sleepers = view.body == zi_mailbox_body(ZOE_MAILBOX_ATOMIC) ? &box.atomic.sleepers
											    : &box.mutex.cond.sleepers;
	while (atomic_load(sleepers) == 0)
		usleep(1000);
}

static void *put_later(void *unused)
{
	await_sleeper();
	/* The lock is busy while the reader is on its way to its sleep. */
	while (zi_mailbox_put(&view, zi_item(7, 3), &outcome) == -EBUSY)
		usleep(1000);
	cr_assert(outcome.asleep, "who put it in must know to ring");
	zi_mailbox_ring(&view);
	return unused;
}

static void *die_with_the_lock(void *unused)
{
	pthread_mutex_lock(&box.mutex.mutex);
	return unused;
}

static atomic_bool is_locked, may_unlock;

static void *hold_the_lock(void *unused)
{
	pthread_mutex_lock(&box.mutex.mutex);
	atomic_store(&is_locked, true);
	while (!atomic_load(&may_unlock))
		usleep(1000);
	pthread_mutex_unlock(&box.mutex.mutex);
	return unused;
}

static pthread_t in_a_thread(void *(*body)(void *))
{
	pthread_t thread;
	cr_assert(pthread_create(&thread, NULL, body, NULL) == 0);
	return thread;
}

/* A thread that has the lock when this returns, and keeps it until unlock(). */
static pthread_t lock_elsewhere(void)
{
	pthread_t thread = in_a_thread(hold_the_lock);
	while (!atomic_load(&is_locked))
		usleep(1000);
	return thread;
}

static void unlock(pthread_t thread)
{
	atomic_store(&may_unlock, true);
	pthread_join(thread, NULL);
}

struct kind {
	enum zoe_mailbox mailbox;
	enum zoe_cond cond;
};

static struct kind kinds[] = {
	{ ZOE_MAILBOX_MUTEX, ZOE_COND_FUTEX },
	{ ZOE_MAILBOX_MUTEX, ZOE_COND_PTHREAD },
	{ ZOE_MAILBOX_ATOMIC, ZOE_COND_FUTEX },
};

ParameterizedTestParameters(mailbox, sleeper_is_woken)
{
	return cr_make_param_array(struct kind, kinds, 3);
}

/* Who sleeps for an item gets it when it comes, long before the deadline. */
ParameterizedTest(struct kind *kind, mailbox, sleeper_is_woken)
{
	begin(kind->mailbox, kind->cond);
	pthread_t thread = in_a_thread(put_later);
	int64_t before = zoe_now_ns();
	cr_assert(zi_mailbox_take(&view, &item, before + 20 * ZI_S) == 0 && item == zi_item(7, 3));
	cr_assert(zoe_now_ns() - before < 10 * ZI_S);
	pthread_join(thread, NULL);
}

ParameterizedTestParameters(mailbox, wait_ends_at_the_deadline)
{
	return cr_make_param_array(struct kind, kinds, 3);
}

/* Without an item a wait ends at its deadline, not before. */
ParameterizedTest(struct kind *kind, mailbox, wait_ends_at_the_deadline)
{
	begin(kind->mailbox, kind->cond);
	int64_t deadline = zoe_now_ns() + 30 * ZI_MS;
	cr_assert(zi_mailbox_take(&view, &item, deadline) == -EAGAIN);
	cr_assert(zoe_now_ns() >= deadline);
	cr_assert(zi_mailbox_put(&view, zi_item(1, 0), &outcome) == 0);
}

/* A poll neither sleeps nor waits for the lock. */
Test(mailbox, poll)
{
	begin(ZOE_MAILBOX_MUTEX, ZOE_COND_FUTEX);
	cr_assert(zi_mailbox_take(&view, &item, ZOE_POLL) == -EAGAIN);
	zi_mailbox_put(&view, zi_item(1, 0), &outcome);
	cr_assert(!outcome.asleep);
	cr_assert(zi_mailbox_take(&view, &item, ZOE_POLL) == 0);
	pthread_t thread = lock_elsewhere();
	cr_assert(zi_mailbox_take(&view, &item, ZOE_POLL) == -EAGAIN);
	unlock(thread);
}

/* With the lock held by somebody who does not run, the writer moves on at once. */
Test(mailbox, put_while_the_lock_is_held)
{
	begin(ZOE_MAILBOX_MUTEX, ZOE_COND_FUTEX);
	pthread_t thread = lock_elsewhere();
	cr_assert(zi_mailbox_put(&view, zi_item(1, 0), &outcome) == -EBUSY);
	cr_assert(zi_grants_waiting(&grants) == 0);
	unlock(thread);
	cr_assert(zi_mailbox_put(&view, zi_item(1, 0), &outcome) == 0);
}

/* With the lock held by somebody who does not run, the reader is back by its deadline: the lock stays taken until then. */
Test(mailbox, take_while_the_lock_is_held)
{
	begin(ZOE_MAILBOX_MUTEX, ZOE_COND_FUTEX);
	pthread_t thread = lock_elsewhere();
	cr_assert(zi_mailbox_take(&view, &item, zoe_now_ns() + 50 * ZI_MS) == -EAGAIN);
	unlock(thread);
}

/* Whoever finds the lock of the dead repairs the mailbox and goes on: the writer, */
Test(mailbox, put_after_a_death_inside)
{
	begin(ZOE_MAILBOX_MUTEX, ZOE_COND_FUTEX);
	view.depth = 2;
	atomic_store(&records[1].seq, 4);
	zi_mailbox_put(&view, zi_item(4, 1), &outcome);
	pthread_join(in_a_thread(die_with_the_lock), NULL);
	memset(&box.mutex.queue, 0x5a, sizeof(box.mutex.queue));
	cr_assert(zi_mailbox_put(&view, zi_item(5, 2), &outcome) == 0);
	cr_assert(zi_mailbox_take(&view, &item, ZOE_POLL) == 0 && item == zi_item(4, 1));
	cr_assert(zi_mailbox_take(&view, &item, ZOE_POLL) == 0 && item == zi_item(5, 2));
}

/* and the reader. */
Test(mailbox, take_after_a_death_inside)
{
	begin(ZOE_MAILBOX_MUTEX, ZOE_COND_FUTEX);
	atomic_store(&records[1].seq, 4);
	zi_mailbox_put(&view, zi_item(4, 1), &outcome);
	pthread_join(in_a_thread(die_with_the_lock), NULL);
	memset(&box.mutex.queue, 0, sizeof(box.mutex.queue));
	cr_assert(zi_mailbox_take(&view, &item, ZOE_POLL) == 0 && item == zi_item(4, 1));
	pthread_join(in_a_thread(die_with_the_lock), NULL);
	cr_assert(zi_mailbox_take(&view, &item, zoe_now_ns() + 10 * ZI_MS) == -EAGAIN);
}

static void *ring_later(void *unused)
{
	await_sleeper();
	zi_mailbox_ring(&view);
	return unused;
}

ParameterizedTestParameters(mailbox, ring)
{
	return cr_make_param_array(struct kind, kinds, 3);
}

/* A ring wakes the sleeper long before its deadline, though there is no item. */
ParameterizedTest(struct kind *kind, mailbox, ring)
{
	begin(kind->mailbox, kind->cond);
	pthread_t thread = in_a_thread(ring_later);
	int64_t before = zoe_now_ns();
	cr_assert(zi_mailbox_take(&view, &item, before + 20 * ZI_S) == -EAGAIN);
	cr_assert(zoe_now_ns() - before < 10 * ZI_S);
	pthread_join(thread, NULL);
}

/* There are two bodies; any other kind is refused, not guessed. */
Test(mailbox, kinds)
{
	cr_assert(zi_mailbox_body(ZOE_MAILBOX_MUTEX) && zi_mailbox_body(ZOE_MAILBOX_ATOMIC));
	cr_assert(!zi_mailbox_body(2) && !zi_mailbox_body(UINT32_MAX));
}

ParameterizedTestParameters(mailbox, displaced_item_is_no_longer_granted)
{
	return cr_make_param_array(struct kind, kinds, 3);
}

/* The newest item replaces the oldest that was not taken, in whatever body. */
ParameterizedTest(struct kind *kind, mailbox, displaced_item_is_no_longer_granted)
{
	begin(kind->mailbox, kind->cond);
	view.depth = 2;
	for (uint32_t i = 1; i <= 4; i++)
		cr_assert(zi_mailbox_put(&view, zi_item(i, i), &outcome) == 0 && outcome.displaced == (i > 2));
	cr_assert(!zi_grants_has(&grants, 1) && !zi_grants_has(&grants, 2) && zi_grants_waiting(&grants) == 2);
	cr_assert(zi_mailbox_take(&view, &item, ZOE_POLL) == 0 && item == zi_item(3, 3));
	cr_assert(zi_mailbox_put(&view, zi_item(3, 3), &outcome) == 0 && outcome.displaced == 0);
	cr_assert(zi_mailbox_take(&view, &item, ZOE_POLL) == 0 && item == zi_item(4, 4));
	cr_assert(zi_mailbox_take(&view, &item, ZOE_POLL) == -EAGAIN);
	cr_assert(zi_grants_has(&grants, 3) && zi_grants_waiting(&grants) == 0);
}

/* Where glibc keeps a mutex's kind on 64-bit machines. */
static int *kind_of_mutex(void)
{
	return (int *)((char *)&box.mutex.mutex + 16);
}

/*
 * A stray write into the mutex's kind ends nobody, neither by an assertion of the libc's nor otherwise,
 * and is a seat that is lost, no reason to look again and again: with each kind that a byte can make.
 */
Test(mailbox, lock_of_another_kind)
{
	begin(ZOE_MAILBOX_MUTEX, ZOE_COND_FUTEX);
	int ours = *kind_of_mutex();
	for (int i = 0; i < 1024; i++) {
		*kind_of_mutex() = ours ^ i;
		cr_assert(zi_mailbox_put(&view, zi_item(1, 1), &outcome) == (i ? -EBUSY : 0), "%d", i);
		cr_assert(zi_mailbox_take(&view, &item, ZOE_POLL) == (i ? -ESTALE : 0), "%d", i);
		cr_assert(zi_mailbox_take(&view, &item, zoe_deadline_in_ms(0)) == (i ? -ESTALE : -EAGAIN), "%d", i);
	}
}

/* Nor does it look again and again at one that nobody made consistent when its owner had died. */
Test(mailbox, lock_that_cannot_be_recovered)
{
	begin(ZOE_MAILBOX_MUTEX, ZOE_COND_FUTEX);
	pthread_join(in_a_thread(die_with_the_lock), NULL);
	cr_assert(pthread_mutex_lock(&box.mutex.mutex) == EOWNERDEAD);
	pthread_mutex_unlock(&box.mutex.mutex);
	cr_assert(zi_mailbox_take(&view, &item, zoe_deadline_in_ms(20000)) == -ESTALE);
}

static void *change_the_kind(void *unused)
{
	await_sleeper();
	while (pthread_mutex_trylock(&box.mutex.mutex))
		usleep(1000);
	pthread_mutex_unlock(&box.mutex.mutex);
	*kind_of_mutex() ^= 32;
	zi_mailbox_ring(&view);
	return unused;
}

/* The same for a reader that was asleep meanwhile. */
Test(mailbox, lock_of_another_kind_after_a_sleep)
{
	begin(ZOE_MAILBOX_MUTEX, ZOE_COND_FUTEX);
	pthread_t thread = in_a_thread(change_the_kind);
	cr_assert(zi_mailbox_take(&view, &item, zoe_deadline_in_ms(20000)) == -ESTALE);
	pthread_join(thread, NULL);
}

/* A reader whose mailbox was written over takes another seat, and has frames again. */
Test(mailbox, reader_of_another_kind)
{
	char name[ZOE_NAME_BYTES];
	const struct zoe_writer_options options = { .slot_bytes = 4096 };
	struct zoe_writer *writer;
	struct zoe_reader *reader;
	const struct zoe_frame *frame;

	own_pool_name(name, "unit-mailbox");
	cr_assert(zoe_writer_create(&writer, name, &options) == 0 && publish_gray(writer, 64, 64, 0) == 0);
	cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == 0, "%s", zoe_error());
	*(int *)((char *)&reader->attachment->box.shared->mutex.mutex + 16) ^= 32;
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(10000)) == -ESTALE);
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(10000)) == 0, "%s", zoe_error());
	zoe_reader_release(reader, frame);
	/* One that is over before it has another is told that. */
	*(int *)((char *)&reader->attachment->box.shared->mutex.mutex + 16) ^= 32;
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(10000)) == -ESTALE);
	cr_assert(zoe_writer_end(writer, ZOE_POLL) == 0);
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(10000)) == -ENODATA, "%s", zoe_error());
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&writer);
}

static _Atomic uint32_t owed, doorbell;

static void *look_at_the_bell(void *unused)
{
	while (atomic_load(&doorbell) == 0)
		usleep(1000);
	zi_mailbox_ring(&view);
	return unused;
}

/* Who goes to sleep while the writer owes it a frame says so first: the writer found the lock taken. */
Test(mailbox, sleep_while_a_frame_is_owed)
{
	begin(ZOE_MAILBOX_MUTEX, ZOE_COND_FUTEX);
	view.owed = &owed;
	view.doorbell = &doorbell;
	atomic_store(&owed, 1);
	pthread_t thread = in_a_thread(look_at_the_bell);
	int64_t before = zoe_now_ns();
	cr_assert(zi_mailbox_take(&view, &item, before + 20 * ZI_S) == -EAGAIN);
	cr_assert(atomic_load(&doorbell) >= 1 && zoe_now_ns() - before < 10 * ZI_S);
	pthread_join(thread, NULL);
}
