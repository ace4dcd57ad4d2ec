/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots as a decoder's buffers: who holds them, and when they can be used again. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "epoch.h"

#define SLOTS 4

static struct epoch *epoch;
static struct layout layout;

static void create(void)
{
	char name[32];
	AVFrame *frame = av_frame_alloc();

	cr_assert(frame);
	frame->format = AV_PIX_FMT_YUV420P;
	frame->width = 64;
	frame->height = 48;
	cr_assert(layout_init(&layout, NULL, frame) == 0);
	av_frame_free(&frame);
	snprintf(name, sizeof(name), "test-epoch-%d", (int)getpid());
	const struct zoe_writer_options options = { .slot_bytes = layout.total_bytes, .max_slots = SLOTS };
	cr_assert(epoch_create(&epoch, name, &options, &layout) == 0, "%s", zoe_error());
}

/* All that the tests made must be gone by their end. */
static void destroy(void)
{
	epoch_drop(&epoch);
	cr_assert(epoch_count() == 0);
}

TestSuite(epoch, .init = create, .fini = destroy, .timeout = 60);

/*
 * The library's functions, in whose place these stand (--wrap): memory may be full, and a slot is let go before
 * it stops to count, since what does not count is begun anew.
 */
int __real_zoe_writer_begin(struct zoe_writer *writer, struct zoe_slot *slot);
int __wrap_zoe_writer_begin(struct zoe_writer *writer, struct zoe_slot *slot);
int __real_zoe_writer_let_go(struct zoe_writer *writer, uint32_t slot);
int __wrap_zoe_writer_let_go(struct zoe_writer *writer, uint32_t slot);
static int n_full;
static unsigned n_let_go;

int __wrap_zoe_writer_begin(struct zoe_writer *writer, struct zoe_slot *slot)
{
	return n_full > 0 && n_full-- ? -ENOSPC : __real_zoe_writer_begin(writer, slot);
}

int __wrap_zoe_writer_let_go(struct zoe_writer *writer, uint32_t slot)
{
	cr_assert(epoch_count() > 0);
	if (epoch)
		cr_assert(epoch->n_out > 0);
	n_let_go++;
	return __real_zoe_writer_let_go(writer, slot);
}

static AVFrame *get(void)
{
	AVFrame *frame = av_frame_alloc();

	cr_assert(frame && epoch_get(epoch, frame) == 0);
	return frame;
}

static uint32_t slot_of(const AVFrame *frame)
{
	struct slot_buffer *buffer = epoch_find_buffer(epoch, frame);

	cr_assert(buffer);
	return buffer->slot;
}

static void publish(const AVFrame *frame)
{
	struct slot_buffer *buffer = epoch_find_buffer(epoch, frame);
	struct zoe_frame_info info = {
		.width_px = 64,
		.height_px = 48,
		.format = "gray",
		.n_planes = 1,
		.planes[0] = { .stride_bytes = 64, .row_bytes = 64, .rows = 48 },
		.time_base_num = 1,
		.time_base_den = 25,
		.sar_num = 1,
		.sar_den = 1,
	};

	int error = epoch_publish(epoch, frame, buffer, &info, ZOE_POLL);
	cr_assert(error == 0, "%d: %s", error, zoe_error());
	cr_assert(buffer->published);
}

/* A frame lies in a slot of its own, with its planes where the layout has them. */
Test(epoch, get_a_slot)
{
	AVFrame *one = get(), *other = get();

	cr_assert(slot_of(one) != slot_of(other));
	for (int i = 0; i < layout.n_planes; i++) {
		cr_assert(one->data[i] == one->buf[0]->data + layout.offset_bytes[i]);
		cr_assert(one->linesize[i] == layout.stride_bytes[i]);
	}
	cr_assert(one->data[layout.n_planes] == NULL);
	av_frame_free(&one);
	av_frame_free(&other);
}

static void free_nothing(void *opaque, uint8_t *data)
{
	(void)opaque;
	(void)data;
}

/* Memory that is not a slot is none of the epoch's buffers, wherever its opaque pointer leads. */
Test(epoch, find_no_foreign_buffer)
{
	static uint8_t memory[16];
	AVFrame *frame = av_frame_alloc();

	cr_assert(frame && !epoch_find_buffer(epoch, frame));
	frame->buf[0] = av_buffer_create(memory, sizeof(memory), free_nothing, (char *)&epoch->buffers[1] + 1, 0);
	cr_assert(frame->buf[0] && !epoch_find_buffer(epoch, frame));
	av_buffer_unref(&frame->buf[0]);
	frame->buf[0] = av_buffer_create(memory, sizeof(memory), free_nothing, &epoch->buffers[ZOE_MAX_SLOTS], 0);
	cr_assert(frame->buf[0] && !epoch_find_buffer(epoch, frame));
	av_frame_free(&frame);
}

/* A slot that was not published is free again when its frame is. */
Test(epoch, give_back_unpublished)
{
	for (int i = 0; i < 3 * SLOTS; i++) {
		AVFrame *frame = get();
		av_frame_free(&frame);
	}
	cr_assert(epoch->n_out == 0 && epoch->n_known == 1, "%u slots", epoch->n_known);
}

