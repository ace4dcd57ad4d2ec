/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots for decoders, and the way of a decoded picture to the readers. */
#include "publisher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/pixdesc.h>

#include "convert.h"
#include "epoch_list.h"
#include "info.h"
#include "program/message.h"
#include "program/signals.h"
#include "report.h"
#include "slots_kept.h"

/* How often a wait looks up, and how long the last frame may take to reach a busy seat. */
#define STEP_MS 100
#define SLOT_STEP_NS 2000000
#define END_MS 2000

struct publisher {
	const struct settings *settings;
	struct report *report;
	struct epoch_list epochs;
	struct converter converter;
	AVFrame *copy;    /* a picture that was not decoded in place, on its way */
	bool open;        /* the pool has its name */
	bool is_shm_full; /* the last time no slot was free, it was for want of shared memory */
};

struct publisher *publisher_create(const struct settings *settings, struct report *report)
{
	struct publisher *publisher = calloc(1, sizeof(*publisher));

	if (!publisher)
		return NULL;
	publisher->copy = av_frame_alloc();
	if (!publisher->copy) {
		free(publisher);
		return NULL;
	}
	publisher->settings = settings;
	publisher->report = report;
	publisher->converter.pix_fmt = settings->pix_fmt;
	publisher->converter.size = settings->size;
	epoch_list_init(&publisher->epochs, settings);
	return publisher;
}

void publisher_set_stream(struct publisher *publisher, AVRational time_base, AVRational sample_aspect)
{
	publisher->epochs.stream.time_base_num = time_base.num;
	publisher->epochs.stream.time_base_den = time_base.den;
	publisher->epochs.stream.sar_num = sample_aspect.num;
	publisher->epochs.stream.sar_den = sample_aspect.den ? sample_aspect.den : 1;
}

/* The pool that new buffers of this decoder belong to; the list's lock held. */
static struct epoch *epoch_for_decoder(struct publisher *publisher, AVCodecContext *codec, const AVFrame *frame)
{
	struct epoch *epoch = publisher->epochs.last;
	struct layout layout;

	if (epoch && layout_fits(&epoch->layout, codec, frame))
		return epoch;
	/* What fails here fails again, and is said, when the frame comes out and is copied. */
	if (layout_init(&layout, codec, frame) < 0 ||
		epoch_list_prepare(&publisher->epochs, &layout, slots_kept(codec), &epoch) < 0)
		return NULL;
	return epoch;
}

int publisher_get_buffer(AVCodecContext *codec, AVFrame *frame, int flags)
{
	struct publisher *publisher = codec->opaque;
	int r = -EINVAL;

	/* What will be converted need not be in a slot; a hardware frame cannot be. */
	if (!(codec->codec->capabilities & AV_CODEC_CAP_DR1) || codec->hw_frames_ctx ||
		converter_is_needed(&publisher->converter, frame->format, codec->width, codec->height))
		return avcodec_default_get_buffer2(codec, frame, flags);
	epoch_list_lock(&publisher->epochs);
	struct epoch *epoch = epoch_for_decoder(publisher, codec, frame);
	if (epoch)
		r = epoch_get(epoch, frame);
	epoch_list_unlock(&publisher->epochs);
	if (r == 0)
		return 0;
	atomic_fetch_add(&publisher->report->counters.private_buffers, 1);
	return avcodec_default_get_buffer2(codec, frame, flags);
}

/*
 * A slot for a picture of out's shape; the list's lock held. -EAGAIN or -ENOSPC if none is
 * free, anything else if none will ever be.
 */
static int try_slot(struct publisher *publisher, AVFrame *out)
{
	struct epoch *epoch = epoch_list_find_alike(&publisher->epochs, out);
	struct layout layout;

	if (!epoch) {
		int r = layout_init(&layout, NULL, out);
		if (r < 0)
			return r;
		epoch_list_drop_prepared(&publisher->epochs);
		/* One is ours: the picture under way. */
		r = epoch_list_prepare(&publisher->epochs, &layout, 1, &epoch);
		if (r < 0)
			return -ENOMEM;
	}
	int r = epoch_get(epoch, out);
	/* Without any slot there is none to wait for. */
	return r == -ENOSPC && epoch->n_known == 0 ? -ENOMEM : r;
}

static enum picture_outcome pool_failed(struct publisher *publisher)
{
	report_failure(publisher->report, "pool (%s): %s", publisher->settings->name, zoe_error());
	return PICTURE_FAILED;
}

