/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --verify: the test picture carries its number in every row, so a frame can be proved
 * whole when it is acquired, unchanged while it is held, and newer than the one before.
 */
#ifndef DISPLAY_VERIFY_H
#define DISPLAY_VERIFY_H

#include <stdint.h>

#include <zoetrope/frame.h>

#include "result.h"

struct verify {
	uint64_t epoch;   /* of the last frame; 0: none yet */
	int64_t number;   /* of the last whole picture of this epoch; -1: none yet */
	int64_t acquired; /* number read at the last acquire; -1: not whole */
	uint64_t checked;
	uint64_t torn;        /* rows disagree, at acquire or at release */
	uint64_t changed;     /* whole both times, with another number */
	uint64_t repeated;    /* a number that does not rise */
	uint64_t mislabelled; /* the number is not the one that the frame's time says */
	uint64_t mismatched;  /* a result shown with the frame is about another one */
};

/*
 * Check a frame just acquired. Errors, said on stderr: -EINVAL a format or size that no
 * test picture has.
 */
int verify_acquired(struct verify *verify, const struct zoe_frame *frame);

/* Check the same frame once more before it is released, with the number read at acquire. */
void verify_released(struct verify *verify, const struct zoe_frame *frame, int64_t acquired);

/*
 * Check that this result, shown with the frame, is about the frame. Its first mark's id, if it
 * has one, is taken for the number that the worker read from the picture.
 */
void verify_matched(struct verify *verify, const struct zoe_frame *frame, int64_t acquired,
	const struct worker_result *result);

/* 0 when there were frames and each was right; otherwise -EBADMSG, having said what was wrong. */
int verify_conclude(const struct verify *verify, const char *name);

#endif
