/* SPDX-License-Identifier: BSD-2-Clause */
/* Bright lines with a black seam on either side can be seen on any picture. */
#include "overlay.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#define SEAM_PX 1
#define PADDING_PX 2 /* about a label */

struct pen {
	SDL_Renderer *renderer;
	struct text *text;
	struct area area;
	struct orientation orientation;
	int thickness_px;
	SDL_Color colour, black;
};

SDL_Color overlay_colour(const char *worker)
{
	static const SDL_Color colours[] = {
		{ 255, 90, 90, 255 },
		{ 255, 165, 50, 255 },
		{ 250, 230, 60, 255 },
		{ 160, 235, 60, 255 },
		{ 60, 225, 120, 255 },
		{ 60, 225, 225, 255 },
		{ 100, 175, 255, 255 },
		{ 180, 145, 255, 255 },
		{ 255, 120, 220, 255 },
		{ 255, 200, 180, 255 },
	};
	uint32_t hash = text_hash(worker);

	/* The last bits of this hash follow those of the last letters too closely. */
	return colours[(hash ^ hash >> 16) % (sizeof(colours) / sizeof(colours[0]))];
}

static void fill(const struct pen *pen, SDL_Rect at, SDL_Color colour)
{
	SDL_SetRenderDrawColor(pen->renderer, colour.r, colour.g, colour.b, colour.a);
	SDL_RenderFillRect(pen->renderer, &at);
}

/* A frame of this thickness inside a rectangle; where there is no room for an inside, all of it. */
static void outline(const struct pen *pen, SDL_Rect at, int thickness, SDL_Color colour)
{
	int side = at.h - 2 * thickness;

	if (at.w <= 2 * thickness || side <= 0) {
		fill(pen, at, colour);
		return;
	}
	fill(pen, (SDL_Rect){ at.x, at.y, at.w, thickness }, colour);
	fill(pen, (SDL_Rect){ at.x, at.y + at.h - thickness, at.w, thickness }, colour);
	fill(pen, (SDL_Rect){ at.x, at.y + thickness, thickness, side }, colour);
	fill(pen, (SDL_Rect){ at.x + at.w - thickness, at.y + thickness, thickness, side }, colour);
}

static SDL_Rect grown(SDL_Rect at, int by)
{
	return (SDL_Rect){ at.x - by, at.y - by, at.w + 2 * by, at.h + 2 * by };
}

static struct spot place(const struct pen *pen, double x, double y)
{
	return geometry_place(pen->area, pen->orientation, (struct spot){ x, y });
}

static int between(int value, int least, int most)
{
	return value > most ? most : value < least ? least : value;
}

/* On top of (x, y) or below it; where that is outside of the picture, at its edge. */
static void draw_label(const struct pen *pen, int x, int y, bool below, const struct zoe_mark *mark)
{
	char string[ZOE_LABEL_BYTES + 16];
	SDL_Texture *texture;
	SDL_Rect back, letters;
	int width, height;

	if (mark->score > 0)
		snprintf(string, sizeof(string), "%s%s%.2f", mark->label, mark->label[0] ? " " : "",
			(double)mark->score);
	else
		snprintf(string, sizeof(string), "%s", mark->label);
	texture = text_tag(pen->text, string, &width, &height);
	if (!texture)
		return;
	back = (SDL_Rect){ 0, 0, width + 2 * PADDING_PX, height };
	back.x = between(x, pen->area.x, pen->area.x + pen->area.width - back.w);
	back.y = between(below ? y : y - back.h, pen->area.y, pen->area.y + pen->area.height - back.h);
	letters = (SDL_Rect){ back.x + PADDING_PX, back.y, width, height };
	fill(pen, back, pen->colour);
	SDL_SetTextureColorMod(texture, 0, 0, 0);
	SDL_SetTextureAlphaMod(texture, pen->colour.a);
	SDL_RenderCopy(pen->renderer, texture, NULL, &letters);
}

