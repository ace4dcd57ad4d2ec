/* SPDX-License-Identifier: BSD-2-Clause */
/* What a worker saw in a frame: a result, kept for as long as it is drawn. */
#ifndef DISPLAY_RESULT_H
#define DISPLAY_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include <zoetrope/result.h>

struct worker_result {
	char worker[ZOE_LABEL_BYTES];
	uint32_t seat;
	uint64_t epoch;
	uint64_t seq; /* of the frame that it is about */
	int64_t posted_ns;
	uint32_t n_marks;
	struct zoe_mark marks[];
};

/* A copy of the result, to be given to free(). NULL: no memory. */
struct worker_result *worker_result_copy(const struct zoe_result *result);

/* What is drawn over the picture: the last one on top. */
struct layer {
	const struct worker_result *result;
	uint8_t opacity; /* 255: not faded */
};

struct layers {
	size_t n;
	struct layer of[ZOE_MAX_SEATS + 1];
};

#endif
