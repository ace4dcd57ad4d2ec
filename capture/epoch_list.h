/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The epochs under a pool's one name, in the order in which their frames come out: the
 * first has the name, those behind it are prepared, because decoders ask for buffers of
 * a new size while old frames are still to come.
 *
 * Buffers are asked for from any thread: epoch_list_lock() around everything but
 * epoch_list_init() and epoch_list_finish(). Only the publishing thread takes epochs out.
 */
#ifndef CAPTURE_EPOCH_LIST_H
#define CAPTURE_EPOCH_LIST_H

#include <pthread.h>
#include <stdbool.h>

#include "epoch.h"
#include "settings.h"

struct epoch_list {
	const struct settings *settings;
	struct zoe_frame_info stream; /* for those who list pools; shape apart */
	enum zoe_end end;             /* what is said of an epoch that ends before its owner could say why */
	pthread_mutex_t lock;
	struct epoch *first, *last;
	struct epoch *retired; /* closed, but a decoder still has published slots of theirs */
};

void epoch_list_init(struct epoch_list *list, const struct settings *settings);

void epoch_list_lock(struct epoch_list *list);
void epoch_list_unlock(struct epoch_list *list);

/*
 * Prepare an epoch behind the last, of whose slots the source keeps up to n_reserved.
 * Errors: those of zoe_writer_create().
 */
int epoch_list_prepare(struct epoch_list *list, const struct layout *layout, uint32_t n_reserved, struct epoch **epoch);

/*
 * Take the name, with an epoch that has no frames, where none has been prepared yet: the source is away, and its shape
 * not known. Errors: those of zoe_writer_create() and zoe_writer_announce().
 */
int epoch_list_announce_empty(struct epoch_list *list);

/* The epoch and slot that the frame lies in; NULL if in none of the list's. */
struct epoch *epoch_list_find(struct epoch_list *list, const AVFrame *frame, struct slot_buffer **buffer);

/* An epoch, not a damaged one, whose pictures have the frame's shape; NULL if there is none. */
struct epoch *epoch_list_find_alike(struct epoch_list *list, const AVFrame *frame);

/* True while a lossless reader has a seat in one of them. */
bool epoch_list_has_lossless(const struct epoch_list *list);

/* Take out the epochs before this one. */
void epoch_list_advance(struct epoch_list *list, struct epoch *to);

/* Take out the epochs that have not the name. */
void epoch_list_drop_prepared(struct epoch_list *list);

/* Let go of what decoders have given back of epochs taken out. */
void epoch_list_sweep(struct epoch_list *list);

/* Destroy everything; no decoder may be at work. */
void epoch_list_finish(struct epoch_list *list);

#endif
