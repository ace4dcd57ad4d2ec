/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One epoch of the pool seen from the decoder: a zoe_writer whose slots are AVBuffers.
 *
 * References to an epoch are counted: its owner has one reference and so has each buffer, because
 * decoders free buffers from any thread, also after the writer is destroyed.
 */
#ifndef CAPTURE_EPOCH_H
#define CAPTURE_EPOCH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <libavutil/frame.h>
#include <zoetrope/zoetrope.h>

#include "layout.h"

struct epoch;

/* A slot as the free callback of its buffer knows it. */
struct slot_buffer {
	struct epoch *epoch;
	uint32_t slot;
	bool published; /* since it was begun; publishing thread only */
	uint8_t *data;
	size_t size_bytes;
};

struct epoch {
	struct epoch *next; /* for the owner's list */
	struct layout layout;
	struct zoe_writer *writer;           /* NULL once closed */
	int shown_width_px, shown_height_px; /* of its pictures, cropped; publishing thread only */
	atomic_bool announced;               /* it has the name, or had it */
	bool reported;                       /* the report has its beginning */

	/* Private: */
	atomic_uint n_references;
	atomic_bool is_damaged;           /* its objects were destroyed: nothing more can be published in it */
	struct zoe_writer *let_go_writer; /* outlives the writer, for zoe_writer_let_go() alone */
	pthread_mutex_t lock;             /* the rest; no buffer is freed under it */
	AVBufferRef *kept[ZOE_MAX_SLOTS]; /* published ones, oldest first */
	uint32_t n_kept;
	uint32_t n_out;   /* slots that we hold, kept ones included */
	uint32_t n_known; /* slots that the pool has */
	struct slot_buffer buffers[ZOE_MAX_SLOTS];
};

/* Errors: those of zoe_writer_create(). */
int epoch_create(struct epoch **epoch, const char *name, const struct zoe_writer_options *options,
	const struct layout *layout);

/*
 * Give the frame a slot as its only buffer, planes set. Any thread; never waits.
 * Errors: those of zoe_writer_begin(), -ENOMEM.
 */
int epoch_get(struct epoch *epoch, AVFrame *frame);

/* The slot that the frame lies in, NULL if in none of this epoch's. */
struct slot_buffer *epoch_find_buffer(struct epoch *epoch, const AVFrame *frame);

/*
 * Publish the frame's slot and keep a reference to it: a decoder that paints its picture
 * anew when it believes to be the only owner then takes another buffer.
 * Errors: those of zoe_writer_publish(), -ENOMEM.
 */
int epoch_publish(struct epoch *epoch, const AVFrame *frame, struct slot_buffer *buffer,
	const struct zoe_frame_info *info, int64_t deadline_ns);

/* Destroy the writer, and let go of all that no decoder has. */
void epoch_close(struct epoch *epoch);

/* Of a closed epoch, let go of what decoders have given back since; true when nothing is left. */
bool epoch_sweep(struct epoch *epoch);

/* How many epochs there are: 0 once every reference to each, and with it every slot, has been given back. */
unsigned epoch_count(void);

/* Let go of everything and of the epoch. Clears the pointer; NULL is fine. */
void epoch_drop(struct epoch **epoch);

#endif
