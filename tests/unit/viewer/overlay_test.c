/* SPDX-License-Identifier: BSD-2-Clause */
/* Marks on a grey picture, pixel by pixel, by SDL's software renderer. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overlay.h"

#define WIDTH 200
#define HEIGHT 100
#define GREY 0x808080u
#define BLACK 0x000000u

/* The picture is between bars of 50 columns. */
static const struct area picture = { 50, 0, 100, 100 };

static SDL_Surface *surface;
static SDL_Renderer *renderer;
static struct text *text;
static struct worker_result *result;

static void begin(void)
{
	surface = SDL_CreateRGBSurfaceWithFormat(0, WIDTH, HEIGHT, 32, SDL_PIXELFORMAT_XRGB8888);
	renderer = SDL_CreateSoftwareRenderer(surface);
	SDL_SetRenderDrawColor(renderer, 0x80, 0x80, 0x80, 255);
	SDL_RenderClear(renderer);
	cr_assert(text_create(&text, renderer, NULL) == 0);
	result = calloc(1, sizeof(*result) + sizeof(result->marks[0]));
	result->n_marks = 1;
	strcpy(result->worker, "w");
}

static void end(void)
{
	free(result);
	text_destroy(&text);
	SDL_DestroyRenderer(renderer);
	SDL_FreeSurface(surface);
}

static void draw(struct zoe_mark mark, uint8_t opacity, uint32_t rotation_deg)
{
	struct layers layers = { .n = 1, .of = { { result, opacity } } };
	result->marks[0] = mark;
	overlay_draw(renderer, text, picture, (struct orientation){ rotation_deg, false }, &layers);
	SDL_RenderFlush(renderer);
}

static Uint32 at(int x, int y)
{
	return ((Uint32 *)surface->pixels)[y * surface->pitch / 4 + x] & 0xffffff;
}

static Uint32 colour(void)
{
	SDL_Color c = overlay_colour("w");
	return (Uint32)(c.r << 16 | c.g << 8 | c.b);
}

/* Nothing but grey from (left, top) to before (right, bottom). */
static bool is_grey(int left, int top, int right, int bottom)
{
	for (int y = top; y < bottom; y++)
		for (int x = left; x < right; x++)
			if (at(x, y) != GREY)
				return false;
	return true;
}

TestSuite(overlay, .init = begin, .fini = end);

/* A worker has one colour, which is bright; workers of a site are mostly told apart. */
Test(overlay, colour)
{
	static const char *const names[] = { "people", "motion", "faces", "cars", "zoe-motion", "worker-1",
		"worker-2" };
	int n_same = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		SDL_Color a = overlay_colour(names[i]), again = overlay_colour(names[i]);
		cr_assert(memcmp(&a, &again, sizeof(a)) == 0 && a.r + a.g + a.b > 400);
		for (size_t k = 0; k < i; k++) {
			SDL_Color b = overlay_colour(names[k]);
			n_same += memcmp(&a, &b, sizeof(a)) == 0;
		}
	}
	cr_assert(n_same <= 3, "%d of 21 pairs look the same", n_same);
}

/* A box is a line inside its edges, with a black seam on either side, and nothing else. */
Test(overlay, box)
{
	draw((struct zoe_mark){ .kind = ZOE_MARK_BOX, .x = 0.2f, .y = 0.3f, .width = 0.4f, .height = 0.5f }, 255, 0);
	/* From column 70 to 109, from row 30 to 79. */
	cr_assert(at(70, 30) == colour() && at(71, 31) == colour() && at(109, 79) == colour());
	cr_assert(at(69, 29) == BLACK && at(72, 32) == BLACK && at(110, 80) == BLACK && at(107, 77) == BLACK);
	cr_assert(is_grey(0, 0, WIDTH, 29) && is_grey(0, 81, WIDTH, HEIGHT) && is_grey(0, 0, 69, HEIGHT));
	cr_assert(is_grey(111, 0, WIDTH, HEIGHT) && is_grey(73, 33, 107, 77));
}

/* With the picture a box turns: what was left is above. */
Test(overlay, box_turned)
{
	draw((struct zoe_mark){ .kind = ZOE_MARK_BOX, .x = 0.2f, .y = 0.3f, .width = 0.4f, .height = 0.5f }, 255, 90);
	/* From column 50 + 20 to 119, from row 20 to 59. */
	cr_assert(at(70, 20) == colour() && at(119, 59) == colour() && at(69, 19) == BLACK && at(120, 60) == BLACK);
	cr_assert(is_grey(0, 0, WIDTH, 19) && is_grey(0, 61, WIDTH, HEIGHT));
}

/* One too small to have an inside is a dot. */
Test(overlay, box_without_an_inside)
{
	draw((struct zoe_mark){ .kind = ZOE_MARK_BOX, .x = 0.5f, .y = 0.5f }, 255, 0);
	cr_assert(at(100, 50) == colour() && at(99, 49) == BLACK && at(101, 51) == BLACK && at(102, 52) == GREY);
}

