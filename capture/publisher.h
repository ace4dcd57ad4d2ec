/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stage: gives decoders slots to decode into, and publishes what comes out. It owns
 * the epochs, one after the other under the pool's one name.
 *
 * stage_get_buffer() and stage_source_lost() may be called from any thread, the rest
 * belongs to one thread.
 */
#ifndef CAPTURE_STAGE_H
#define CAPTURE_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>

#include <zoetrope/zoetrope.h>

#include "picture.h"

struct epoch;
struct report;
struct room;
struct settings;
struct stage;

/* What the outcome of placing or publishing a picture may be. */
enum stage_outcome {
	STAGE_OK,
	STAGE_DROPPED, /* no slot was free */
	STAGE_STOPPED, /* somebody asked to stop while it waited */
	STAGE_FAILED,  /* the reason was printed */
};

/* A picture that lies in a slot. */
struct placed {
	struct picture picture;
	struct epoch *epoch;
	struct room *room;
	struct zoe_frame_info info; /* planes set */
	bool converted;
};

/* NULL: no memory. The settings and the report must outlive it. */
struct stage *stage_create(const struct settings *settings, struct report *report);

/* What is known of the stream before its first picture: for those who list pools. */
void stage_set_stream(struct stage *stage, AVRational time_base, AVRational sample_aspect);

/* AVCodecContext.get_buffer2, with the stage as AVCodecContext.opaque. */
int stage_get_buffer(AVCodecContext *codec, AVFrame *frame, int flags);

/*
 * Room for a picture that is drawn, its format and size set in the frame. In a lossless
 * pool waits for it. STAGE_DROPPED: it has to be drawn elsewhere, since no slot is free
 * or it will be converted.
 */
enum stage_outcome stage_get_frame(struct stage *stage, AVFrame *frame);

/*
 * See to it that the picture lies in a slot, copying or converting it if need be. The
 * first one takes the pool's name and waits for --wait-readers.
 */
enum stage_outcome stage_place(struct stage *stage, const struct picture *picture, struct placed *placed);

/* Publish it. In a lossless pool waits for the readers. */
enum stage_outcome stage_publish(struct stage *stage, struct placed *placed);

/* The source gives nothing, or is back. */
void stage_source_lost(struct stage *stage, bool lost);

/* The pool's counters; false before it has its name. */
bool stage_get_stats(struct stage *stage, struct zoe_writer_stats *stats);

/* No picture follows. */
void stage_end(struct stage *stage);

/* After the decoder is closed. Clears the pointer; NULL is fine. */
void stage_destroy(struct stage **stage);

#endif
