/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a picture goes: its upright size with square pixels, its place in a window, and a spot of it there. */
#ifndef DISPLAY_GEOMETRY_H
#define DISPLAY_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/frame.h>

struct area {
	int x, y, width, height;
};

/* What shows a picture upright: mirror it left to right, if that is said, and then turn it clockwise. */
struct orientation {
	uint32_t rotation_deg;
	bool mirrored;
};

struct orientation geometry_orientation(const struct zoe_frame_info *info);

/* True where a turn exchanges width and height. */
bool geometry_lies_on_its_side(struct orientation orientation);

/* The size at which a frame is shown: sample aspect applied to its width, then turned upright. */
void geometry_upright(const struct zoe_frame_info *info, int *width, int *height);

/* The largest area of the aspect width : height in the middle of an outer one. */
struct area geometry_fit(int width, int height, int outer_width, int outer_height);

/* The same area before its turn about its centre. */
struct area geometry_unturned(struct area area, struct orientation orientation);

struct spot {
	double x, y;
};

/*
 * Where in the window a spot of the coded picture is (fractions of its width and height, 0 to
 * 1), when the picture, mirrored and turned, fills `area`.
 */
struct spot geometry_place(struct area area, struct orientation orientation, struct spot coded);

#endif