static void draw_box(const struct pen *pen, const struct zoe_mark *mark)
{
	struct spot a = place(pen, mark->x, mark->y);
	struct spot b = place(pen, mark->x + mark->width, mark->y + mark->height);
	int left = (int)lround(fmin(a.x, b.x)), right = (int)lround(fmax(a.x, b.x));
	int top = (int)lround(fmin(a.y, b.y)), bottom = (int)lround(fmax(a.y, b.y));
	SDL_Rect at = { left, top, right > left ? right - left : 1, bottom > top ? bottom - top : 1 };

	outline(pen, grown(at, SEAM_PX), pen->thickness_px + 2 * SEAM_PX, pen->black);
	outline(pen, at, pen->thickness_px, pen->colour);
	draw_label(pen, at.x, at.y, false, mark);
}

static void draw_point(const struct pen *pen, const struct zoe_mark *mark)
{
	struct spot spot = place(pen, mark->x, mark->y);
	int side = 2 * pen->thickness_px + 1;
	SDL_Rect at = { (int)floor(spot.x) - side / 2, (int)floor(spot.y) - side / 2, side, side };

	fill(pen, grown(at, SEAM_PX), pen->black);
	fill(pen, at, pen->colour);
	draw_label(pen, at.x, at.y, false, mark);
}

static void stroke(const struct pen *pen, struct spot from, struct spot to, double thickness, SDL_Color colour)
{
	static const int corners[] = { 0, 1, 2, 2, 1, 3 };
	double length = hypot(to.x - from.x, to.y - from.y), ahead_x, ahead_y;
	SDL_Vertex vertices[4];

	if (length < 1e-3)
		return;
	ahead_x = (to.x - from.x) / length * thickness / 2;
	ahead_y = (to.y - from.y) / length * thickness / 2;
	for (int i = 0; i < 4; i++) {
		struct spot end = i < 2 ? from : to;
		double aside = i % 2 ? 1 : -1;

		vertices[i] = (SDL_Vertex){ .color = colour,
			.position = { (float)(end.x - aside * ahead_y), (float)(end.y + aside * ahead_x) } };
	}
	SDL_RenderGeometry(pen->renderer, NULL, vertices, 4, corners, 6);
}

static void draw_line(const struct pen *pen, const struct zoe_mark *mark)
{
	struct spot from = place(pen, mark->x, mark->y);
	struct spot to = place(pen, mark->x + mark->width, mark->y + mark->height);

	stroke(pen, from, to, pen->thickness_px + 2 * SEAM_PX, pen->black);
	stroke(pen, from, to, pen->thickness_px, pen->colour);
	draw_label(pen, (int)lround(from.x), (int)lround(from.y), false, mark);
}

static void draw_text(const struct pen *pen, const struct zoe_mark *mark)
{
	struct spot spot = place(pen, mark->x, mark->y);

	draw_label(pen, (int)lround(spot.x), (int)lround(spot.y), true, mark);
}

static void (*const drawers[])(const struct pen *pen, const struct zoe_mark *mark) = {
	[ZOE_MARK_BOX] = draw_box,
	[ZOE_MARK_POINT] = draw_point,
	[ZOE_MARK_LINE] = draw_line,
	[ZOE_MARK_TEXT] = draw_text,
};

static void draw_layer(struct pen *pen, const struct layer *layer)
{
	pen->colour = overlay_colour(layer->result->worker);
	pen->colour.a = layer->opacity;
	pen->black = (SDL_Color){ 0, 0, 0, layer->opacity };
	for (uint32_t i = 0; i < layer->result->n_marks; i++) {
		const struct zoe_mark *mark = &layer->result->marks[i];

		/* A kind of a later version is not for this one. */
		if (mark->kind < sizeof(drawers) / sizeof(drawers[0]))
			drawers[mark->kind](pen, mark);
	}
}

void overlay_draw(SDL_Renderer *renderer, struct text *text, struct area area, struct orientation orientation,
	const struct layers *layers)
{
	struct pen pen = { .renderer = renderer,
		.text = text,
		.area = area,
		.orientation = orientation,
		.thickness_px = 2 + area.height / 1000 };
	SDL_Rect clip = { area.x, area.y, area.width, area.height };

	if (layers->n == 0)
		return;
	SDL_SetRenderDrawBlendMode(renderer, SDL_BLENDMODE_BLEND);
	SDL_RenderSetClipRect(renderer, &clip);
	for (size_t i = 0; i < layers->n; i++)
		draw_layer(&pen, &layers->of[i]);
	SDL_RenderSetClipRect(renderer, NULL);
}
