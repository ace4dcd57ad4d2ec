/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order in which a frame comes out, as others can see it at any moment: what it is before its number,
 * its number before it is the latest, and that before anybody is granted it.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include <zoetrope/zoetrope.h>

#include "pool/state/grants.h"
#include "pool/view/view.h"
#include "support/frame.h"
#include "support/name.h"

/* It goes on until so many frames were granted, and so many caught in the middle; or there are too many. */
#define GRANTED 4000
#define CHANGING 4000
#define MOST_FRAMES 3000000
#define SLEEPERS 4

static char name[ZOE_NAME_BYTES];
static atomic_bool over;
static atomic_ulong changing, granted, early;

static void *sleep_for_frames(void *unused)
{
	struct zoe_reader *reader;
	const struct zoe_frame *frame;
	if (zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(10000)) == 0)
		while (!atomic_load(&over))
			if (zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(10)) == 0)
				zoe_reader_release(reader, frame);
	zoe_reader_detach(&reader);
	return unused;
}

/* Whoever has a frame finds it, or a newer one, to be the latest. */
static void *poll_for_frames(void *argument)
{
	const struct zi_view *view = argument;
	struct zoe_reader *reader;
	const struct zoe_frame *frame;
	if (zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(10000)) == 0)
		while (!atomic_load(&over)) {
			if (zoe_reader_acquire(reader, &frame, ZOE_POLL))
				continue;
			if (zi_item_seq(atomic_load(&view->reel->latest)) < frame->seq)
				atomic_fetch_add(&early, 1);
			atomic_fetch_add(&granted, 1);
			zoe_reader_release(reader, frame);
		}
	zoe_reader_detach(&reader);
	return NULL;
}

/* A record that has a number, the same before and after, is that frame's: its pts is made from the number. */
static void check_record(const struct zi_record *record)
{
	uint64_t seq = atomic_load(&record->seq);
	int64_t pts = *(const volatile int64_t *)&record->info.pts;
	int64_t published_ns = *(const volatile int64_t *)&record->info.published_ns;
	atomic_thread_fence(memory_order_acquire);
	if (!seq || atomic_load(&record->seq) != seq)
		atomic_fetch_add(&changing, 1);
	else if (pts != (int64_t)seq || published_ns == 0)
		atomic_fetch_add(&early, 1);
}

static void *watch_records(void *argument)
{
	const struct zi_view *view = argument;
	while (!atomic_load(&over))
		for (uint32_t i = 0; i < atomic_load(&view->reel->n_slots); i++)
			check_record(&view->records[i]);
	return NULL;
}

static int publish(struct zoe_writer *writer, int64_t pts)
{
	struct zoe_frame_info info = gray_frame(64, 64);
	struct zoe_slot slot;
	info.pts = pts;
	int error = zoe_writer_begin(writer, &slot);
	return error ? error : zoe_writer_publish(writer, slot.index, &info, 0, ZOE_POLL);
}

int main(void)
{
	const struct zoe_writer_options options = { .slot_bytes = 4096 };
	pthread_t threads[SLEEPERS + 2];
	struct zoe_writer *writer;
	const struct zi_owner anybody = { .any = true };
	struct zi_view view = { 0 };
	int failed = 0;

	own_pool_name(name, "stress-order");
	if (zoe_writer_create(&writer, name, &options) || zoe_writer_announce(writer) ||
		zi_view_open(&view, name, &anybody)) {
		fprintf(stderr, "%s\n", zoe_error());
		return 1;
	}
	for (int i = 0; i < SLEEPERS; i++)
		pthread_create(&threads[i], NULL, sleep_for_frames, NULL);
	pthread_create(&threads[SLEEPERS], NULL, poll_for_frames, &view);
	pthread_create(&threads[SLEEPERS + 1], NULL, watch_records, &view);
	failed |= zoe_writer_wait_readers(writer, SLEEPERS + 1, zoe_deadline_in_ms(10000));
	for (int64_t seq = 1; seq <= MOST_FRAMES && (changing < CHANGING || granted < GRANTED); seq++)
		failed |= publish(writer, seq);
	atomic_store(&over, true);
	for (int i = 0; i < SLEEPERS + 2; i++)
		pthread_join(threads[i], NULL);
	zi_view_close(&view);
	zoe_writer_destroy(&writer);
	printf("changing=%lu granted=%lu early=%lu failed=%d\n", changing, granted, early, failed);
	return early || failed || changing < CHANGING || granted < GRANTED;
}
