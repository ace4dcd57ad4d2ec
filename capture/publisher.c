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
#include "message.h"
#include "report.h"
#include "slots_kept.h"
#include "stop.h"

/* How often a wait looks up, and how long the last frame may take to reach a busy seat. */
#define STEP_MS 100
#define ROOM_STEP_NS 2000000
#define END_MS 2000

struct stage {
	const struct settings *settings;
	struct report *report;
	struct chain chain;
	struct converter converter;
	AVFrame *copy;    /* a picture that was not decoded in place, on its way */
	bool open;        /* the pool has its name */
	bool is_shm_full; /* why there was no room at last */
};

struct stage *stage_create(const struct settings *settings, struct report *report)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	if (!stage)
		return NULL;
	stage->copy = av_frame_alloc();
	if (!stage->copy) {
		free(stage);
		return NULL;
	}
	stage->settings = settings;
	stage->report = report;
	stage->converter.pix_fmt = settings->pix_fmt;
	stage->converter.size = settings->size;
	chain_init(&stage->chain, settings);
	return stage;
}

void stage_set_stream(struct stage *stage, AVRational time_base, AVRational sample_aspect)
{
	stage->chain.stream.time_base_num = time_base.num;
	stage->chain.stream.time_base_den = time_base.den;
	stage->chain.stream.sar_num = sample_aspect.num;
	stage->chain.stream.sar_den = sample_aspect.den ? sample_aspect.den : 1;
}

/* The pool that new buffers of this decoder belong to; the chain's lock held. */
static struct epoch *epoch_for_decoder(struct stage *stage, AVCodecContext *codec, const AVFrame *frame)
{
	struct epoch *epoch = stage->chain.last;
	struct layout layout;

	if (epoch && layout_fits(&epoch->layout, codec, frame))
		return epoch;
	/* What fails here fails again, and is said, when the frame comes out and is copied. */
	if (layout_init(&layout, codec, frame) < 0 ||
		chain_prepare(&stage->chain, &layout, slots_kept(codec), &epoch) < 0)
		return NULL;
	return epoch;
}

int stage_get_buffer(AVCodecContext *codec, AVFrame *frame, int flags)
{
	struct stage *stage = codec->opaque;
	int r = -EINVAL;

	/* What will be converted need not be in a slot; a hardware frame cannot be. */
	if (!(codec->codec->capabilities & AV_CODEC_CAP_DR1) || codec->hw_frames_ctx ||
		converter_is_needed(&stage->converter, frame->format, codec->width, codec->height))
		return avcodec_default_get_buffer2(codec, frame, flags);
	chain_lock(&stage->chain);
	struct epoch *epoch = epoch_for_decoder(stage, codec, frame);
	if (epoch)
		r = epoch_get(epoch, frame);
	chain_unlock(&stage->chain);
	if (r == 0)
		return 0;
	atomic_fetch_add(&stage->report->counters.private_buffers, 1);
	return avcodec_default_get_buffer2(codec, frame, flags);
}

/*
 * A slot for a picture of out's shape; the chain's lock held. -EAGAIN or -ENOSPC if none is
 * free, anything else if none will ever be.
 */
static int try_room(struct stage *stage, AVFrame *out)
{
	struct epoch *epoch = chain_find_alike(&stage->chain, out);
	struct layout layout;

	if (!epoch) {
		int r = layout_init(&layout, NULL, out);
		if (r < 0)
			return r;
		chain_drop_prepared(&stage->chain);
		/* One is ours: the picture under way. */
		r = chain_prepare(&stage->chain, &layout, 1, &epoch);
		if (r < 0)
			return -ENOMEM;
	}
	int r = epoch_get(epoch, out);
	/* Without any slot there is none to wait for. */
	return r == -ENOSPC && epoch->n_known == 0 ? -ENOMEM : r;
}

static enum stage_outcome pool_failed(struct stage *stage)
{
	report_failure(stage->report, "pool (%s): %s", stage->settings->name, zoe_error());
	return STAGE_FAILED;
}

/* A slot for a picture of out's shape, waiting for it in a lossless pool. */
static enum stage_outcome get_room(struct stage *stage, AVFrame *out)
{
	for (;;) {
		chain_lock(&stage->chain);
		int r = try_room(stage, out);
		chain_unlock(&stage->chain);
		if (r == 0)
			return STAGE_OK;
		if (r != -EAGAIN && r != -ENOSPC)
			return pool_failed(stage);
		if (!stage->settings->lossless) {
			stage->is_shm_full = r == -ENOSPC;
			return STAGE_DROPPED;
		}
		if (stop_wait_until(zoe_now_ns() + ROOM_STEP_NS))
			return STAGE_STOPPED;
	}
}