/* A slot for a picture of out's shape, waiting for it in a lossless pool. */
static enum picture_outcome get_slot(struct publisher *publisher, AVFrame *out)
{
	for (;;) {
		epoch_list_lock(&publisher->epochs);
		int r = try_slot(publisher, out);
		epoch_list_unlock(&publisher->epochs);
		if (r == 0)
			return PICTURE_OK;
		if (r != -EAGAIN && r != -ENOSPC)
			return pool_failed(publisher);
		if (!publisher->settings->lossless) {
			publisher->is_shm_full = r == -ENOSPC;
			return PICTURE_DROPPED;
		}
		if (zi_signals_wait_until(zoe_now_ns() + SLOT_STEP_NS))
			return PICTURE_STOPPED;
	}
}

enum picture_outcome publisher_get_frame(struct publisher *publisher, AVFrame *out)
{
	if (converter_is_needed(&publisher->converter, out->format, out->width, out->height))
		return PICTURE_DROPPED;
	return get_slot(publisher, out);
}

/* Copy or convert the picture into a slot of its own. */
static enum picture_outcome copy_into_slot(struct publisher *publisher, struct placed *placed)
{
	struct counters *counters = &publisher->report->counters;
	struct picture *picture = &placed->picture;
	AVFrame *in = picture->frame, *out = publisher->copy;
	bool converts = converter_is_needed(&publisher->converter, in->format, in->width, in->height);

	av_frame_unref(out);
	converter_shape(&publisher->converter, in, out);
	enum picture_outcome outcome = get_slot(publisher, out);
	if (outcome == PICTURE_DROPPED) {
		counters->dropped++;
		counters->dropped_shm_full += publisher->is_shm_full;
	}
	if (outcome != PICTURE_OK)
		return outcome;
	int r = converts ? converter_run(&publisher->converter, picture, out) : av_frame_copy(out, in);
	if (r >= 0 && !converts)
		r = av_frame_copy_props(out, in);
	if (r < 0) {
		report_failure(publisher->report, "picture (%s): cannot be copied or converted: %s",
			av_get_pix_fmt_name(in->format), av_err2str(r));
		return PICTURE_FAILED;
	}
	picture->frame = out;
	picture->flags |= ZOE_FRAME_COPIED;
	placed->converted = converts;
	return PICTURE_OK;
}

/* Find the slot that the picture was decoded into and describe it; false if it has to be copied. */
static bool find_buffer(struct publisher *publisher, struct placed *placed)
{
	const AVFrame *frame = placed->picture.frame;

	epoch_list_lock(&publisher->epochs);
	placed->epoch = epoch_list_find(&publisher->epochs, frame, &placed->buffer);
	epoch_list_unlock(&publisher->epochs);
	if (!placed->epoch)
		return false;
	memset(&placed->info, 0, sizeof(placed->info));
	return info_set_planes(&placed->info, frame, placed->buffer->data, placed->buffer->size_bytes);
}

static enum picture_outcome reject_format(struct publisher *publisher, const AVFrame *frame)
{
	report_failure(publisher->report, "picture (%s): a format that has no place in a pool; try --pix-fmt",
		av_get_pix_fmt_name(frame->format));
	return PICTURE_FAILED;
}

static enum picture_outcome find_or_copy(struct publisher *publisher, struct placed *placed)
{
	const AVFrame *frame = placed->picture.frame;

	if (av_pix_fmt_desc_get(frame->format)->flags & AV_PIX_FMT_FLAG_HWACCEL)
		return reject_format(publisher, frame);

	if (!converter_is_needed(&publisher->converter, frame->format, frame->width, frame->height) &&
		find_buffer(publisher, placed)) {
		if (!placed->buffer->published)
			return PICTURE_OK;
		placed->picture.flags |= ZOE_FRAME_REPEAT;
	}
	enum picture_outcome outcome = copy_into_slot(publisher, placed);
	if (outcome != PICTURE_OK)
		return outcome;
	if (find_buffer(publisher, placed))
		return PICTURE_OK;
	return reject_format(publisher, placed->picture.frame);
}

/* Announce the epochs before this one that nobody got to see, so that it can take the name. */
static int announce_before(struct publisher *publisher, const struct epoch *until)
{
	for (struct epoch *epoch = publisher->epochs.first; epoch != until; epoch = epoch->next) {
		int r = epoch->announced ? 0 : zoe_writer_announce(epoch->writer);
		if (r < 0)
			return r;
		epoch->announced = true;
	}
	return 0;
}

static enum picture_outcome wait_for_readers(struct publisher *publisher, struct epoch *epoch)
{
	uint32_t n = publisher->settings->wait_readers;

	if (n == 0)
		return PICTURE_OK;
	zi_message("pool (%s): waiting for %u reader%s", publisher->settings->name, n, n == 1 ? "" : "s");
	while (!zi_signals_stopped()) {
		int r = zoe_writer_wait_readers(epoch->writer, n, zoe_deadline_in_ms(STEP_MS));
		if (r == 0)
			return PICTURE_OK;
		if (r != -ETIMEDOUT)
			return pool_failed(publisher);
	}
	return PICTURE_STOPPED;
}

