/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that are cancelled inside of the library: nothing stays locked, open or half done. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "support/frame.h"
#include "support/name.h"

#define ROUNDS 60

static char name[ZOE_NAME_BYTES];
static struct zoe_writer *writer;
static struct zoe_reader *reader;

static void begin(void)
{
	const struct zoe_writer_options options = { .slot_bytes = 4096, .lossless = true };
	own_pool_name(name, "unit-cancel");
	cr_assert(zoe_writer_create(&writer, name, &options) == 0 && zoe_writer_announce(writer) == 0, "%s",
		zoe_error());
}

static void end(void)
{
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&writer);
}

/* What would hang does so for ever. */
TestSuite(cancel, .init = begin, .fini = end, .timeout = 60);

static unsigned count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned n = 0;
	while (readdir(directory))
		n++;
	closedir(directory);
	return n;
}

static void fork_a_child(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	cr_assert(waitpid(child, NULL, 0) == child);
}

static void cancel(void *(*work)(void *), void *argument, useconds_t after_us)
{
	pthread_t thread;
	void *result;
	cr_assert(pthread_create(&thread, NULL, work, argument) == 0);
	usleep(after_us);
	pthread_cancel(thread);
	cr_assert(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
}

static void *come_and_go(void *pool)
{
	for (;;) {
		struct zoe_reader *own;
		struct zoe_observer *observer;
		struct zoe_results *results;
		struct zoe_list *list;
		const struct zoe_pool_info *info;
		if (zoe_reader_attach(&own, pool, NULL, zoe_deadline_in_ms(20)) == 0)
			zoe_reader_detach(&own);
		if (zoe_observer_open(&observer, pool, zoe_deadline_in_ms(20)) == 0)
			zoe_observer_close(&observer);
		if (zoe_results_open(&results, pool, zoe_deadline_in_ms(20)) == 0)
			zoe_results_close(&results);
		if (zoe_list_open(&list) == 0) {
			zoe_list_next(list, &info);
			zoe_list_close(&list);
		}
	}
	return NULL;
}

/* Wherever it is cancelled, the process can fork, and nothing is open that was not before. */
static void cancel_anywhere(const char *pool)
{
	fork_a_child();
	unsigned before = count_descriptors();
	for (int i = 0; i < ROUNDS; i++) {
		cancel(come_and_go, (void *)(uintptr_t)pool, 200 + (useconds_t)rand() % 3000);
		fork_a_child();
	}
	cr_assert(count_descriptors() == before, "%u, %u", count_descriptors(), before);
}

Test(cancel, readers_of_a_pool)
{
	cancel_anywhere(name);
}

Test(cancel, readers_of_none)
{
	cancel_anywhere("unit-cancel-none");
}

static void *create_and_destroy(void *unused)
{
	const struct zoe_writer_options options = { .slot_bytes = 4096, .max_slots = 3, .max_seats = 1 };
	for (;;) {
		struct zoe_writer *own;
		struct zoe_cleaned cleaned;
		pthread_testcancel();
		if (zoe_writer_create(&own, "unit-cancel-own", &options) == 0)
			zoe_writer_announce(own);
		zoe_writer_destroy(&own);
		zoe_pool_clean("unit-cancel-own", &cleaned);
	}
	return unused;
}

/* A writer, too. */
Test(cancel, writers)
{
	fork_a_child();
	unsigned before = count_descriptors();
	for (int i = 0; i < ROUNDS; i++) {
		cancel(create_and_destroy, NULL, (useconds_t)rand() % 2000);
		fork_a_child();
	}
	cr_assert(count_descriptors() == before && count_pool_objects("unit-cancel-own") == 0);
}

static void *wait_for_a_frame(void *unused)
{
	const struct zoe_frame *frame;
	zoe_reader_acquire(reader, &frame, ZOE_FOREVER);
	return unused;
}

static void *wait_for_readers(void *unused)
{
	zoe_writer_wait_readers(writer, 5, ZOE_FOREVER);
	return unused;
}

static void *wait_for_room(void *slot)
{
	const struct zoe_frame_info info = gray_frame(64, 64);
	zoe_writer_publish(writer, ((struct zoe_slot *)slot)->index, &info, 0, ZOE_FOREVER);
	return NULL;
}

static void *wait_for_a_pool(void *observes)
{
	if (observes) {
		struct zoe_observer *observer;
		zoe_observer_open(&observer, "unit-cancel-none", ZOE_FOREVER);
	} else {
		struct zoe_reader *own;
		zoe_reader_attach(&own, "unit-cancel-none", NULL, ZOE_FOREVER);
	}
	return NULL;
}

/* A wait without an end ends by it; reader and writer work as before. */
Test(cancel, waits)
{
	const struct zoe_reader_options options = { .policy = ZOE_LOSSLESS };
	const struct zoe_frame *frame;
	struct zoe_slot slot;

	cr_assert(zoe_reader_attach(&reader, name, &options, ZOE_POLL) == 0, "%s", zoe_error());
	cancel(wait_for_a_pool, NULL, 30000);
	cancel(wait_for_a_pool, name, 30000);
	cancel(wait_for_a_frame, NULL, 30000);
	cancel(wait_for_readers, NULL, 30000);
	cr_assert(publish_gray(writer, 64, 64, 1) == 0);
	cr_assert(zoe_writer_begin(writer, &slot) == 0);
	cancel(wait_for_room, &slot, 30000);
	zoe_writer_let_go(writer, slot.index);
	cr_assert(zoe_reader_acquire(reader, &frame, ZOE_POLL) == 0 && *frame->data[0] == 1);
	zoe_reader_release(reader, frame);
	cr_assert(publish_gray(writer, 64, 64, 2) == 0 && zoe_reader_acquire(reader, &frame, ZOE_POLL) == 0);
	zoe_reader_release(reader, frame);
}
