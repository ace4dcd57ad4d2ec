/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --match: frames wait, in order, for one worker's result about exactly them. A state
 * machine that knows no pool and no clock.
 *
 * The oldest frame leaves when its result is there, or without one when none will come or
 * it has waited long enough: the worker has moved on to a later frame; `capacity` frames
 * wait; no frame came for MATCH_SILENCE_NS.
 *
 * Several readers of a group may be one worker, by one label, and overtake each other: a
 * worker has moved on when one of its seats has and none is about to. A seat that posted
 * nothing about the last MATCH_SEAT_FRAMES frames before this one is not waited for.
 */
#ifndef DISPLAY_MATCH_H
#define DISPLAY_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/frame.h>
#include <zoetrope/pool.h>

#include "result.h"

#define MATCH_MIN_FRAMES 2
#define MATCH_MAX_FRAMES ZOE_MAX_DEPTH /* so many wait here, and so many in the mailbox */
#define MATCH_SEAT_FRAMES 32
#define MATCH_SILENCE_NS INT64_C(2000000000)
#define MATCH_RESULTS (4 * MATCH_MAX_FRAMES)

struct match_pair {
	const struct zoe_frame *frame;
	int64_t number; /* what the caller knows the frame by */
	int64_t acquired_ns;
	struct worker_result *result; /* to be given to free(); NULL: none */
};

struct match {
	uint32_t capacity; /* MATCH_MIN_FRAMES to MATCH_MAX_FRAMES */
	uint32_t n_frames;
	struct match_pair frames[MATCH_MAX_FRAMES]; /* the oldest first; none has a result yet */
	int64_t frame_ns;                           /* when the newest came */
	uint32_t n_results;
	struct worker_result *results[MATCH_RESULTS]; /* in the order of posting */
	struct {
		uint64_t epoch, seq; /* of the newest frame that it posted about; epoch 0: none */
	} seats[ZOE_MAX_SEATS];
	uint64_t gone_epoch, gone_seq; /* of the last frame that went */
	uint64_t n_late;               /* results that came when their frame had gone */
};

void match_init(struct match *match, uint32_t capacity);

bool match_is_full(const struct match *match);

/* A frame was acquired, newer than all before, and has no result yet; not while it is full. */
void match_add_frame(struct match *match, const struct match_pair *pair);

/* The worker posted. Takes the result. */
void match_add_result(struct match *match, struct worker_result *result);

/* Let the oldest frame go, if it is its time. */
bool match_next(struct match *match, int64_t now_ns, struct match_pair *pair);

/* Free what results are left; the frames are the caller's. */
void match_finish(struct match *match);

#endif
