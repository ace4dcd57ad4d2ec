/* SPDX-License-Identifier: BSD-2-Clause */
/* What a window without a display keeps of a picture whose slot was returned. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "window.h"

#define WIDTH 8
#define HEIGHT 4

enum corner { UPPER_LEFT, UPPER_RIGHT, LOWER_LEFT, LOWER_RIGHT };

static struct window *window;
static uint8_t rgb[HEIGHT][WIDTH][3];

/* Quarters of the colours 0, 80, 160, 240. */
static struct zoe_frame picture(void)
{
	struct zoe_frame frame = { .info = { .width_px = WIDTH, .height_px = HEIGHT, .n_planes = 1, .matrix = 2 } };

	for (int row = 0; row < HEIGHT; row++)
		for (int column = 0; column < WIDTH; column++)
			for (int i = 0; i < 3; i++)
				rgb[row][column][i] = (uint8_t)(80 * (row / (HEIGHT / 2) * 2 + column / (WIDTH / 2)));
	snprintf(frame.info.format, sizeof(frame.info.format), "rgb24");
	frame.info.planes[0] = (struct zoe_plane){ .stride_bytes = sizeof(rgb[0]),
		.row_bytes = sizeof(rgb[0]),
		.rows = HEIGHT };
	frame.data[0] = &rgb[0][0][0];
	return frame;
}

static void begin(void)
{
	setenv("SDL_VIDEODRIVER", "dummy", 1);
	cr_assert(window_create(&window, &(struct window_options){ .title = "x" }) == 0);
}

static void end(void)
{
	window_destroy(&window);
}

TestSuite(window, .init = begin, .fini = end);

/* It is saved upright in each of the eight ways, with the pixels' shape turned, too. */
Test(window, read_upright)
{
	/* Which corner comes to be the upper left one. */
	static const enum corner corners[2][4] = { { UPPER_LEFT, LOWER_LEFT, LOWER_RIGHT, UPPER_RIGHT },
		{ UPPER_RIGHT, LOWER_RIGHT, LOWER_LEFT, UPPER_LEFT } };
	struct zoe_frame frame = picture();
	struct png_pixels pixels;

	cr_assert(window_read(window, NULL, &pixels) == -ENODATA);
	frame.info.sar_num = 4;
	frame.info.sar_den = 3;
	for (uint32_t way = 0; way < 8; way++) {
		bool on_its_side = way % 2;
		frame.info.rotation_deg = way % 4 * 90;
		frame.info.mirrored = way / 4;
		cr_assert(window_upload(window, &frame) == 0 && window_read(window, NULL, &pixels) == 0);
		cr_assert(pixels.width_px == (on_its_side ? HEIGHT : WIDTH), "%u: %d", way, pixels.width_px);
		cr_assert(pixels.height_px == (on_its_side ? WIDTH : HEIGHT), "%u: %d", way, pixels.height_px);
		cr_assert(pixels.sar_num == (on_its_side ? 3 : 4) && pixels.sar_den == (on_its_side ? 4 : 3));
		cr_assert(pixels.rgb[0] == 80 * corners[way / 4][way % 4], "%u: %d", way, pixels.rgb[0]);
		free(pixels.rgb);
	}
}
