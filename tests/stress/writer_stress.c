/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A writer used from many threads at once, as a decoder with frame threads does: one
 * publishes, others begin, abandon, let go and ask for stats, while readers come and go
 * in others still and new epochs take the name.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "support/frame.h"
#include "support/name.h"

#define EPOCHS 6
#define FRAMES 300
#define KEPT 4
#define SIDE 64

static char name[ZOE_NAME_BYTES];
static atomic_bool over;
static _Atomic(struct zoe_writer *) present;
static atomic_ulong torn, looked, failed;

static void complain(const char *what, int error)
{
	fprintf(stderr, "%s: %s: %s\n", what, strerror(-error), zoe_error());
	atomic_fetch_add(&failed, 1);
}

/* Readers come, look at some frames, hold two, and go. */
static void *read_frames(void *unused)
{
	while (!atomic_load(&over)) {
		struct zoe_reader *reader;
		const struct zoe_frame *frame, *before = NULL;
		int error = zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(10000));
		if (error) {
			if (error != -ENOENT)
				complain("attach", error);
			continue;
		}
		for (int i = 0; i < 50; i++) {
			if (zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(20)))
				continue;
			for (int j = 0; j < SIDE * SIDE; j += 64)
				if (frame->data[0][j] != (uint8_t)frame->seq)
					atomic_fetch_add(&torn, 1);
			atomic_fetch_add(&looked, 1);
			zoe_reader_release(reader, before);
			before = frame;
		}
		zoe_reader_detach(&reader);
	}
	return unused;
}

/* Another thread of the writer's: begins slots and abandons them, and looks at the counters. */
static void *meddle(void *argument)
{
	struct zoe_writer *writer = argument;
	while (atomic_load(&present) == writer) {
		struct zoe_slot slot;
		struct zoe_writer_stats stats;
		if (zoe_writer_begin(writer, &slot) == 0) {
			memset(slot.data, 0, slot.size_bytes);
			zoe_writer_let_go(writer, slot.index);
		}
		zoe_writer_get_stats(writer, &stats);
		zoe_writer_source_lost(writer, stats.published % 2);
		usleep(200);
	}
	return NULL;
}

static void publish(struct zoe_writer *writer, uint64_t seq, uint32_t *kept)
{
	const struct zoe_frame_info info = gray_frame(SIDE, SIDE);
	struct zoe_slot slot;
	int error = zoe_writer_begin(writer, &slot);
	if (error) {
		complain("begin", error);
		return;
	}
	memset(slot.data, (int)seq, slot.size_bytes);
	error = zoe_writer_publish(writer, slot.index, &info, ZOE_PUBLISH_KEEP, ZOE_POLL);
	if (error)
		complain("publish", error);
	/* Reference frames: the last few are kept, and let go of in turn. */
	if (seq > KEPT)
		zoe_writer_let_go(writer, kept[seq % KEPT]);
	kept[seq % KEPT] = slot.index;
}

static struct zoe_writer *run_epoch(struct zoe_writer *predecessor, enum zoe_mailbox mailbox)
{
	struct zoe_writer_options options = {
		.slot_bytes = SIDE * SIDE,
		.predecessor = predecessor,
		.mailbox = mailbox,
	};
	struct zoe_writer *writer;
	uint32_t kept[KEPT];
	pthread_t threads[2];
	int error = zoe_writer_create(&writer, name, &options);
	if (error) {
		complain("create", error);
		exit(1);
	}
	atomic_store(&present, writer);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, meddle, writer);
	for (uint64_t seq = 1; seq <= FRAMES; seq++) {
		publish(writer, seq, kept);
		if (seq == 1)
			zoe_writer_destroy(&predecessor);
		usleep(300);
	}
	atomic_store(&present, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < KEPT; i++)
		zoe_writer_let_go(writer, kept[i]);
	return writer;
}

int main(void)
{
	pthread_t readers[3];
	struct zoe_writer *writer = NULL;
	own_pool_name(name, "stress");
	for (int i = 0; i < 3; i++)
		pthread_create(&readers[i], NULL, read_frames, NULL);
	for (int i = 0; i < EPOCHS; i++)
		writer = run_epoch(writer, i % 2 ? ZOE_MAILBOX_ATOMIC : ZOE_MAILBOX_MUTEX);
	atomic_store(&over, true);
	for (int i = 0; i < 3; i++)
		pthread_join(readers[i], NULL);
	zoe_writer_destroy(&writer);
	printf("looked=%lu torn=%lu failed=%lu\n", looked, torn, failed);
	return torn || failed || looked == 0;
}
