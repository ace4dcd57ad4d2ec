/* SPDX-License-Identifier: BSD-2-Clause */
/* Wake-ups that others take away or make: nobody sleeps through frames for long, and nobody is kept busy. */
#include <criterion/criterion.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/reader/state.h"
#include "pool/state/wakes.h"
#include "pool/system/clock.h"
#include "pool/writer/state.h"
#include "support/frame.h"
#include "support/name.h"

static char name[ZOE_NAME_BYTES];
static struct zoe_writer *writer;
static struct zoe_reader *reader;
static atomic_bool stop;

static void begin(void)
{
	struct zoe_writer_options options = { .slot_bytes = 4096, .mailbox = ZOE_MAILBOX_ATOMIC };
	own_pool_name(name, "wakes");
	cr_assert(zoe_writer_create(&writer, name, &options) == 0, "%s", zoe_error());
	cr_assert(publish_gray(writer, 64, 64, 0) == 0);
	cr_assert(zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(10000)) == 0, "%s", zoe_error());
}

static void end(void)
{
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&writer);
}

TestSuite(wakes, .init = begin, .fini = end, .timeout = 60);

/* A sleep is as long as it is until something was found late at the end of one; then short, for some time. */
Test(wakes, bound_and_note)
{
	struct zi_wakes wakes = { 0 };
	cr_assert(zi_wakes_bound(&wakes, ZI_S, 2 * ZI_S) == 2 * ZI_S);
	zi_wakes_note(&wakes, ZI_S, 2 * ZI_S, ZI_MS);
	cr_assert(wakes.short_until_ns == 0, "woken before the end, however late");
	zi_wakes_note(&wakes, 2 * ZI_S, 2 * ZI_S, 2 * ZI_S - ZI_MS);
	cr_assert(wakes.short_until_ns == 0, "it came just now");
	zi_wakes_note(&wakes, 2 * ZI_S, 2 * ZI_S, INT64_MIN);
	cr_assert(wakes.short_until_ns == 0, "no time at all");
	zi_wakes_note(&wakes, 2 * ZI_S, 2 * ZI_S, 2 * ZI_S - 5 * ZI_MS);
	cr_assert(wakes.short_until_ns > 2 * ZI_S);
	cr_assert(zi_wakes_bound(&wakes, 2 * ZI_S, ZOE_FOREVER) == 2 * ZI_S + ZI_MS);
	cr_assert(zi_wakes_bound(&wakes, 2 * ZI_S, 2 * ZI_S + 5) == 2 * ZI_S + 5);
	cr_assert(zi_wakes_bound(&wakes, wakes.short_until_ns, ZOE_FOREVER) == ZOE_FOREVER);
}

static void *publish(void *unused)
{
	while (!atomic_load(&stop)) {
		publish_gray(writer, 64, 64, 0);
		usleep(20000);
	}
	return unused;
}

/* Whoever sleeps on this word sleeps on another instead. */
static void *move_sleepers(void *word)
{
	static _Atomic uint32_t other;
	while (!atomic_load(&stop))
		syscall(SYS_futex, word, FUTEX_REQUEUE, 0, (void *)(long)INT_MAX, &other, 0);
	return NULL;
}

static void robbed(void *word, int (*look)(void), const struct zi_wakes *wakes)
{
	pthread_t publisher, thief;
	cr_assert(pthread_create(&publisher, NULL, publish, NULL) == 0);
	cr_assert(pthread_create(&thief, NULL, move_sleepers, word) == 0);
	while (wakes->short_until_ns == 0)
		cr_assert(look() == 0, "%s", zoe_error());
	atomic_store(&stop, true);
	pthread_join(publisher, NULL);
	pthread_join(thief, NULL);
}

static int acquire(void)
{
	const struct zoe_frame *frame;
	int error = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(10000));
	zoe_reader_release(reader, frame);
	return error;
}

/* A reader whose sleeps are moved away notices, and sleeps no longer than for a moment. */
Test(wakes, reader_that_is_robbed)
{
	robbed(&reader->attachment->box.shared->atomic.word, acquire, &reader->wakes);
}

static void *wake_in_vain(void *word)
{
	while (!atomic_load(&stop))
		zi_futex_wake(word);
	return NULL;
}

/* Who is woken in a loop without a reason looks again some thousand times a second, not as fast as it can. */
Test(wakes, woken_in_vain)
{
	static _Atomic uint32_t word;
	pthread_t waker;
	unsigned n = 0;
	int64_t until = zoe_deadline_in_ms(200);
	cr_assert(pthread_create(&waker, NULL, wake_in_vain, (void *)&word) == 0);
	for (; zoe_now_ns() < until; n++)
		zi_futex_wait(&word, 0, until);
	atomic_store(&stop, true);
	pthread_join(waker, NULL);
	cr_assert(n <= 1001, "%u times", n);
}

/* A burst is let through, and beyond it one in a millisecond. */
Test(wakes, throttle)
{
	struct zi_throttle throttle = { 0 };
	int64_t begin = zoe_now_ns();
	for (int i = 0; i < 116; i++)
		zi_throttle(&throttle, ZOE_FOREVER);
	cr_assert(zoe_now_ns() - begin >= 90 * ZI_MS);
	begin = zoe_now_ns();
	zi_throttle(&throttle, begin);
	cr_assert(zoe_now_ns() - begin < 30 * ZI_S, "the deadline comes first");
}

static void *ring(void *unused)
{
	while (!atomic_load(&stop))
		zi_futex_ring(&writer->doorbells->doorbell);
	return unused;
}

/* A member that rings in a loop gets a fraction of a processor for it. */
Test(wakes, doorbell_in_a_loop)
{
	pthread_t member;
	clockid_t clock;
	struct timespec before, after;
	cr_assert(pthread_getcpuclockid(writer->thread, &clock) == 0 && clock_gettime(clock, &before) == 0);
	cr_assert(pthread_create(&member, NULL, ring, NULL) == 0);
	usleep(500000);
	cr_assert(clock_gettime(clock, &after) == 0);
	atomic_store(&stop, true);
	pthread_join(member, NULL);
	int64_t used_ns = (after.tv_sec - before.tv_sec) * ZI_S + after.tv_nsec - before.tv_nsec;
	cr_assert(used_ns < 150 * ZI_MS, "%lld ms of 500", (long long)(used_ns / ZI_MS));
}
