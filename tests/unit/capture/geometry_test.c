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
	struct orientation orientation = geometry_orientation(matrix);
	cr_assert(!orientation.mirrored);
	return orientation.rotation_deg;
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

	struct orientation none = geometry_orientation(NULL), flat = geometry_orientation(singular);
	cr_assert(none.rotation_deg == 0 && !none.mirrored);
	cr_assert(flat.rotation_deg == 0 && !flat.mirrored);
}

/* Where a matrix puts a spot, from -1 to 1 about the middle, is where mirroring and then turning puts it. */
static bool puts_as(const int32_t *matrix, struct orientation orientation, int x, int y)
{
	int to_x = matrix[0] * x + matrix[3] * y, to_y = matrix[1] * x + matrix[4] * y;
	int at_x = orientation.mirrored ? -x : x, at_y = y;

	for (unsigned turn = 0; turn < orientation.rotation_deg; turn += 90) {
		int before = at_x;
		at_x = -at_y;
		at_y = before;
	}
	return at_x == to_x && at_y == to_y;
}

/* Each of the eight ways to lay a picture on its grid is said as a turn, of four of them mirrored. */
Test(geometry, eight_orientations)
{
	static const int32_t ways[8][4] = { { 1, 0, 0, 1 }, { 0, 1, -1, 0 }, { -1, 0, 0, -1 }, { 0, -1, 1, 0 },
		{ -1, 0, 0, 1 }, { 0, -1, -1, 0 }, { 1, 0, 0, -1 }, { 0, 1, 1, 0 } };

	for (unsigned i = 0; i < 8; i++) {
		int32_t matrix[9] = { ways[i][0], ways[i][1], 0, ways[i][2], ways[i][3], 0, 0, 0, 1 };
		struct orientation orientation = geometry_orientation(matrix);
		cr_assert(orientation.rotation_deg == i % 4 * 90 && orientation.mirrored == (i >= 4), "way %u", i);
		cr_assert(puts_as(matrix, orientation, 1, 0) && puts_as(matrix, orientation, 0, 1), "way %u", i);
	}
}

/* The largest numbers of a file neither overflow nor confuse it. */
Test(geometry, orientation_by_extreme_numbers)
{
	static const int32_t matrix[9] = { INT32_MIN, 0, 0, 0, INT32_MAX, 0, 0, 0, 1 };
	struct orientation orientation = geometry_orientation(matrix);

	cr_assert(orientation.rotation_deg == 0 && orientation.mirrored);
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
