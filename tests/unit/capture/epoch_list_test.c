/* SPDX-License-Identifier: BSD-2-Clause */
/* Epochs under one name: which is first and last while they come and go. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "epoch_list.h"

static struct settings settings;
static struct epoch_list list;

static void init(void)
{
	static char name[32];

	snprintf(name, sizeof(name), "test-list-%d", (int)getpid());
	settings = (struct settings){ .name = name, .max_slots = 4 };
	epoch_list_init(&list, &settings);
}

static void finish(void)
{
	epoch_list_finish(&list);
	cr_assert(epoch_count() == 0);
}

TestSuite(epoch_list, .init = init, .fini = finish, .timeout = 60);

static AVFrame *shape(int width)
{
	AVFrame *frame = av_frame_alloc();

	cr_assert(frame);
	frame->format = AV_PIX_FMT_GRAY8;
	frame->width = width;
	frame->height = 16;
	return frame;
}

static struct epoch *prepare(int width)
{
	AVFrame *frame = shape(width);
	struct epoch *epoch;
	struct layout layout;

	cr_assert(layout_init(&layout, NULL, frame) == 0);
	cr_assert(epoch_list_prepare(&list, &layout, 1, &epoch) == 0, "%s", zoe_error());
	av_frame_free(&frame);
	return epoch;
}

static struct epoch *prepare_named(int width)
{
	struct epoch *epoch = prepare(width);

	cr_assert(zoe_writer_announce(epoch->writer) == 0, "%s", zoe_error());
	epoch->announced = true;
	return epoch;
}

/* Prepared epochs go, the one with the name stays, and what is prepared next follows it. */
Test(epoch_list, drop_prepared)
{
	struct epoch *named = prepare_named(16);

	prepare(32);
	prepare(48);
	epoch_list_drop_prepared(&list);
	cr_assert(list.first == named && list.last == named && !named->next && !list.retired);
	cr_assert(epoch_count() == 1);
	struct epoch *next = prepare(64);
	cr_assert(named->next == next && list.last == next);
}

/* Before any has the name all go, and the list is empty. */
Test(epoch_list, drop_prepared_before_the_first)
{
	prepare(16);
	prepare(32);
	epoch_list_drop_prepared(&list);
	cr_assert(!list.first && !list.last && epoch_count() == 0);
	struct epoch *epoch = prepare(64);
	cr_assert(list.first == epoch && list.last == epoch);
}

/* An epoch that is taken out stays aside while a decoder has a buffer of it, and no longer. */
Test(epoch_list, advance_and_sweep)
{
	struct epoch *before = prepare_named(16), *after = prepare(32);
	AVFrame *frame = shape(16);

	cr_assert(epoch_get(before, frame) == 0);
	epoch_list_advance(&list, after);
	cr_assert(list.first == after && list.last == after);
	cr_assert(epoch_count() == 2, "its buffer refers to it");
	av_frame_free(&frame);
	epoch_list_sweep(&list);
	cr_assert(epoch_count() == 1 && !list.retired);
}

/* One that nobody has anything of is gone at once. */
Test(epoch_list, advance_when_nobody_has_any)
{
	prepare_named(16);
	struct epoch *after = prepare(32);

	epoch_list_advance(&list, after);
	cr_assert(list.first == after && !list.retired && epoch_count() == 1);
}

/* Frames are found by where they lie, shapes by what they are, each in its epoch. */
Test(epoch_list, find)
{
	struct epoch *one = prepare(16), *two = prepare(32);
	AVFrame *frame = shape(32);
	struct slot_buffer *buffer;

	cr_assert(epoch_list_find_alike(&list, frame) == two);
	cr_assert(epoch_get(two, frame) == 0);
	cr_assert(epoch_list_find(&list, frame, &buffer) == two && buffer->epoch == two);
	av_frame_free(&frame);
	frame = shape(16);
	cr_assert(epoch_list_find_alike(&list, frame) == one);
	cr_assert(!epoch_list_find(&list, frame, &buffer));
	frame->width = 17;
	cr_assert(!epoch_list_find_alike(&list, frame));
	av_frame_free(&frame);
}
