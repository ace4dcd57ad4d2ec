/* SPDX-License-Identifier: BSD-2-Clause */
/* Which part of a picture is shown, and which way up. */
#include <criterion/criterion.h>
#include <libavutil/display.h>

#include "geometry.h"

TestSuite(geometry, .timeout = 60);

static unsigned turned(double clockwise_deg)
{
	int32_t matrix[9];

	av_display_rotation_set(matrix, clockwise_deg);
	return geometry_rotation_deg(matrix);
}

/* A matrix that turns clockwise is said as the quarter nearest to it, from 0 to 270. */
Test(geometry, rotation_to_quarters)
{
	for (int quarter = -8; quarter <= 8; quarter++) {
		unsigned expected = (unsigned)(quarter + 8) % 4 * 90;
		for (int off = -44; off <= 44; off += 22)
			cr_assert(turned(quarter * 90 + off) == expected, "%d + %d: %u", quarter * 90, off,
				turned(quarter * 90 + off));
	}
}

/* Without a matrix, or by one that turns nothing into anything, a picture stands as it is. */
Test(geometry, rotation_of_nothing)
{
	static const int32_t singular[9];

	cr_assert(geometry_rotation_deg(NULL) == 0);
	cr_assert(geometry_rotation_deg(singular) == 0);
}

static struct picture cropped(size_t left, size_t top, size_t right, size_t bottom)
{
	struct picture picture = { .frame = av_frame_alloc() };
	AVFrame *frame = picture.frame;

	cr_assert(frame);
	frame->format = AV_PIX_FMT_YUV420P;
	frame->width = 256;
	frame->height = 64;
	cr_assert(av_frame_get_buffer(frame, 0) == 0);
	frame->crop_left = left;
	frame->crop_top = top;
	frame->crop_right = right;
	frame->crop_bottom = bottom;
	geometry_crop(&picture);
	cr_assert(picture.coded_width_px == 256 && picture.coded_height_px == 64);
	return picture;
}

static void check(struct picture *picture, int left, int top, int width, int height)
{
	AVFrame *frame = picture->frame;
	ptrdiff_t at = frame->data[0] - frame->buf[0]->data;

	cr_assert(picture->crop_left_px == left && picture->crop_top_px == top, "from %d, %d", picture->crop_left_px,
		picture->crop_top_px);
	cr_assert(frame->width == width && frame->height == height, "%dx%d", frame->width, frame->height);
	cr_assert(at % frame->linesize[0] == left && at / frame->linesize[0] == top, "at %td", at);
	av_frame_free(&picture->frame);
}

/* A picture without a crop is shown whole. */
Test(geometry, crop_nothing)
{
	struct picture picture = cropped(0, 0, 0, 0);
	check(&picture, 0, 0, 256, 64);
}

/* All four sides are cut, and the visible part begins where it is said to. */
Test(geometry, crop_each_side)
{
	struct picture picture = cropped(128, 2, 6, 4);
	check(&picture, 128, 2, 122, 58);
}

/* A left edge that would lose its alignment stays, and what is said of it is where it is. */
Test(geometry, crop_keeps_alignment)
{
	struct picture picture = cropped(6, 2, 6, 4);
	check(&picture, 0, 2, 250, 58);
}

/* A crop that would leave nothing is not believed. */
Test(geometry, crop_too_much)
{
	struct picture picture = cropped(200, 0, 100, 0);
	check(&picture, 0, 0, 256, 64);
}
