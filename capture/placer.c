/* SPDX-License-Identifier: BSD-2-Clause */
#include "placer.h"

#include <errno.h>
#include <string.h>

#include <libavutil/pixdesc.h>

#include "epoch_list.h"
#include "info.h"
#include "program/signals.h"
#include "report.h"
#include "settings.h"
#include "slots_kept.h"

/* How long a wait for a slot sleeps before it tries again. */
#define STEP_NS 2000000

int placer_init(struct placer *placer, const struct settings *settings, struct report *report,
	struct epoch_list *epochs)
{
	*placer = (struct placer){
		.settings = settings,
		.report = report,
		.epochs = epochs,
		.converter = { .pix_fmt = settings->pix_fmt, .size = settings->size },
		.copy = av_frame_alloc(),
	};
	return placer->copy ? 0 : -ENOMEM;
}

/* The pool that new buffers of this decoder belong to; the list's lock held. */
static struct epoch *epoch_for_decoder(struct placer *placer, AVCodecContext *codec, const AVFrame *frame)
{
	struct epoch *epoch = placer->epochs->last;
	struct layout layout;

	if (epoch && !atomic_load(&epoch->is_damaged) && layout_fits(&epoch->layout, codec, frame))
		return epoch;
	/* What fails here fails again, and is reported, when the frame comes out and is copied. */
	if (layout_init(&layout, codec, frame) < 0 ||
		epoch_list_prepare(placer->epochs, &layout, slots_kept(codec), &epoch) < 0)
		return NULL;
	return epoch;
}

int placer_get_buffer(struct placer *placer, AVCodecContext *codec, AVFrame *frame, int flags)
{
	int error;

	/* What will be converted need not be in a slot; a hardware frame cannot be. */
	if (!(codec->codec->capabilities & AV_CODEC_CAP_DR1) || codec->hw_frames_ctx ||
		converter_is_needed(&placer->converter, frame->format, codec->width, codec->height))
		return avcodec_default_get_buffer2(codec, frame, flags);
	epoch_list_lock(placer->epochs);
	struct epoch *epoch;
	/* One that turns out to be damaged is followed by another. */
	do {
		epoch = epoch_for_decoder(placer, codec, frame);
		error = epoch ? epoch_get(epoch, frame) : -EINVAL;
	} while (error == -EBADMSG);
	epoch_list_unlock(placer->epochs);
	if (error == 0)
		return 0;
	atomic_fetch_add(&placer->report->counters.private_buffers, 1);
	return avcodec_default_get_buffer2(codec, frame, flags);
}

/*
 * A slot for a picture of out's shape; the list's lock held. -EAGAIN or -ENOSPC if none is
 * free, anything else if none will ever be.
 */
static int try_slot(struct placer *placer, AVFrame *out)
{
	struct epoch *epoch = epoch_list_find_alike(placer->epochs, out);
	struct layout layout;

	if (!epoch) {
		int error = layout_init(&layout, NULL, out);
		if (error < 0)
			return error;
		epoch_list_drop_prepared(placer->epochs);
		/* One slot is kept back for the picture under way. */
		error = epoch_list_prepare(placer->epochs, &layout, 1, &epoch);
		if (error < 0)
			return -ENOMEM;
	}
	int error = epoch_get(epoch, out);
	/* It is known to be damaged now: in the next one. */
	if (error == -EBADMSG)
		return try_slot(placer, out);
	/* Without any slot there is none to wait for. */
	return error == -ENOSPC && epoch->n_known == 0 ? -ENOMEM : error;
}

/* A slot for a picture of out's shape, waiting for it while a reader must not miss the picture. */
static enum picture_outcome get_slot(struct placer *placer, AVFrame *out)
{
	const struct zoe_wait wait = { .since_ns = zoe_now_ns() };

	for (;;) {
		epoch_list_lock(placer->epochs);
		int error = try_slot(placer, out);
		bool is_dropped = error && !epoch_list_has_lossless(placer->epochs);
		epoch_list_unlock(placer->epochs);
		if (error == 0 || is_dropped)
			report_wait_end(placer->report);
		if (error == 0)
			return PICTURE_OK;
		if (error != -EAGAIN && error != -ENOSPC) {
			report_pool_failure(placer->report);
			return PICTURE_FAILED;
		}
		if (is_dropped) {
			placer->is_shm_full = error == -ENOSPC;
			return PICTURE_DROPPED;
		}
		report_wait(placer->report, &wait);
		if (zi_signals_wait_until(zoe_now_ns() + STEP_NS))
			return PICTURE_STOPPED;
	}
}

