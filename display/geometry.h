/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a picture goes: its upright size with square pixels, and its place in a window. */
#ifndef DISPLAY_GEOMETRY_H
#define DISPLAY_GEOMETRY_H

#include <stdint.h>

#include <zoetrope/frame.h>

struct area {
	int x, y, width, height;
};

/* The size at which a frame is shown: sample aspect applied to its width, then turned upright. */
void geometry_upright(const struct zoe_frame_info *info, int *width, int *height);

/* The largest area of the aspect width : height in the middle of an outer one. */
struct area geometry_fit(int width, int height, int outer_width, int outer_height);

/* The same area before a turn by rotation_deg about its centre. */
struct area geometry_unturned(struct area area, uint32_t rotation_deg);

#endif
