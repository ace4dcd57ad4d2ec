/* SPDX-License-Identifier: BSD-2-Clause */
/* Where two frames differ: block by block in luma, neighbouring blocks joined into boxes. */
#ifndef MOTION_BLOCKS_H
#define MOTION_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/frame.h>

struct motion_box {
	uint32_t x, y, width, height; /* in pixels */
};

/* Zeroes but for block_px are an empty start. */
struct motion {
	uint32_t block_px;
	uint32_t threshold;     /* a block moves when its mean differs by more levels of 255 */
	uint32_t columns, rows; /* of the grid that fits the last frame */
	uint8_t *moving;        /* one a block; motion_next_box() takes the marks away again */
	uint32_t *stack;
};

/* True when the first plane of such a frame can be read as luma, and is as large as the picture. */
bool motion_understands(const struct zoe_frame_info *info);

/*
 * Mark the blocks in which the two frames, alike in size and format, differ. Returns how
 * much of the picture that is, 0 to 1, or below 0 when there is no memory.
 */
double motion_compare(struct motion *motion, const struct zoe_frame *a, const struct zoe_frame *b);

/* The box around the next moving blocks that touch each other; false when there is none left. */
bool motion_next_box(struct motion *motion, const struct zoe_frame *frame, struct motion_box *box);

void motion_finish(struct motion *motion);

#endif
