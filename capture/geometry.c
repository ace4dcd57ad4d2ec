/* SPDX-License-Identifier: BSD-2-Clause */
#include "geometry.h"

#include <math.h>

#include <libavutil/display.h>

struct orientation geometry_orientation(const int32_t *matrix)
{
	double counterclockwise = matrix ? av_display_rotation_get(matrix) : NAN;

	if (isnan(counterclockwise))
		return (struct orientation){ 0 };
	/* By a negative determinant it mirrors; where the picture's right edge goes is then where its left one was. */
	bool mirrored = (double)matrix[0] * matrix[4] < (double)matrix[1] * matrix[3];
	long quarters = lround(-counterclockwise / 90.0) + (mirrored ? 2 : 0);
	return (struct orientation){ .rotation_deg = (unsigned)((quarters % 4 + 4) % 4) * 90, .mirrored = mirrored };
}

void geometry_crop(struct picture *picture)
{
	AVFrame *frame = picture->frame;

	picture->coded_width_px = frame->width;
	picture->coded_height_px = frame->height;
	int right = (int)frame->crop_right, bottom = (int)frame->crop_bottom;
	if (av_frame_apply_cropping(frame, 0) < 0)
		return;
	/* The left edge is moved less than asked for where its address would lose its alignment. */
	picture->crop_left_px = picture->coded_width_px - right - frame->width;
	picture->crop_top_px = picture->coded_height_px - bottom - frame->height;
}
