/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which pictures a pass begins with: --seek, to the exact picture. A jump into the middle of a stream lands where
 * the container thinks that is fine; whether it was early enough shows when packets and pictures come. What was
 * decoded without its references is never shown: if the first whole picture is later than what was asked for,
 * decoding begins anew further back, in the end with the first packet. No I/O here.
 */
#ifndef CAPTURE_SEEK_H
#define CAPTURE_SEEK_H

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/packet.h>
#include <libavutil/frame.h>

struct seek {
	AVRational time_base; /* the stream's, and of what follows */
	int64_t start;        /* AV_NOPTS_VALUE: the first picture's, which is not known yet */
	int64_t target;       /* this much after the start */
	int64_t back;         /* decoding begins this much before the target; kept from pass to pass */
	int64_t key_pts;      /* what decoding began with after a jump */
	bool from_start;      /* with the first packet: all that comes is right */
	bool is_final;        /* there is no going further back */
	bool has_key, is_whole, has_arrived;
};

enum seek_verdict {
	SEEK_USE,          /* decode this packet; show this picture */
	SEEK_SKIP,         /* it is on the way */
	SEEK_FURTHER_BACK, /* it began too late */
	SEEK_FROM_START,   /* timestamps after a jump are guesses */
};

/* A new pass over the stream, which begins at start (AV_NOPTS_VALUE: unknown); time_ns 0: with its first picture. */
void seek_begin_pass(struct seek *seek, AVRational time_base, int64_t start, int64_t time_ns);

/* Where to jump to, as a timestamp; false: decoding is to begin with the first packet. */
bool seek_jump(struct seek *seek, int64_t *pts);

/* Begin further back the next time; or with the first packet. */
void seek_further_back(struct seek *seek);
void seek_from_start(struct seek *seek);

/* There is no way further back: what comes after a jump is taken, from the first whole picture on. */
void seek_take_what_comes(struct seek *seek);

/*
 * A packet that was read; is_dated: its timestamp is not known to be wrong. Never SEEK_FURTHER_BACK or
 * SEEK_FROM_START when it begins at the first packet.
 */
enum seek_verdict seek_judge_packet(struct seek *seek, const AVPacket *packet, bool is_dated);

/* A picture that was decoded, with its timestamp. reorders: the decoder gives pictures in another order than packets. */
enum seek_verdict seek_judge_picture(struct seek *seek, const AVFrame *frame, int64_t pts, bool reorders);

/* The input has ended. SEEK_SKIP: before that time. */
enum seek_verdict seek_judge_end(const struct seek *seek);

#endif
