/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The placer gets pictures into slots: it gives decoders slots to decode into, and copies or
 * converts what does not lie in one.
 *
 * placer_get_buffer() may be called from any thread, the rest belongs to one thread.
 */
#ifndef CAPTURE_PLACER_H
#define CAPTURE_PLACER_H

#include <stdbool.h>

#include <libavcodec/avcodec.h>

#include <zoetrope/zoetrope.h>

#include "convert.h"
#include "picture.h"

struct epoch;
struct epoch_list;
struct report;
struct settings;
struct slot_buffer;

struct placer {
	const struct settings *settings;
	struct report *report;
	struct epoch_list *epochs;
	struct converter converter;
	AVFrame *copy;    /* a picture that was not decoded in place, on its way */
	bool is_shm_full; /* the last time no slot was free, it was for want of shared memory */
};

/* A picture that lies in a slot. */
struct placed {
	struct picture picture;
	struct epoch *epoch;
	struct slot_buffer *buffer;
	struct zoe_frame_info info; /* planes set */
	bool converted;
};

/* The last three must outlive it. 0 or -ENOMEM; placer_finish() is needed in any case. */
int placer_init(struct placer *placer, const struct settings *settings, struct report *report,
	struct epoch_list *epochs);

/* For AVCodecContext.get_buffer2: a slot, or memory of FFmpeg's own when there is none. */
int placer_get_buffer(struct placer *placer, AVCodecContext *codec, AVFrame *frame, int flags);

/*
 * A slot for a picture that is drawn, its format and size set in the frame. While a lossless
 * reader is there waits for it. PICTURE_DROPPED: it has to be drawn elsewhere, since no slot is free
 * or it will be converted.
 */
enum picture_outcome placer_get_frame(struct placer *placer, AVFrame *frame);

/* Get the picture into a slot, by copying or converting it where it does not lie in one. */
enum picture_outcome placer_place(struct placer *placer, const struct picture *picture, struct placed *placed);

/* What was placed is published: let go of the copy, if it was one. */
void placer_release(struct placer *placer);

void placer_finish(struct placer *placer);

#endif