/* Published slots that the decoder has let go of are used again before the pool grows. */
Test(epoch, recycle_published)
{
	for (int i = 0; i < 3 * SLOTS; i++) {
		AVFrame *frame = get();
		publish(frame);
		av_frame_free(&frame);
	}
	cr_assert(epoch->n_known == 2, "%u slots", epoch->n_known);
	cr_assert(epoch->n_out == epoch->n_kept);
}

/* A published slot that the decoder refers to is not used again, and is found when it is shown anew. */
Test(epoch, keep_referenced)
{
	AVFrame *reference = get();
	uint32_t slot = slot_of(reference);

	publish(reference);
	for (int i = 0; i < 3 * SLOTS; i++) {
		AVFrame *frame = get();
		cr_assert(slot_of(frame) != slot);
		publish(frame);
		av_frame_free(&frame);
	}
	cr_assert(epoch_find_buffer(epoch, reference)->published);
	/* A decoder that was its only owner would paint over it. */
	cr_assert(av_buffer_get_ref_count(reference->buf[0]) == 2);
	av_frame_free(&reference);
}

/* What nobody has is let go when its epoch is closed. */
Test(epoch, close_when_nobody_has_any)
{
	AVFrame *frame = get();

	publish(frame);
	av_frame_free(&frame);
	cr_assert(epoch->n_kept == 1);
	epoch_close(epoch);
	cr_assert(epoch->n_kept == 0 && epoch->n_out == 0);
}

/* Dropped as it is, an epoch keeps nothing but what the decoder has. */
Test(epoch, drop_with_published_slots)
{
	AVFrame *frame = get(), *other = get();

	publish(frame);
	publish(other);
	av_frame_free(&other);
	epoch_drop(&epoch);
	cr_assert(!epoch && epoch_count() == 1);
	av_frame_free(&frame);
	cr_assert(epoch_count() == 0);
}

/* A slot counts as out until it is let go, so that its number is not reckoned with too early. */
Test(epoch, count_until_let_go)
{
	AVFrame *frame = get();

	cr_assert(epoch->n_out == 1);
	av_frame_free(&frame);
	cr_assert(epoch->n_out == 0 && n_let_go == 1);
}

/* Where shared memory is full, a published slot that nobody needs is used again. */
Test(epoch, recycle_when_memory_is_full)
{
	AVFrame *held = get(), *one = get(), *latest = get(), *more = av_frame_alloc();
	uint32_t slot = slot_of(one);

	publish(one);
	publish(latest);
	av_frame_free(&one);
	/* None is free to the library's knowledge, but one of ours is. */
	epoch->n_known++;
	n_full = 1;
	cr_assert(more && epoch_get(epoch, more) == 0 && slot_of(more) == slot);
	epoch->n_known--;
	n_full = SLOTS;
	AVFrame *none = av_frame_alloc();
	cr_assert(none && epoch_get(epoch, none) == -ENOSPC && !none->buf[0]);
	n_full = 0;
	av_frame_free(&none);
	av_frame_free(&held);
	av_frame_free(&latest);
	av_frame_free(&more);
}

/* What could not be published is the decoder's alone, and free when it is given back. */
Test(epoch, publish_that_fails)
{
	AVFrame *frame = get();
	struct slot_buffer *buffer = epoch_find_buffer(epoch, frame);
	const struct zoe_frame_info nothing = { .n_planes = 0 };

	cr_assert(epoch_publish(epoch, frame, buffer, &nothing, ZOE_POLL) == -EINVAL);
	cr_assert(!buffer->published && epoch->n_kept == 0);
	cr_assert(av_buffer_get_ref_count(frame->buf[0]) == 1);
	av_frame_free(&frame);
	cr_assert(epoch->n_out == 0);
}

/* When all slots are held there is none, and there is one as soon as one is given back. */
Test(epoch, run_out_of_slots)
{
	AVFrame *frames[SLOTS], *more = av_frame_alloc();

	for (int i = 0; i < SLOTS; i++)
		frames[i] = get();
	cr_assert(more && epoch_get(epoch, more) == -EAGAIN);
	cr_assert(!more->buf[0]);
	av_frame_free(&frames[0]);
	cr_assert(epoch_get(epoch, more) == 0);
	av_frame_free(&more);
	for (int i = 1; i < SLOTS; i++)
		av_frame_free(&frames[i]);
}

/* A closed epoch lives until the decoder has let go of its last buffer. */
Test(epoch, close_before_the_decoder)
{
	AVFrame *published = get(), *begun = get();

	publish(published);
	epoch_close(epoch);
	cr_assert(!epoch_sweep(epoch), "a published slot is referred to");
	av_frame_free(&published);
	cr_assert(epoch_sweep(epoch));
	epoch_drop(&epoch);
	cr_assert(epoch_count() == 1, "its buffer refers to it");
	begun->data[0][0] = 1;
	av_frame_free(&begun);
	cr_assert(epoch_count() == 0);
}
