/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The publisher gives decoders slots to decode into, and publishes what comes out. It owns
 * the epochs, one after the other under the pool's one name.
 *
 * publisher_get_buffer() and publisher_source_lost() may be called from any thread, the rest
 * belongs to one thread.
 */
#ifndef CAPTURE_PUBLISHER_H
#define CAPTURE_PUBLISHER_H

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>

#include <zoetrope/zoetrope.h>

#include "picture.h"

struct epoch;
struct publisher;
struct report;
struct settings;
struct slot_buffer;

/* A picture that lies in a slot. */
struct placed {
	struct picture picture;
	struct epoch *epoch;
	struct slot_buffer *buffer;
	struct zoe_frame_info info; /* planes set */
	bool converted;
};

/* NULL: no memory. The settings and the report must outlive it. */
struct publisher *publisher_create(const struct settings *settings, struct report *report);

/* What is known of the stream before its first picture: for those who list pools. */
void publisher_set_stream(struct publisher *publisher, AVRational time_base, AVRational sample_aspect);

/* AVCodecContext.get_buffer2, with the publisher as AVCodecContext.opaque. */
int publisher_get_buffer(AVCodecContext *codec, AVFrame *frame, int flags);

/*
 * A slot for a picture that is drawn, its format and size set in the frame. In a lossless
 * pool waits for it. PICTURE_DROPPED: it has to be drawn elsewhere, since no slot is free
 * or it will be converted.
 */
enum picture_outcome publisher_get_frame(struct publisher *publisher, AVFrame *frame);

/*
 * See to it that the picture lies in a slot, copying or converting it if need be. The
 * first one takes the pool's name and waits for --wait-readers.
 */
enum picture_outcome publisher_place(struct publisher *publisher, const struct picture *picture, struct placed *placed);

/* Publish it. In a lossless pool waits for the readers. */
enum picture_outcome publisher_publish(struct publisher *publisher, struct placed *placed);

/* The source gives nothing, or is back. */
void publisher_source_lost(struct publisher *publisher, bool lost);

/* The pool's counters; false before it has its name. */
bool publisher_get_stats(struct publisher *publisher, struct zoe_writer_stats *stats);

/* No picture follows. */
void publisher_end(struct publisher *publisher);

/* After the decoder is closed. Clears the pointer; NULL is fine. */
void publisher_destroy(struct publisher **publisher);

#endif