/* What sticks out of the picture does not reach the bars. */
Test(overlay, box_that_sticks_out)
{
	draw((struct zoe_mark){ .kind = ZOE_MARK_BOX, .x = -0.5f, .y = -0.5f, .width = 1, .height = 1 }, 255, 0);
	cr_assert(at(50, 49) == colour() && at(99, 0) == colour());
	cr_assert(is_grey(0, 0, 50, HEIGHT) && is_grey(150, 0, WIDTH, HEIGHT));
}

/* A point is about its spot. */
Test(overlay, point)
{
	draw((struct zoe_mark){ .kind = ZOE_MARK_POINT, .x = 0.25f, .y = 0.75f }, 255, 0);
	cr_assert(at(75, 75) == colour() && at(73, 73) == colour() && at(77, 77) == colour() && at(78, 78) == BLACK);
	cr_assert(is_grey(0, 0, WIDTH, 72) && is_grey(0, 79, WIDTH, HEIGHT));
}

/* A line goes where it goes, backwards too, with seams beside it. */
Test(overlay, line)
{
	draw((struct zoe_mark){ .kind = ZOE_MARK_LINE, .x = 0.9f, .y = 0.9f, .width = -0.8f, .height = -0.8f }, 255, 0);
	for (int i = 15; i < 85; i++)
		cr_assert(at(50 + i, i) == colour(), "%d", i);
	cr_assert(at(100, 52) == BLACK && at(102, 50) == BLACK && at(100, 55) == GREY && at(105, 50) == GREY);
	cr_assert(is_grey(0, 0, 57, HEIGHT) && is_grey(143, 0, WIDTH, HEIGHT));
}

/* What is old shows the picture through. */
Test(overlay, faded)
{
	SDL_Color full = overlay_colour("w");
	draw((struct zoe_mark){ .kind = ZOE_MARK_POINT, .x = 0.5f, .y = 0.5f }, 128, 0);
	/* Colour over black over grey. */
	for (int shift = 0; shift <= 16; shift += 8) {
		int want = (shift == 0 ? full.b : shift == 8 ? full.g : full.r) / 2 + 0x80 / 4;
		cr_assert(abs((int)(at(100, 50) >> shift & 255) - want) <= 3, "%x", at(100, 50));
	}
	draw((struct zoe_mark){ .kind = ZOE_MARK_BOX, .width = 1, .height = 1 }, 0, 0);
	cr_assert(at(50, 0) == GREY, "what is gone is not seen");
}

/* A kind that nobody knows yet is nothing. */
Test(overlay, unknown_kind)
{
	draw((struct zoe_mark){ .kind = 77, .width = 1, .height = 1, .label = "x" }, 255, 0);
	cr_assert(is_grey(0, 0, WIDTH, HEIGHT));
}

static int n_of(Uint32 wanted, int left, int top, int right, int bottom)
{
	int n = 0;
	for (int y = top; y < bottom; y++)
		for (int x = left; x < right; x++)
			n += at(x, y) == wanted;
	return n;
}

/* A label stands above its box, black on the box's colour; where there is no room, inside. */
Test(overlay, label)
{
	int width, height;
	if (!text_tag(text, "x", &width, &height))
		cr_skip("no font");
	draw((struct zoe_mark){ .kind = ZOE_MARK_BOX,
		     .x = 0.2f,
		     .y = 0.5f,
		     .width = 0.6f,
		     .height = 0.4f,
		     .label = "car",
		     .score = 0.5f },
		255, 0);
	cr_assert(n_of(colour(), 70, 50 - height, 130, 49) > 100 && n_of(BLACK, 70, 50 - height, 130, 49) > 5);
	cr_assert(is_grey(0, 0, WIDTH, 49 - height));
	draw((struct zoe_mark){ .kind = ZOE_MARK_BOX,
		     .x = 0.2f,
		     .y = 0.02f,
		     .width = 0.6f,
		     .height = 0.9f,
		     .label = "car" },
		255, 0);
	cr_assert(n_of(colour(), 70, 0, 130, height) > 100);
}

/* A text begins at its spot and goes down from there; UTF-8 or not, it does no harm. */
Test(overlay, text)
{
	int width, height;
	if (!text_tag(text, "x", &width, &height))
		cr_skip("no font");
	draw((struct zoe_mark){ .kind = ZOE_MARK_TEXT, .x = 0.1f, .y = 0.4f, .label = "\xc3\xa4\xff\xfe\n\x01" }, 255,
		0);
	cr_assert(n_of(colour(), 60, 40, 150, HEIGHT) > 50 && is_grey(0, 0, WIDTH, 40) && is_grey(0, 0, 60, HEIGHT));
}
