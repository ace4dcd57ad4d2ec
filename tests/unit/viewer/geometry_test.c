/* SPDX-License-Identifier: BSD-2-Clause */
/* Where pictures go: aspect, rotation and bars. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "geometry.h"

static int width, height;

static void upright(uint32_t w, uint32_t h, int32_t num, int32_t den, uint32_t rotation_deg)
{
	struct zoe_frame_info info = { .width_px = w,
		.height_px = h,
		.sar_num = num,
		.sar_den = den,
		.rotation_deg = rotation_deg };
	geometry_upright(&info, &width, &height);
}

static bool is_at(struct area area, int x, int y, int w, int h)
{
	return area.x == x && area.y == y && area.width == w && area.height == h;
}

static struct orientation turned(uint32_t rotation_deg)
{
	return (struct orientation){ .rotation_deg = rotation_deg };
}

TestSuite(geometry);

/* PAL of 16:9 is shown 1024 wide. */
Test(geometry, upright_with_wide_pixels)
{
	upright(720, 576, 64, 45, 0);
	cr_assert(width == 1024 && height == 576);
}

/* An unknown aspect, and one that makes no sense, is square. */
Test(geometry, upright_with_unknown_aspect)
{
	upright(720, 576, 0, 1, 0);
	cr_assert(width == 720 && height == 576);
	upright(720, 576, 5, 0, 0);
	cr_assert(width == 720 && height == 576);
	upright(720, 576, -1, 1, 0);
	cr_assert(width == 720 && height == 576);
}

/* Turned by a quarter, width and height change places, after the aspect was applied. */
Test(geometry, upright_on_its_side)
{
	upright(720, 576, 64, 45, 90);
	cr_assert(width == 576 && height == 1024);
	upright(720, 576, 64, 45, 270);
	cr_assert(width == 576 && height == 1024);
	upright(720, 576, 64, 45, 180);
	cr_assert(width == 1024 && height == 576);
}

/* An aspect beyond reason gives a size that a window can have. */
Test(geometry, upright_with_an_absurd_aspect)
{
	upright(1920, 1080, INT32_MAX, 1, 0);
	cr_assert(width == 65535 && height == 1080);
	upright(1920, 1080, 1, INT32_MAX, 0);
	cr_assert(width == 1 && height == 1080);
}

/* A wide picture has bars above and below, a narrow one at the sides, one that fits has none. */
Test(geometry, fit)
{
	cr_assert(is_at(geometry_fit(1920, 1080, 1024, 768), 0, 96, 1024, 576));
	cr_assert(is_at(geometry_fit(640, 480, 1920, 1080), 240, 0, 1440, 1080));
	cr_assert(is_at(geometry_fit(1280, 720, 1920, 1080), 0, 0, 1920, 1080));
}

/* Nothing of the picture is outside the window, and what fits is not a pixel short, in any size. */
Test(geometry, fit_in_any_size)
{
	for (int w = 1; w < 60; w++)
		for (int outer = 1; outer < 60; outer++) {
			struct area area = geometry_fit(w, 37, outer, 41);
			cr_assert(area.x >= 0 && area.y >= 0 && area.width >= 1 && area.height >= 1);
			cr_assert(area.x + area.width <= outer && area.y + area.height <= 41);
			cr_assert(area.width == outer || area.height == 41);
			cr_assert(abs(outer - area.width - 2 * area.x) <= 1, "in the middle");
		}
}

/* A thread-like picture keeps at least one pixel. */
Test(geometry, fit_of_a_thread)
{
	cr_assert(is_at(geometry_fit(65535, 1, 100, 100), 0, 49, 100, 1));
}

/* Turned about its centre by a quarter, an area comes to lie on the area it was asked for. */
Test(geometry, unturned)
{
	struct area area = { .x = 240, .y = 0, .width = 600, .height = 1080 };
	cr_assert(is_at(geometry_unturned(area, turned(90)), 0, 240, 1080, 600));
	cr_assert(is_at(geometry_unturned(area, turned(270)), 0, 240, 1080, 600));
	cr_assert(is_at(geometry_unturned(area, turned(0)), 240, 0, 600, 1080));
	cr_assert(is_at(geometry_unturned(area, turned(180)), 240, 0, 600, 1080));
}

static bool spot_lies(double x, double y, struct orientation orientation, double to_x, double to_y)
{
	struct area area = { .x = 100, .y = 50, .width = 400, .height = 200 };
	struct spot spot = geometry_place(area, orientation, (struct spot){ x, y });

	return spot.x > to_x - 0.001 && spot.x < to_x + 0.001 && spot.y > to_y - 0.001 && spot.y < to_y + 0.001;
}

static bool spot_is(double x, double y, uint32_t rotation_deg, double to_x, double to_y)
{
	return spot_lies(x, y, turned(rotation_deg), to_x, to_y);
}

/* A spot of the picture lies where the picture lies, bars and scale included. */
Test(geometry, control)
{
	cr_assert(spot_is(0, 0, 0, 100, 50) && spot_is(1, 1, 0, 500, 250) && spot_is(0.25, 0.5, 0, 200, 150));
	cr_assert(spot_is(-0.5, 2, 0, -100, 450), "what sticks out does so here");
}

/* And turns with it, clockwise. */
Test(geometry, place_turned)
{
	cr_assert(spot_is(0, 0, 90, 500, 50) && spot_is(0.25, 0, 90, 500, 100) && spot_is(0, 1, 90, 100, 50));
	cr_assert(spot_is(0, 0, 180, 500, 250) && spot_is(0.25, 0, 180, 400, 250));
	cr_assert(spot_is(0, 0, 270, 100, 250) && spot_is(0.25, 0, 270, 100, 200) && spot_is(0, 1, 270, 500, 250));
	cr_assert(spot_is(0.25, 0.5, 360, 200, 150));
}

/* A mirrored picture exchanges left and right before it turns. */
Test(geometry, place_mirrored)
{
	static const struct {
		double to_x, to_y;
	} quarters[] = { { 400, 50 }, { 500, 200 }, { 200, 250 }, { 100, 100 } };

	for (uint32_t i = 0; i < 4; i++) {
		struct orientation orientation = { .rotation_deg = i * 90, .mirrored = true };
		cr_assert(spot_lies(0.25, 0, orientation, quarters[i].to_x, quarters[i].to_y), "turned by %u", i * 90);
	}
}