static enum picture_outcome open_pool(struct publisher *publisher, struct epoch *epoch)
{
	if (announce_before(publisher, epoch) < 0 || zoe_writer_announce(epoch->writer) < 0)
		return pool_failed(publisher);
	epoch->announced = true;
	publisher->open = true;
	report_start(publisher->report);
	return wait_for_readers(publisher, epoch);
}

enum picture_outcome publisher_place(struct publisher *publisher, const struct picture *picture, struct placed *placed)
{
	placed->picture = *picture;
	placed->converted = false;
	enum picture_outcome outcome = find_or_copy(publisher, placed);
	if (outcome != PICTURE_OK)
		return outcome;
	/* Crops may differ from what the decoder said when it asked for the buffer. */
	placed->epoch->shown_width_px = placed->picture.frame->width;
	placed->epoch->shown_height_px = placed->picture.frame->height;
	return publisher->open ? PICTURE_OK : open_pool(publisher, placed->epoch);
}

/* The epoch's first frame is out: it has the name, those before it are done. */
static void take_over(struct publisher *publisher, struct placed *placed)
{
	struct zoe_writer_stats stats;

	placed->epoch->announced = true;
	zoe_writer_get_stats(publisher->epochs.first->writer, &stats);
	report_pool(publisher->report, &stats);
	epoch_list_lock(&publisher->epochs);
	epoch_list_advance(&publisher->epochs, placed->epoch);
	epoch_list_unlock(&publisher->epochs);
}

static void sweep(struct publisher *publisher)
{
	epoch_list_lock(&publisher->epochs);
	epoch_list_sweep(&publisher->epochs);
	epoch_list_unlock(&publisher->epochs);
}

static void count_published(struct publisher *publisher, struct placed *placed)
{
	struct counters *counters = &publisher->report->counters;
	const struct zoe_frame_info *info = &placed->info;
	struct zoe_writer_stats stats;

	counters->published++;
	counters->copied += (info->flags & ZOE_FRAME_COPIED) != 0;
	counters->converted += placed->converted;
	counters->repeated += (info->flags & ZOE_FRAME_REPEAT) != 0;
	counters->corrupt += (info->flags & ZOE_FRAME_CORRUPT) != 0;
	if (placed->epoch->reported)
		return;
	placed->epoch->reported = true;
	zoe_writer_get_stats(placed->epoch->writer, &stats);
	report_epoch(publisher->report, &stats, info);
}

enum picture_outcome publisher_publish(struct publisher *publisher, struct placed *placed)
{
	int r = announce_before(publisher, placed->epoch);

	if (r < 0)
		return pool_failed(publisher);
	info_set_picture(&placed->info, &placed->picture);
	do
		r = epoch_publish(placed->epoch, placed->picture.frame, placed->buffer, &placed->info,
			publisher->settings->lossless ? zoe_deadline_in_ms(STEP_MS) : ZOE_POLL);
	while (r == -ETIMEDOUT && !zi_signals_stopped());
	av_frame_unref(publisher->copy);
	if (r == -ETIMEDOUT)
		return PICTURE_STOPPED;
	if (r < 0)
		return pool_failed(publisher);
	if (placed->epoch != publisher->epochs.first)
		take_over(publisher, placed);
	else if (publisher->epochs.retired)
		sweep(publisher);
	count_published(publisher, placed);
	return PICTURE_OK;
}

void publisher_source_lost(struct publisher *publisher, bool lost)
{
	epoch_list_lock(&publisher->epochs);
	if (publisher->epochs.first && publisher->epochs.first->announced)
		zoe_writer_source_lost(publisher->epochs.first->writer, lost);
	epoch_list_unlock(&publisher->epochs);
}

bool publisher_get_stats(struct publisher *publisher, struct zoe_writer_stats *stats)
{
	bool open;

	epoch_list_lock(&publisher->epochs);
	open = publisher->epochs.first && publisher->epochs.first->announced;
	if (open)
		zoe_writer_get_stats(publisher->epochs.first->writer, stats);
	epoch_list_unlock(&publisher->epochs);
	return open;
}

void publisher_end(struct publisher *publisher)
{
	struct zoe_writer_stats stats;

	if (!publisher->open)
		return;
	zoe_writer_end(publisher->epochs.first->writer, zoe_deadline_in_ms(END_MS));
	zoe_writer_get_stats(publisher->epochs.first->writer, &stats);
	report_pool(publisher->report, &stats);
}

void publisher_destroy(struct publisher **pointer)
{
	struct publisher *publisher = *pointer;

	if (!publisher)
		return;
	av_frame_free(&publisher->copy);
	epoch_list_finish(&publisher->epochs);
	converter_finish(&publisher->converter);
	free(publisher);
	*pointer = NULL;
}
