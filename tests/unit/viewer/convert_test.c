/* SPDX-License-Identifier: BSD-2-Clause */
/* One colour of many kinds, as it comes out of the converter. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"

#define WIDTH 66
#define HEIGHT 50

static uint8_t planes[3][2 * WIDTH * HEIGHT];
static uint8_t rgb[4 * WIDTH * HEIGHT];
static struct zoe_frame frame;

/* A frame of three full planes of 8 bits, or little-endian of more, each of one value. */
static void paint(const char *format, uint32_t matrix, uint32_t range, const unsigned *values)
{
	unsigned n_bytes = values[0] > 255 || values[1] > 255 || values[2] > 255 ? 2 : 1;

	frame = (struct zoe_frame){ .info = { .width_px = WIDTH, .height_px = HEIGHT, .n_planes = 3 } };
	snprintf(frame.info.format, sizeof(frame.info.format), "%s", format);
	frame.info.matrix = matrix;
	frame.info.range = range;
	for (int p = 0; p < 3; p++) {
		for (size_t i = 0; i < WIDTH * HEIGHT * n_bytes; i++)
			planes[p][i] = (uint8_t)(values[p] >> (n_bytes == 2 && i % 2 ? 8 : 0));
		frame.info.planes[p] = (struct zoe_plane){ .stride_bytes = WIDTH * n_bytes,
			.row_bytes = WIDTH * n_bytes,
			.rows = HEIGHT };
		frame.data[p] = planes[p];
	}
}

/* The colour in the middle of what comes out, with so many pixels at most in a row. */
static uint32_t converted(int limit_px)
{
	struct upload_route route;
	struct converter *converter = NULL;
	uint32_t pixel, last;

	cr_assert(upload_route_choose(&frame.info, (struct texture_limit){ limit_px, limit_px }, &route) == 0);
	cr_assert(route.upload == UPLOAD_CONVERTED && converter_create(&converter, &frame.info, &route) == 0);
	memset(rgb, 7, sizeof(rgb));
	cr_assert(converter_run(converter, &frame, rgb, 4 * route.width_px) == 0);
	converter_destroy(&converter);
	size_t n_pixels = (size_t)route.width_px * (size_t)route.height_px;
	memcpy(&pixel, rgb + n_pixels / 2 * 4, 4);
	memcpy(&last, rgb + (n_pixels - 1) * 4, 4);
	cr_assert(pixel == last, "%08x is not %08x, that of the last pixel", pixel, last);
	return pixel;
}

static bool is_near(uint32_t a, uint32_t b)
{
	for (int shift = 0; shift < 32; shift += 8)
		if (abs((int)(a >> shift & 255) - (int)(b >> shift & 255)) > 3)
			return false;
	return true;
}

TestSuite(convert);

/* RGB of 10 bits keeps its colours, whatever matrix or height it has. */
Test(convert, deep_rgb)
{
	static const unsigned green[] = { 753, 0, 0 }, blue[] = { 0, 753, 0 };

	for (uint32_t matrix = 0; matrix < 3; matrix++) {
		paint("gbrp10le", matrix, ZOE_RANGE_FULL, green);
		frame.info.height_px = HEIGHT;
		cr_assert(is_near(converted(0), 0xff00bc00), "%08x", converted(0));
		paint("gbrp10le", matrix, ZOE_RANGE_UNKNOWN, blue);
		cr_assert(is_near(converted(0), 0xff0000bc), "%08x", converted(0));
	}
}

/* YCgCo, which libswscale does not know, in both ranges. */
Test(convert, ycgco)
{
	static const struct {
		unsigned full[3], limited[3];
		uint32_t rgb;
	} colours[] = {
		{ { 64, 64, 255 }, { 71, 72, 240 }, 0xffff0000 },
		{ { 128, 255, 128 }, { 126, 240, 128 }, 0xff00ff00 },
		{ { 64, 64, 0 }, { 71, 72, 16 }, 0xff0000ff },
		{ { 255, 128, 128 }, { 235, 128, 128 }, 0xffffffff },
		{ { 0, 128, 128 }, { 16, 128, 128 }, 0xff000000 },
	};
	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++) {
		paint("yuv444p", MATRIX_YCGCO, ZOE_RANGE_FULL, colours[i].full);
		cr_assert(is_near(converted(0), colours[i].rgb), "%zu: %08x", i, converted(0));
		paint("yuv444p", MATRIX_YCGCO, ZOE_RANGE_LIMITED, colours[i].limited);
		cr_assert(is_near(converted(0), colours[i].rgb), "%zu, limited: %08x", i, converted(0));
	}
}

/* What is too large for a texture comes out smaller, of the same colour. */
Test(convert, smaller)
{
	static const unsigned gray[] = { 200, 128, 128 }, red[] = { 64, 64, 255 }, dark[] = { 60, 128, 128 };

	paint("yuv444p", 2, ZOE_RANGE_FULL, gray);
	cr_assert(is_near(converted(33), 0xffc8c8c8), "%08x", converted(33));
	paint("yuv444p", MATRIX_YCGCO, ZOE_RANGE_FULL, red);
	cr_assert(is_near(converted(20), 0xffff0000), "%08x", converted(20));
	paint("yuv444p", MATRIX_YCGCO, ZOE_RANGE_LIMITED, dark);
	cr_assert(is_near(converted(20), 0xff333333), "limited: %08x", converted(20));
}
