/* SPDX-License-Identifier: BSD-2-Clause */
#include "geometry.h"

#include <math.h>

#include <libavutil/display.h>

unsigned geometry_rotation_deg(const int32_t *matrix)
{
	double counterclockwise = matrix ? av_display_rotation_get(matrix) : 0;

	if (isnan(counterclockwise))
		return 0;
	return (unsigned)((lround(-counterclockwise / 90.0) % 4 + 4) % 4) * 90;
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
