/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Epochs that follow each other as fast as they can, some without a frame, in a lossless pool: every
 * function of a writer that may be called from any thread is, while another publishes its first frame
 * and destroys those before it. Readers follow, with descriptors and without, others come and go, and
 * observers, readers of results and those who list pools look on. A lossless reader misses nothing.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zoetrope/zoetrope.h>

#include "support/frame.h"
#include "support/name.h"

#define EPOCHS 121 /* the last one has frames */
#define MEDDLERS 2
#define SIDE 64
#define PATIENCE_MS 30000

static char name[ZOE_NAME_BYTES];
static _Atomic(struct zoe_writer *) present;
static atomic_bool over;
static atomic_ulong published, received, skipped, failed;

static void expect(const char *what, bool as_it_should)
{
	if (as_it_should)
		return;
	fprintf(stderr, "%s: %s\n", what, zoe_error());
	atomic_fetch_add(&failed, 1);
}

/* Whatever another thread of the writer's process may call at any time. */
static void *meddle(void *argument)
{
	struct zoe_writer *writer = argument;
	while (atomic_load(&present) == writer) {
		struct zoe_slot slot;
		struct zoe_writer_stats stats;
		struct zoe_wait wait;
		zoe_writer_wait_readers(writer, ZOE_MAX_SEATS, zoe_now_ns() + 100000);
		if (zoe_writer_begin(writer, &slot) == 0) {
			expect("withdraw what was not published", zoe_writer_withdraw(writer, slot.index) == -EINVAL);
			zoe_writer_let_go(writer, slot.index);
		}
		zoe_writer_get_stats(writer, &stats);
		zoe_writer_get_wait(writer, &wait);
		zoe_writer_source_lost(writer, stats.published % 2);
	}
	return NULL;
}

/* A reader that is there from the first epoch to the last. */
static void *follow(void *options)
{
	struct zoe_reader *reader;
	const struct zoe_frame *frame;
	struct zoe_status status;
	int error = zoe_reader_attach(&reader, name, options, zoe_deadline_in_ms(PATIENCE_MS));
	bool lossless = ((const struct zoe_reader_options *)options)->policy == ZOE_LOSSLESS;

	expect("attach", error == 0);
	if (!error && !lossless)
		expect("descriptor", zoe_reader_get_fd(reader) >= 0);
	while (!error || error == -EAGAIN) {
		error = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(lossless ? PATIENCE_MS : 10));
		zoe_reader_get_status(reader, &status);
		if (error)
			continue;
		if (lossless) {
			atomic_fetch_add(&received, 1);
			atomic_fetch_add(&skipped, frame->skipped);
		}
		zoe_reader_post(reader, frame, NULL, 0, "{}");
		zoe_reader_release(reader, frame);
	}
	expect("end", error == -ENODATA);
	zoe_reader_detach(&reader);
	return NULL;
}

/* Others come and go. */
static void *visit(void *unused)
{
	while (!atomic_load(&over)) {
		struct zoe_reader *reader;
		const struct zoe_frame *frame;
		if (zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(10)))
			continue;
		zoe_reader_get_fd(reader);
		if (zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(5)) == 0)
			zoe_reader_release(reader, frame);
		zoe_reader_detach(&reader);
	}
	return unused;
}

static void *look_on(void *unused)
{
	while (!atomic_load(&over)) {
		struct zoe_observer *observer;
		struct zoe_results *results;
		const struct zoe_frame *frame;
		const struct zoe_result *result;
		struct zoe_list *list;
		const struct zoe_pool_info *info;
		if (zoe_observer_open(&observer, name, zoe_deadline_in_ms(10)) == 0) {
			for (int i = 0; i < 3; i++)
				if (zoe_observer_next(observer, &frame, zoe_deadline_in_ms(5)) == 0)
					zoe_observer_check(observer);
			zoe_observer_close(&observer);
		}
		if (zoe_results_open(&results, name, zoe_deadline_in_ms(10)) == 0) {
			zoe_results_next(results, &result, zoe_deadline_in_ms(5));
			zoe_results_close(&results);
		}
		if (zoe_list_open(&list) == 0)
			while (zoe_list_next(list, &info) == 0)
				continue;
		zoe_list_close(&list);
	}
	return unused;
}

/* Publish a frame, and keep its slot if the flags say so. 0 or the error of zoe_writer_publish(). */
static int try_publish(struct zoe_writer *writer, unsigned flags, uint32_t *kept)
{
	const struct zoe_frame_info info = gray_frame(SIDE, SIDE);
	struct zoe_slot slot;
	int error;
	while ((error = zoe_writer_begin(writer, &slot)) == -EAGAIN)
		continue;
	expect("begin", error == 0);
	if (error)
		exit(1);
	memset(slot.data, 0, slot.size_bytes);
	*kept = slot.index;
	error = zoe_writer_publish(writer, slot.index, &info, flags, zoe_deadline_in_ms(PATIENCE_MS));
	if (error)
		zoe_writer_let_go(writer, slot.index);
	else
		atomic_fetch_add(&published, 1);
	return error;
}

