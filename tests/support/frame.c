/* SPDX-License-Identifier: BSD-2-Clause */
#include "frame.h"

#include <string.h>

struct zoe_frame_info gray_frame(uint32_t width_px, uint32_t height_px)
{
	return (struct zoe_frame_info){
		.width_px = width_px,
		.height_px = height_px,
		.format = "gray",
		.n_planes = 1,
		.planes = { { .stride_bytes = width_px, .row_bytes = width_px, .rows = height_px } },
	};
}

int publish_gray(struct zoe_writer *writer, uint32_t width_px, uint32_t height_px, int value)
{
	const struct zoe_frame_info info = gray_frame(width_px, height_px);
	struct zoe_slot slot;

	int error = zoe_writer_begin(writer, &slot);
	if (error)
		return error;
	memset(slot.data, value, (size_t)width_px * height_px);
	error = zoe_writer_publish(writer, slot.index, &info, 0, ZOE_POLL);
	if (error)
		zoe_writer_let_go(writer, slot.index);
	return error;
}
