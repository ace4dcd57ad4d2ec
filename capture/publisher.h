/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The publisher takes pictures to the readers. It owns the epochs, one after the other under
 * the pool's one name.
 *
 * publisher_get_buffer() and publisher_source_lost() may be called from any thread, the rest
 * belongs to one thread.
 */
#ifndef CAPTURE_PUBLISHER_H
#define CAPTURE_PUBLISHER_H

#include <stdbool.h>

#include <libavcodec/avcodec.h>

#include <zoetrope/zoetrope.h>

#include "picture.h"
#include "placer.h"

struct publisher;
struct report;
struct settings;

/* NULL: no memory. The settings and the report must outlive it. */
struct publisher *publisher_create(const struct settings *settings, struct report *report);

/* What is known of the stream before its first picture: for those who list pools. */
void publisher_set_stream(struct publisher *publisher, AVRational time_base, AVRational sample_aspect);

/* AVCodecContext.get_buffer2, with the publisher as AVCodecContext.opaque. */
int publisher_get_buffer(AVCodecContext *codec, AVFrame *frame, int flags);

/* The source has no end of its own: whoever misses how the pool ends waits for the next. */
void publisher_set_live(struct publisher *publisher);

/* placer_get_frame() */
enum picture_outcome publisher_get_frame(struct publisher *publisher, AVFrame *frame);

/*
 * Get the picture into a slot, by copying or converting it if need be. The first one takes the
 * pool's name and waits for --wait-readers.
 */
enum picture_outcome publisher_place(struct publisher *publisher, const struct picture *picture, struct placed *placed);

/* Publish it. In a lossless pool waits for the readers. */
enum picture_outcome publisher_publish(struct publisher *publisher, struct placed *placed);

/*
 * The source gives nothing: why, and after how many tries; NULL: it is back. Where it has given nothing yet the pool is
 * there from now on, without frames. Any thread. 0, or what taking its name failed with (zoe_error()).
 */
int publisher_source_lost(struct publisher *publisher, const char *why, unsigned n_tries);

/* What was counted, for those who look. */
void publisher_tell_source(struct publisher *publisher);

/* The pool's counters; false before it has its name. */
bool publisher_get_stats(struct publisher *publisher, struct zoe_writer_stats *stats);

/* No picture follows, and why. */
void publisher_end(struct publisher *publisher, enum zoe_end end);

/*
 * Let the pool's name go, for a process that then exits at once, while the decoder may still run: what
 * its threads have stays, and they wait for ever for what they ask. Nothing else may follow.
 */
void publisher_abandon(struct publisher *publisher);

/* After the decoder is closed. Clears the pointer; NULL is fine. */
void publisher_destroy(struct publisher **publisher);

#endif