enum stage_outcome stage_get_frame(struct stage *stage, AVFrame *out)
{
	if (converter_is_needed(&stage->converter, out->format, out->width, out->height))
		return STAGE_DROPPED;
	return get_room(stage, out);
}

/* Copy or convert the picture into a slot of its own. */
static enum stage_outcome copy_into_room(struct stage *stage, struct placed *placed)
{
	struct counters *counters = &stage->report->counters;
	struct picture *picture = &placed->picture;
	AVFrame *in = picture->frame, *out = stage->copy;
	bool converts = converter_is_needed(&stage->converter, in->format, in->width, in->height);

	av_frame_unref(out);
	converter_shape(&stage->converter, in, out);
	enum stage_outcome outcome = get_room(stage, out);
	if (outcome == STAGE_DROPPED) {
		counters->dropped++;
		counters->dropped_shm_full += stage->is_shm_full;
	}
	if (outcome != STAGE_OK)
		return outcome;
	int r = converts ? converter_run(&stage->converter, picture, out) : av_frame_copy(out, in);
	if (r >= 0 && !converts)
		r = av_frame_copy_props(out, in);
	if (r < 0) {
		report_failure(stage->report, "picture (%s): cannot be copied or converted: %s",
			av_get_pix_fmt_name(in->format), av_err2str(r));
		return STAGE_FAILED;
	}
	picture->frame = out;
	picture->flags |= ZOE_FRAME_COPIED;
	placed->converted = converts;
	return STAGE_OK;
}

/* Find the slot that the picture was decoded into and describe it; false if it has to be copied. */
static bool find_room(struct stage *stage, struct placed *placed)
{
	const AVFrame *frame = placed->picture.frame;

	chain_lock(&stage->chain);
	placed->epoch = chain_find(&stage->chain, frame, &placed->room);
	chain_unlock(&stage->chain);
	if (!placed->epoch)
		return false;
	memset(&placed->info, 0, sizeof(placed->info));
	return info_set_planes(&placed->info, frame, placed->room->data, placed->room->size_bytes);
}

static enum stage_outcome no_such_room(struct stage *stage, const AVFrame *frame)
{
	report_failure(stage->report, "picture (%s): a format that has no place in a pool; try --pix-fmt",
		av_get_pix_fmt_name(frame->format));
	return STAGE_FAILED;
}

static enum stage_outcome find_or_copy(struct stage *stage, struct placed *placed)
{
	const AVFrame *frame = placed->picture.frame;

	if (av_pix_fmt_desc_get(frame->format)->flags & AV_PIX_FMT_FLAG_HWACCEL)
		return no_such_room(stage, frame);

	if (!converter_is_needed(&stage->converter, frame->format, frame->width, frame->height) &&
		find_room(stage, placed)) {
		if (!placed->room->published)
			return STAGE_OK;
		placed->picture.flags |= ZOE_FRAME_REPEAT;
	}
	enum stage_outcome outcome = copy_into_room(stage, placed);
	if (outcome != STAGE_OK)
		return outcome;
	if (find_room(stage, placed))
		return STAGE_OK;
	return no_such_room(stage, placed->picture.frame);
}

/* Announce the epochs before this one that nobody got to see, so that it can take the name. */
static int announce_before(struct stage *stage, const struct epoch *until)
{
	for (struct epoch *epoch = stage->chain.first; epoch != until; epoch = epoch->next) {
		int r = epoch->announced ? 0 : zoe_writer_announce(epoch->writer);
		if (r < 0)
			return r;
		epoch->announced = true;
	}
	return 0;
}

static enum stage_outcome wait_for_readers(struct stage *stage, struct epoch *epoch)
{
	uint32_t n = stage->settings->wait_readers;

	if (n == 0)
		return STAGE_OK;
	say("pool (%s): waiting for %u reader%s", stage->settings->name, n, n == 1 ? "" : "s");
	while (!stop_requested()) {
		int r = zoe_writer_wait_readers(epoch->writer, n, zoe_deadline_in_ms(STEP_MS));
		if (r == 0)
			return STAGE_OK;
		if (r != -ETIMEDOUT)
			return pool_failed(stage);
	}
	return STAGE_STOPPED;
}

