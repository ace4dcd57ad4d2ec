/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The epochs under a pool's one name, in the order in which their frames come out: the
 * first has the name, those behind it are prepared, because decoders ask for buffers of
 * a new size while old frames are still to come.
 *
 * Buffers are asked for from any thread: chain_lock() around everything but
 * chain_init() and chain_finish(). Only the publishing thread takes epochs out.
 */
#ifndef CAPTURE_CHAIN_H
#define CAPTURE_CHAIN_H

#include <pthread.h>
#include <stdbool.h>

#include "epoch.h"
#include "settings.h"

struct chain {
	const struct settings *settings;
	struct zoe_frame_info stream; /* for those who list pools; shape apart */
	pthread_mutex_t lock;
	struct epoch *first, *last;
	struct epoch *retired; /* closed, but a decoder still has published slots of theirs */
};

void chain_init(struct chain *chain, const struct settings *settings);

void chain_lock(struct chain *chain);
void chain_unlock(struct chain *chain);

/*
 * Prepare an epoch behind the last, of whose slots the source keeps up to n_reserved.
 * Errors: those of zoe_writer_create().
 */
int chain_prepare(struct chain *chain, const struct layout *layout, uint32_t n_reserved, struct epoch **epoch);

/* The epoch and slot that the frame lies in; NULL if in none of the chain's. */
struct epoch *chain_find(struct chain *chain, const AVFrame *frame, struct slot_buffer **buffer);

/* An epoch whose pictures have the frame's shape; NULL if there is none. */
struct epoch *chain_find_alike(struct chain *chain, const AVFrame *frame);

/* Take out the epochs before this one. */
void chain_advance(struct chain *chain, struct epoch *to);

/* Take out the epochs that have not the name. */
void chain_drop_prepared(struct chain *chain);

/* Let go of what decoders have given back of epochs taken out. */
void chain_sweep(struct chain *chain);

/* Destroy everything; no decoder may be at work. */
void chain_finish(struct chain *chain);

#endif
