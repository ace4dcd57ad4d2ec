/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slots lent to a decoder as AVBuffers, and the references that we keep to published
 * ones. A published slot is used again only when nobody but us has its buffer and the
 * writer could withdraw it; that is tried before the pool grows.
 */
#include "epoch.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/buffer.h>

static atomic_uint n_epochs;

unsigned epoch_count(void)
{
	return atomic_load(&n_epochs);
}

static void epoch_unref(struct epoch *epoch)
{
	if (atomic_fetch_sub_explicit(&epoch->n_references, 1, memory_order_acq_rel) > 1)
		return;
	assert(epoch->n_out == 0 && epoch->n_kept == 0);
	pthread_mutex_destroy(&epoch->lock);
	free(epoch);
	atomic_fetch_sub(&n_epochs, 1);
}

/* The buffer's free callback; any thread. */
static void on_buffer_free(void *opaque, uint8_t *data)
{
	struct slot_buffer *buffer = opaque;
	struct epoch *epoch = buffer->epoch;

	(void)data;
	zoe_writer_let_go(epoch->let_go_writer, buffer->slot);
	pthread_mutex_lock(&epoch->lock);
	epoch->n_out--;
	pthread_mutex_unlock(&epoch->lock);
	epoch_unref(epoch);
}

int epoch_create(struct epoch **out, const char *name, const struct zoe_writer_options *options,
	const struct layout *layout)
{
	struct epoch *epoch = calloc(1, sizeof(*epoch));

	if (!epoch)
		return -ENOMEM;
	int error = zoe_writer_create(&epoch->writer, name, options);
	if (error < 0) {
		free(epoch);
		return error;
	}
	epoch->let_go_writer = epoch->writer;
	epoch->layout = *layout;
	epoch->shown_width_px = layout->visible_width_px;
	epoch->shown_height_px = layout->visible_height_px;
	atomic_init(&epoch->n_references, 1);
	pthread_mutex_init(&epoch->lock, NULL);
	for (uint32_t slot = 0; slot < ZOE_MAX_SLOTS; slot++)
		epoch->buffers[slot] = (struct slot_buffer){ .epoch = epoch, .slot = slot };
	atomic_fetch_add(&n_epochs, 1);
	*out = epoch;
	return 0;
}

static struct slot_buffer *buffer_of(const AVBufferRef *reference)
{
	return av_buffer_get_opaque(reference);
}

/* Take out the oldest kept reference that nobody shares and whose slot can be withdrawn; lock held. */
static AVBufferRef *take_idle(struct epoch *epoch)
{
	for (uint32_t i = 0; i < epoch->n_kept; i++) {
		AVBufferRef *reference = epoch->kept[i];
		if (av_buffer_get_ref_count(reference) > 1)
			continue;
		if (epoch->writer && zoe_writer_withdraw(epoch->writer, buffer_of(reference)->slot) < 0)
			continue;
		epoch->n_kept--;
		memmove(&epoch->kept[i], &epoch->kept[i + 1], (epoch->n_kept - i) * sizeof(epoch->kept[0]));
		return reference;
	}
	return NULL;
}

/* Free one published slot that nobody needs any more; false if there is none. */
static bool recycle(struct epoch *epoch)
{
	pthread_mutex_lock(&epoch->lock);
	AVBufferRef *reference = take_idle(epoch);
	pthread_mutex_unlock(&epoch->lock);
	if (!reference)
		return false;
	av_buffer_unref(&reference);
	return true;
}

static bool has_free_slot(struct epoch *epoch)
{
	pthread_mutex_lock(&epoch->lock);
	bool has = epoch->n_out < epoch->n_known;
	pthread_mutex_unlock(&epoch->lock);
	return has;
}

static int begin(struct epoch *epoch, struct zoe_slot *slot)
{
	int error;

	if (!has_free_slot(epoch))
		recycle(epoch);
	do
		error = zoe_writer_begin(epoch->writer, slot);
	while ((error == -EAGAIN || error == -ENOSPC) && recycle(epoch));
	if (error == -EBADMSG)
		atomic_store(&epoch->is_damaged, true);
	if (error < 0)
		return error;
	pthread_mutex_lock(&epoch->lock);
	epoch->n_out++;
	if (epoch->n_known <= slot->index)
		epoch->n_known = slot->index + 1;
	pthread_mutex_unlock(&epoch->lock);
	return 0;
}

static void set_planes(AVFrame *frame, const struct layout *layout, uint8_t *data)
{
	for (int i = 0; i < AV_NUM_DATA_POINTERS; i++) {
		bool has = i < layout->n_planes;
		frame->data[i] = has ? data + layout->offset_bytes[i] : NULL;
		frame->linesize[i] = has ? layout->stride_bytes[i] : 0;
	}
	frame->extended_data = frame->data;
}

int epoch_get(struct epoch *epoch, AVFrame *frame)
{
	struct zoe_slot slot;
	int error = begin(epoch, &slot);

	if (error < 0)
		return error;
	struct slot_buffer *buffer = &epoch->buffers[slot.index];
	buffer->published = false;
	buffer->data = slot.data;
	buffer->size_bytes = slot.size_bytes;
	atomic_fetch_add_explicit(&epoch->n_references, 1, memory_order_relaxed);
	frame->buf[0] = av_buffer_create(slot.data, slot.size_bytes, on_buffer_free, buffer, 0);
	if (!frame->buf[0]) {
		on_buffer_free(buffer, slot.data);
		return -ENOMEM;
	}
	set_planes(frame, &epoch->layout, slot.data);
	return 0;
}

struct slot_buffer *epoch_find_buffer(struct epoch *epoch, const AVFrame *frame)
{
	const AVBufferRef *reference = frame->buf[0];

	if (!reference)
		return NULL;
	/* The opaque pointer of a buffer that is not ours may be anything: it is compared, not followed. */
	uintptr_t at = (uintptr_t)av_buffer_get_opaque(reference);
	uintptr_t first = (uintptr_t)epoch->buffers;
	if (at < first || at >= first + sizeof(epoch->buffers) || (at - first) % sizeof(epoch->buffers[0]) != 0)
		return NULL;
	return buffer_of(reference);
}

int epoch_publish(struct epoch *epoch, const AVFrame *frame, struct slot_buffer *buffer,
	const struct zoe_frame_info *info, int64_t deadline_ns)
{
	AVBufferRef *reference = av_buffer_ref(frame->buf[0]);

	if (!reference)
		return -ENOMEM;
	int error = zoe_writer_publish(epoch->writer, buffer->slot, info, ZOE_PUBLISH_KEEP, deadline_ns);
	if (error == -EBADMSG)
		atomic_store(&epoch->is_damaged, true);
	if (error < 0) {
		av_buffer_unref(&reference);
		return error;
	}
	buffer->published = true;
	pthread_mutex_lock(&epoch->lock);
	epoch->kept[epoch->n_kept++] = reference;
	pthread_mutex_unlock(&epoch->lock);
	return 0;
}

void epoch_close(struct epoch *epoch)
{
	zoe_writer_destroy(&epoch->writer);
	epoch_sweep(epoch);
}

bool epoch_sweep(struct epoch *epoch)
{
	while (recycle(epoch))
		continue;
	return epoch->n_kept == 0;
}

void epoch_drop(struct epoch **pointer)
{
	struct epoch *epoch = *pointer;

	if (!epoch)
		return;
	zoe_writer_destroy(&epoch->writer);
	while (epoch->n_kept > 0)
		av_buffer_unref(&epoch->kept[--epoch->n_kept]);
	epoch_unref(epoch);
	*pointer = NULL;
}