static uint32_t publish(struct zoe_writer *writer, unsigned flags)
{
	uint32_t kept;
	expect("publish", try_publish(writer, flags, &kept) == 0);
	return kept;
}

/* Publish to an epoch until its successor has the name. */
static void *publish_on(void *writer)
{
	uint32_t kept;
	int error;
	while ((error = try_publish(writer, 0, &kept)) == 0)
		continue;
	expect("publish until the name passes on", error == -EBUSY);
	return NULL;
}

/* An epoch that is to be destroyed, and the slot of it that a decoder still has. */
struct old {
	struct zoe_writer *writer;
	uint32_t kept;
	bool has_kept;
};

static void *let_go(void *old)
{
	const struct old *has = old;
	zoe_writer_let_go(has->writer, has->kept);
	return NULL;
}

/* Destroy it while another thread lets go of what it kept. */
static void destroy(struct old *old)
{
	struct zoe_writer *writer = old->writer;
	pthread_t thread;
	if (old->has_kept)
		pthread_create(&thread, NULL, let_go, old);
	zoe_writer_destroy(&writer);
	if (old->has_kept)
		pthread_join(thread, NULL);
}

static struct zoe_writer *create(struct zoe_writer *predecessor, int i)
{
	const struct zoe_writer_options options = {
		.slot_bytes = SIDE * SIDE,
		.lossless = true,
		.mailbox = i % 3 ? ZOE_MAILBOX_MUTEX : ZOE_MAILBOX_ATOMIC,
		.predecessor = predecessor,
	};
	struct zoe_writer *writer = NULL;
	expect("create", zoe_writer_create(&writer, name, &options) == 0);
	if (!writer)
		exit(1);
	return writer;
}

/* All epochs after the first; those that wait to be destroyed are in `old`. Returns the last one. */
static struct zoe_writer *run_epochs(struct zoe_writer *writer)
{
	struct old old[EPOCHS] = { 0 };
	int n_old = 0;

	for (int i = 1; i < EPOCHS; i++) {
		pthread_t meddlers[MEDDLERS], before;
		old[n_old].writer = writer;
		pthread_create(&before, NULL, publish_on, writer);
		writer = create(writer, i);
		atomic_store(&present, writer);
		for (int j = 0; j < MEDDLERS; j++)
			pthread_create(&meddlers[j], NULL, meddle, writer);
		/* Every fourth has no frame: those before it must stay until the next one's first is out. */
		if (i % 4 == 3) {
			expect("announce", zoe_writer_announce(writer) == 0);
			pthread_join(before, NULL);
			old[++n_old].has_kept = false;
		} else {
			publish(writer, 0);
			pthread_join(before, NULL);
			for (; n_old >= 0; n_old--)
				destroy(&old[n_old]);
			n_old = 0;
			old[0].kept = publish(writer, ZOE_PUBLISH_KEEP);
			old[0].has_kept = true;
		}
		atomic_store(&present, NULL);
		for (int j = 0; j < MEDDLERS; j++)
			pthread_join(meddlers[j], NULL);
	}
	zoe_writer_let_go(writer, old[0].kept);
	return writer;
}

int main(void)
{
	struct zoe_reader_options lossless = { .policy = ZOE_LOSSLESS }, latest = { .hold = 1 };
	pthread_t followers[2], others[2];
	struct zoe_writer *writer;

	own_pool_name(name, "stress-epochs");
	writer = create(NULL, 0);
	expect("announce", zoe_writer_announce(writer) == 0);
	pthread_create(&followers[0], NULL, follow, &lossless);
	pthread_create(&followers[1], NULL, follow, &latest);
	expect("readers", zoe_writer_wait_readers(writer, 2, zoe_deadline_in_ms(PATIENCE_MS)) == 0);
	pthread_create(&others[0], NULL, visit, NULL);
	pthread_create(&others[1], NULL, look_on, NULL);
	publish(writer, 0);
	writer = run_epochs(writer);
	publish(writer, 0);
	expect("the end", zoe_writer_end(writer, zoe_deadline_in_ms(PATIENCE_MS)) == 0);
	for (int i = 0; i < 2; i++)
		pthread_join(followers[i], NULL);
	atomic_store(&over, true);
	for (int i = 0; i < 2; i++)
		pthread_join(others[i], NULL);
	zoe_writer_destroy(&writer);
	printf("published=%lu received=%lu skipped=%lu failed=%lu\n", published, received, skipped, failed);
	return failed || skipped || received != published || published == 0;
}
