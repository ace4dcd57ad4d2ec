/* SPDX-License-Identifier: BSD-2-Clause */
/* What a decoder that cannot keep up with a live source leaves out, and what is to be done around that. */
#ifndef CAPTURE_CATCH_UP_H
#define CAPTURE_CATCH_UP_H

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>

#include "damage.h"
#include "lag.h"
#include "report.h"
#include "timeline.h"

struct catch_up {
	struct lag lag;
	bool is_emptying; /* what the decoder still has is let out, before it begins anew */

	/* Private: */
	bool is_dated;
	enum AVDiscard own_discard; /* the decoder's, as the user has it */
	int64_t dropped_at_ns;      /* the lag with which dropping began */
	int n_inside;               /* pictures that are still to come out of the decoder */
};

/*
 * For this decoder, which has had no packet yet. max_ns 0: it is given all. So it is where the input is not dated: read
 * when it is due, or without times of its own.
 */
void catch_up_begin(struct catch_up *catch_up, const AVCodecContext *decoder, bool is_dated, int64_t max_ns);

/*
 * A packet was read just now, having been waited for so long. True: the decoder is to have it, and is set up for that;
 * then catch_up_given(). False: it is left out, and where that begins the decoder was told to give what it has.
 */
bool catch_up_wants(struct catch_up *catch_up, AVCodecContext *decoder, const AVPacket *packet, int64_t waited_ns,
	struct timeline *timeline, struct damage *damage, struct counters *counters);
void catch_up_given(struct catch_up *catch_up);

/* A picture came out of the decoder; none does before it has another packet. */
void catch_up_picture(struct catch_up *catch_up);
void catch_up_idle(struct catch_up *catch_up, const AVCodecContext *decoder, struct counters *counters);

/* Let out what the decoder still has: it is to begin anew with the next packet that it is given. */
void catch_up_empty(struct catch_up *catch_up, AVCodecContext *decoder);

/* The decoder has come to an end. True: not for good, but since it was emptied; it is ready for the next. */
bool catch_up_emptied(struct catch_up *catch_up, AVCodecContext *decoder);

/* The owner flushed it: it has nothing. */
void catch_up_flushed(struct catch_up *catch_up);

#endif
