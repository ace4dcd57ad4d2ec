/* SPDX-License-Identifier: BSD-2-Clause */
/* When a picture waits for a slot, and when it is dropped. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "epoch_list.h"
#include "placer.h"
#include "report.h"
#include "settings.h"

#define SLOTS 6

static struct settings settings;
static struct report report;
static struct epoch_list epochs;
static struct placer placer;
static struct zoe_reader *reader;
static AVFrame *frames[SLOTS + 1];

/* A lossless pool with its name, and each of its slots taken for a picture that is being drawn. */
static void create(void)
{
	static char name[32];

	snprintf(name, sizeof(name), "test-placer-%d", (int)getpid());
	settings = (struct settings){ .name = name, .max_slots = SLOTS, .lossless = true };
	settings.pix_fmt = AV_PIX_FMT_NONE;
	report_init(&report, &settings);
	epoch_list_init(&epochs, &settings);
	cr_assert(placer_init(&placer, &settings, &report, &epochs) == 0);
	for (int i = 0; i <= SLOTS; i++) {
		frames[i] = av_frame_alloc();
		cr_assert(frames[i]);
		frames[i]->format = AV_PIX_FMT_GRAY8;
		frames[i]->width = frames[i]->height = 64;
	}
	for (int i = 0; i < SLOTS; i++)
		cr_assert(placer_get_frame(&placer, frames[i]) == PICTURE_OK);
	cr_assert(zoe_writer_announce(epochs.first->writer) == 0, "%s", zoe_error());
	epochs.first->announced = true;
}

static void destroy(void)
{
	zoe_reader_detach(&reader);
	for (int i = 0; i <= SLOTS; i++)
		av_frame_free(&frames[i]);
	placer_finish(&placer);
	epoch_list_finish(&epochs);
	cr_assert(epoch_count() == 0);
}

TestSuite(placer, .init = create, .fini = destroy, .timeout = 30);

static void attach(enum zoe_policy policy)
{
	const struct zoe_reader_options options = { .policy = policy };
	cr_assert(zoe_reader_attach(&reader, settings.name, &options, zoe_deadline_in_ms(10000)) == 0, "%s",
		zoe_error());
}

/* The library's function, in whose place this stands (--wrap): shared memory may be full. */
int __real_zoe_writer_begin(struct zoe_writer *writer, struct zoe_slot *slot);
int __wrap_zoe_writer_begin(struct zoe_writer *writer, struct zoe_slot *slot);
static bool is_full;

int __wrap_zoe_writer_begin(struct zoe_writer *writer, struct zoe_slot *slot)
{
	return is_full ? -ENOSPC : __real_zoe_writer_begin(writer, slot);
}

/* A picture that is dropped says for want of what. */
Test(placer, drop_and_count)
{
	struct picture picture = { .frame = frames[SLOTS] };
	struct placed placed;

	cr_assert(av_frame_get_buffer(picture.frame, 0) == 0);
	cr_assert(placer_place(&placer, &picture, &placed) == PICTURE_DROPPED);
	cr_assert(report.counters.dropped == 1 && report.counters.dropped_shm_full == 0);
	is_full = true;
	cr_assert(placer_place(&placer, &picture, &placed) == PICTURE_DROPPED);
	cr_assert(report.counters.dropped == 2 && report.counters.dropped_shm_full == 1);
}

static void *give_back(void *unused)
{
	usleep(20000);
	av_frame_unref(frames[0]);
	return unused;
}

/* A lossless pool in which nobody is lossless drops a picture rather than wait for those who may miss it. */
Test(placer, no_slot_and_nobody_lossless)
{
	cr_assert(placer_get_frame(&placer, frames[SLOTS]) == PICTURE_DROPPED);
	attach(ZOE_LATEST);
	cr_assert(placer_get_frame(&placer, frames[SLOTS]) == PICTURE_DROPPED);
}

/* For one who may not it waits. */
Test(placer, no_slot_and_a_lossless_reader)
{
	pthread_t thread;

	attach(ZOE_LOSSLESS);
	pthread_create(&thread, NULL, give_back, NULL);
	cr_assert(placer_get_frame(&placer, frames[SLOTS]) == PICTURE_OK);
	pthread_join(thread, NULL);
}
