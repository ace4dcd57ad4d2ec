/* SPDX-License-Identifier: BSD-2-Clause */
#include "motion_blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How luma lies in the first plane. */
struct luma {
	uint32_t step_bytes, first_byte;
	unsigned shift; /* from two bytes down to 8 bits; 0: one byte a sample */
};

/* Packed and semi-planar formats stand in a table; "yuv…p", "gray" and their depths go by rule. */
static bool find_luma(const char *format, struct luma *luma)
{
	static const struct {
		const char *format;
		struct luma luma;
	} known[] = {
		{ "nv12", { 1, 0, 0 } },
		{ "nv21", { 1, 0, 0 } },
		{ "nv16", { 1, 0, 0 } },
		{ "nv24", { 1, 0, 0 } },
		{ "nv42", { 1, 0, 0 } },
		{ "p010le", { 2, 0, 8 } },
		{ "p012le", { 2, 0, 8 } },
		{ "p016le", { 2, 0, 8 } },
		{ "p210le", { 2, 0, 8 } },
		{ "yuyv422", { 2, 0, 0 } },
		{ "yvyu422", { 2, 0, 0 } },
		{ "uyvy422", { 2, 1, 0 } },
	};
	const char *depth = NULL;
	unsigned bits;
	int end = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].format, format) == 0) {
			*luma = known[i].luma;
			return true;
		}
	}
	if (strncmp(format, "gray", 4) == 0)
		depth = format + 4;
	else if (strncmp(format, "yuv", 3) == 0 && strrchr(format, 'p'))
		depth = strrchr(format, 'p') + 1;
	if (!depth)
		return false;
	*luma = (struct luma){ 1, 0, 0 };
	if (*depth == '\0')
		return true;
	if (sscanf(depth, "%2ule%n", &bits, &end) != 1 || end == 0 || depth[end] || bits < 9 || bits > 16)
		return false;
	*luma = (struct luma){ 2, 0, bits - 8 };
	return true;
}

bool motion_understands(const struct zoe_frame_info *info)
{
	const struct zoe_plane *plane = &info->planes[0];
	struct luma luma;

	return find_luma(info->format, &luma) && plane->rows >= info->height_px &&
		plane->row_bytes >= (uint64_t)info->width_px * luma.step_bytes;
}

static int sample(const uint8_t *at, unsigned shift)
{
	return shift ? (at[0] | at[1] << 8) >> shift : at[0];
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The mean difference of the block whose first pixel is at left, top. */
static uint32_t difference(const struct zoe_frame *a, const struct zoe_frame *b, const struct luma *luma, uint32_t left,
	uint32_t top, uint32_t block_px)
{
	uint32_t right = least(left + block_px, a->info.width_px);
	uint32_t bottom = least(top + block_px, a->info.height_px), sum = 0;

	for (size_t y = top; y < bottom; y++) {
		size_t skip = (size_t)left * luma->step_bytes + luma->first_byte;
		const uint8_t *p = a->data[0] + y * a->info.planes[0].stride_bytes + skip;
		const uint8_t *q = b->data[0] + y * b->info.planes[0].stride_bytes + skip;

		for (uint32_t x = left; x < right; x++, p += luma->step_bytes, q += luma->step_bytes)
			sum += (uint32_t)abs(sample(p, luma->shift) - sample(q, luma->shift));
	}
	return sum / ((right - left) * (bottom - top));
}

static bool fit_grid(struct motion *motion, const struct zoe_frame_info *info)
{
	uint32_t columns = (info->width_px + motion->block_px - 1) / motion->block_px;
	uint32_t rows = (info->height_px + motion->block_px - 1) / motion->block_px;

	if (motion->moving && columns == motion->columns && rows == motion->rows)
		return true;
	motion_finish(motion);
	motion->columns = columns;
	motion->rows = rows;
	motion->moving = calloc((size_t)columns * rows, sizeof(*motion->moving));
	motion->stack = calloc((size_t)columns * rows, sizeof(*motion->stack));
	return motion->moving && motion->stack;
}

double motion_compare(struct motion *motion, const struct zoe_frame *a, const struct zoe_frame *b)
{
	struct luma luma;
	uint32_t n_moving = 0, n_blocks;

	if (!find_luma(a->info.format, &luma) || !fit_grid(motion, &a->info))
		return -1;
	n_blocks = motion->columns * motion->rows;
	for (uint32_t i = 0; i < n_blocks; i++) {
		uint32_t left = i % motion->columns * motion->block_px;
		uint32_t top = i / motion->columns * motion->block_px;

		motion->moving[i] = difference(a, b, &luma, left, top, motion->block_px) > motion->threshold;
		n_moving += motion->moving[i];
	}
	return (double)n_moving / n_blocks;
}

/* Put the moving blocks around one on the stack, unmarked. */
static uint32_t push_neighbours(struct motion *motion, uint32_t column, uint32_t row, uint32_t n)
{
	for (uint32_t y = row - (row > 0); y <= row + 1 && y < motion->rows; y++) {
		for (uint32_t x = column - (column > 0); x <= column + 1 && x < motion->columns; x++) {
			uint32_t block = y * motion->columns + x;

			if (motion->moving[block])
				motion->stack[n++] = block;
			motion->moving[block] = 0;
		}
	}
	return n;
}

bool motion_next_box(struct motion *motion, const struct zoe_frame *frame, struct motion_box *box)
{
	uint32_t n_blocks = motion->columns * motion->rows, first = 0, n = 0;
	uint32_t left, right = 0, top, bottom = 0;

	while (first < n_blocks && !motion->moving[first])
		first++;
	if (first == n_blocks)
		return false;
	left = first % motion->columns;
	top = first / motion->columns;
	motion->moving[first] = 0;
	motion->stack[n++] = first;
	while (n > 0) {
		uint32_t block = motion->stack[--n];
		uint32_t column = block % motion->columns, row = block / motion->columns;

		left = least(left, column);
		right = column > right ? column : right;
		bottom = row > bottom ? row : bottom;
		n = push_neighbours(motion, column, row, n);
	}
	box->x = left * motion->block_px;
	box->y = top * motion->block_px;
	box->width = least((right + 1) * motion->block_px, frame->info.width_px) - box->x;
	box->height = least((bottom + 1) * motion->block_px, frame->info.height_px) - box->y;
	return true;
}

void motion_finish(struct motion *motion)
{
	free(motion->moving);
	free(motion->stack);
	motion->moving = NULL;
	motion->stack = NULL;
}
