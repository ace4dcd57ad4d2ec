/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a picture goes: its upright size with square pixels, its place in a window, and a spot of it there. */
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

struct spot {
	double x, y;
};

/*
 * Where in the window a spot of the coded picture is (fractions of its width and height, 0 to
 * 1), when the picture, turned by rotation_deg, fills `area`.
 */
struct spot geometry_place(struct area area, uint32_t rotation_deg, struct spot coded);

#endif