enum picture_outcome placer_get_frame(struct placer *placer, AVFrame *out)
{
	if (converter_is_needed(&placer->converter, out->format, out->width, out->height))
		return PICTURE_DROPPED;
	return get_slot(placer, out);
}

/* Copy or convert the picture into a slot of its own. */
static enum picture_outcome copy_into_slot(struct placer *placer, struct placed *placed)
{
	struct counters *counters = &placer->report->counters;
	struct picture *picture = &placed->picture;
	AVFrame *in = picture->frame, *out = placer->copy;
	bool converts = converter_is_needed(&placer->converter, in->format, in->width, in->height);

	av_frame_unref(out);
	converter_shape(&placer->converter, in, out);
	enum picture_outcome outcome = get_slot(placer, out);
	if (outcome == PICTURE_DROPPED) {
		counters->dropped++;
		counters->dropped_shm_full += placer->is_shm_full;
	}
	if (outcome != PICTURE_OK)
		return outcome;
	int error = converts ? converter_run(&placer->converter, picture, out) : av_frame_copy(out, in);
	if (error >= 0 && !converts)
		error = av_frame_copy_props(out, in);
	if (error < 0) {
		report_failure(placer->report, "picture (%s): cannot be copied or converted: %s",
			av_get_pix_fmt_name(in->format), av_err2str(error));
		return PICTURE_FAILED;
	}
	picture->frame = out;
	picture->flags |= ZOE_FRAME_COPIED;
	placed->converted = converts;
	return PICTURE_OK;
}

/* Find the slot that the picture was decoded into and describe it; false if it has to be copied. */
static bool find_buffer(struct placer *placer, struct placed *placed)
{
	const AVFrame *frame = placed->picture.frame;

	epoch_list_lock(placer->epochs);
	placed->epoch = epoch_list_find(placer->epochs, frame, &placed->buffer);
	epoch_list_unlock(placer->epochs);
	/* From a damaged one it is copied into the next. */
	if (!placed->epoch || atomic_load(&placed->epoch->is_damaged))
		return false;
	memset(&placed->info, 0, sizeof(placed->info));
	return info_set_planes(&placed->info, frame, placed->buffer->data, placed->buffer->size_bytes);
}

static enum picture_outcome reject_format(struct placer *placer, const AVFrame *frame)
{
	report_failure(placer->report, "picture (%s): a format that has no place in a pool; try --pix-fmt",
		av_get_pix_fmt_name(frame->format));
	return PICTURE_FAILED;
}

static enum picture_outcome find_or_copy(struct placer *placer, struct placed *placed)
{
	const AVFrame *frame = placed->picture.frame;

	if (av_pix_fmt_desc_get(frame->format)->flags & AV_PIX_FMT_FLAG_HWACCEL)
		return reject_format(placer, frame);

	if (!converter_is_needed(&placer->converter, frame->format, frame->width, frame->height) &&
		find_buffer(placer, placed)) {
		if (!placed->buffer->published)
			return PICTURE_OK;
		placed->picture.flags |= ZOE_FRAME_REPEAT;
	}
	enum picture_outcome outcome = copy_into_slot(placer, placed);
	if (outcome != PICTURE_OK)
		return outcome;
	if (find_buffer(placer, placed))
		return PICTURE_OK;
	return reject_format(placer, placed->picture.frame);
}

enum picture_outcome placer_place(struct placer *placer, const struct picture *picture, struct placed *placed)
{
	placed->picture = *picture;
	placed->converted = false;
	enum picture_outcome outcome = find_or_copy(placer, placed);
	if (outcome != PICTURE_OK)
		return outcome;
	/* Crops may differ from what the decoder said when it asked for the buffer. */
	placed->epoch->shown_width_px = placed->picture.frame->width;
	placed->epoch->shown_height_px = placed->picture.frame->height;
	return PICTURE_OK;
}

void placer_release(struct placer *placer)
{
	av_frame_unref(placer->copy);
}

void placer_finish(struct placer *placer)
{
	av_frame_free(&placer->copy);
	converter_finish(&placer->converter);
}