static enum stage_outcome open_pool(struct stage *stage, struct epoch *epoch)
{
	if (announce_before(stage, epoch) < 0 || zoe_writer_announce(epoch->writer) < 0)
		return pool_failed(stage);
	epoch->announced = true;
	stage->open = true;
	report_start(stage->report);
	return wait_for_readers(stage, epoch);
}

enum stage_outcome stage_place(struct stage *stage, const struct picture *picture, struct placed *placed)
{
	placed->picture = *picture;
	placed->converted = false;
	enum stage_outcome outcome = find_or_copy(stage, placed);
	if (outcome != STAGE_OK)
		return outcome;
	/* Crops may differ from what the decoder said when it asked for the buffer. */
	placed->epoch->shown_width_px = placed->picture.frame->width;
	placed->epoch->shown_height_px = placed->picture.frame->height;
	return stage->open ? STAGE_OK : open_pool(stage, placed->epoch);
}

/* The epoch's first frame is out: it has the name, those before it are done. */
static void take_over(struct stage *stage, struct placed *placed)
{
	struct zoe_writer_stats stats;

	placed->epoch->announced = true;
	zoe_writer_get_stats(stage->chain.first->writer, &stats);
	report_pool(stage->report, &stats);
	chain_lock(&stage->chain);
	chain_advance(&stage->chain, placed->epoch);
	chain_unlock(&stage->chain);
}

static void sweep(struct stage *stage)
{
	chain_lock(&stage->chain);
	chain_sweep(&stage->chain);
	chain_unlock(&stage->chain);
}

static void count_published(struct stage *stage, struct placed *placed)
{
	struct counters *counters = &stage->report->counters;
	const struct zoe_frame_info *info = &placed->info;
	struct zoe_writer_stats stats;

	counters->published++;
	counters->copied += (info->flags & ZOE_FRAME_COPIED) != 0;
	counters->converted += placed->converted;
	counters->repeated += (info->flags & ZOE_FRAME_REPEAT) != 0;
	counters->corrupt += (info->flags & ZOE_FRAME_CORRUPT) != 0;
	if (placed->epoch->told)
		return;
	placed->epoch->told = true;
	zoe_writer_get_stats(placed->epoch->writer, &stats);
	report_epoch(stage->report, &stats, info);
}

enum stage_outcome stage_publish(struct stage *stage, struct placed *placed)
{
	int r = announce_before(stage, placed->epoch);

	if (r < 0)
		return pool_failed(stage);
	info_set_picture(&placed->info, &placed->picture);
	do
		r = epoch_publish(placed->epoch, placed->picture.frame, placed->room, &placed->info,
			stage->settings->lossless ? zoe_deadline_in_ms(STEP_MS) : ZOE_POLL);
	while (r == -ETIMEDOUT && !stop_requested());
	av_frame_unref(stage->copy);
	if (r == -ETIMEDOUT)
		return STAGE_STOPPED;
	if (r < 0)
		return pool_failed(stage);
	if (placed->epoch != stage->chain.first)
		take_over(stage, placed);
	else if (stage->chain.retired)
		sweep(stage);
	count_published(stage, placed);
	return STAGE_OK;
}

void stage_source_lost(struct stage *stage, bool lost)
{
	chain_lock(&stage->chain);
	if (stage->chain.first && stage->chain.first->announced)
		zoe_writer_source_lost(stage->chain.first->writer, lost);
	chain_unlock(&stage->chain);
}

bool stage_get_stats(struct stage *stage, struct zoe_writer_stats *stats)
{
	bool open;

	chain_lock(&stage->chain);
	open = stage->chain.first && stage->chain.first->announced;
	if (open)
		zoe_writer_get_stats(stage->chain.first->writer, stats);
	chain_unlock(&stage->chain);
	return open;
}

void stage_end(struct stage *stage)
{
	struct zoe_writer_stats stats;

	if (!stage->open)
		return;
	zoe_writer_end(stage->chain.first->writer, zoe_deadline_in_ms(END_MS));
	zoe_writer_get_stats(stage->chain.first->writer, &stats);
	report_pool(stage->report, &stats);
}

void stage_destroy(struct stage **pointer)
{
	struct stage *stage = *pointer;

	if (!stage)
		return;
	av_frame_free(&stage->copy);
	chain_finish(&stage->chain);
	converter_finish(&stage->converter);
	free(stage);
	*pointer = NULL;
}
