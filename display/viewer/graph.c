/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each column of the graph is the oldest frame of a tenth of a second, its stages on top of
 * each other; a white dot is the mean of all that were presented then.
 */
#include "graph.h"

#include <stdbool.h>
#include <stdio.h>

#define PADDING_PX 8
#define ROW_PX 17
#define COLUMN_PX 3
#define WIDTH_PX (HISTORY_COLUMNS * COLUMN_PX)
#define P50_PX 210 /* where the columns of the table end on their right */
#define P99_PX 285
#define TABLE_PX ((1 + N_STAGES) * ROW_PX)
#define GRAPH_PX 72
#define HEIGHT_PX (TABLE_PX + PADDING_PX + GRAPH_PX + ROW_PX)
#define SWATCH_PX 9
#define LEAST_SCALE 0.2f /* nothing can be read below it */

#define MS INT64_C(1000000)

enum side { LEFT, RIGHT };

struct pen {
	SDL_Renderer *renderer;
	struct text *text;
	int x, y; /* the upper left */
};

/* Told apart by colour-blind people, too (Okabe and Ito). */
static const SDL_Color colours[STAGE_ALL] = {
	[STAGE_DECODE] = { 86, 180, 233, 255 },
	[STAGE_PUBLISH] = { 240, 228, 66, 255 },
	[STAGE_ACQUIRE] = { 0, 158, 115, 255 },
	[STAGE_PRESENT] = { 230, 130, 0, 255 },
};

int64_t graph_top_ns(int64_t oldest_ns)
{
	int64_t top_ns = MS;

	for (int i = 0; top_ns < oldest_ns; i++)
		top_ns = i % 3 == 1 ? top_ns / 2 * 5 : top_ns * 2;
	return top_ns;
}

static void fill(const struct pen *pen, int x, int y, int width, int height, SDL_Color colour)
{
	SDL_Rect at = { pen->x + x, pen->y + y, width, height };

	SDL_SetRenderDrawColor(pen->renderer, colour.r, colour.g, colour.b, colour.a);
	SDL_RenderFillRect(pen->renderer, &at);
}

/* A text that begins or ends at x. */
static void write_at(const struct pen *pen, enum side side, int x, int y, const char *string)
{
	int width, height;
	SDL_Texture *texture = text_tag(pen->text, string, &width, &height);
	SDL_Rect at = { pen->x + (side == LEFT ? x : x - width), pen->y + y, width, height };

	if (!texture)
		return;
	SDL_SetTextureColorMod(texture, 255, 255, 255);
	SDL_SetTextureAlphaMod(texture, 255);
	SDL_RenderCopy(pen->renderer, texture, NULL, &at);
}

static void write_ms(const struct pen *pen, int x, int y, int64_t ns)
{
	char string[32] = "–";

	if (ns >= 0)
		stage_ms(string, ns);
	write_at(pen, RIGHT, x, y, string);
}

static void draw_table(const struct pen *pen, const struct stage_figures *figures)
{
	int y = ROW_PX;

	write_at(pen, LEFT, 0, 0, "last second, ms");
	write_at(pen, RIGHT, P50_PX, 0, "p50");
	write_at(pen, RIGHT, P99_PX, 0, "p99");
	for (enum stage i = 0; i < N_STAGES; i++, y += ROW_PX) {
		if (i < STAGE_ALL)
			fill(pen, 0, y + (ROW_PX - SWATCH_PX) / 2, SWATCH_PX, SWATCH_PX, colours[i]);
		write_at(pen, LEFT, 2 * SWATCH_PX, y, stage_name(i));
		write_ms(pen, P50_PX, y, figures->p50_ns[i]);
		write_ms(pen, P99_PX, y, figures->p99_ns[i]);
	}
}

static int height_of(int64_t age_ns, int64_t top_ns)
{
	return (int)((double)age_ns / (double)top_ns * GRAPH_PX + 0.5);
}

/* Stages end where their sum does, so that rounding adds nothing up. */
static void draw_column(const struct pen *pen, int x, int floor, int64_t top_ns, const struct history_column *column)
{
	const SDL_Color white = { 255, 255, 255, 255 };
	int64_t sum_ns = 0;

	for (enum stage i = 0; i < STAGE_ALL; i++) {
		int64_t ns = column->oldest.ns[i] > 0 ? column->oldest.ns[i] : 0;
		int below = height_of(sum_ns, top_ns), above = height_of(sum_ns + ns, top_ns);

		if (above > below)
			fill(pen, x, floor - above, COLUMN_PX, above - below, colours[i]);
		sum_ns += ns;
	}
	fill(pen, x, floor - 1 - height_of(column->sum_ns / column->n_frames, top_ns), COLUMN_PX, 1, white);
}

static void draw_history(const struct pen *pen, int y, const struct graph *graph)
{
	const SDL_Color grey = { 255, 255, 255, 90 };
	int64_t top_ns = graph_top_ns(history_oldest_ns(graph->history, graph->now_ns));
	char top[32];

	fill(pen, 0, y, WIDTH_PX, 1, grey);
	fill(pen, 0, y + GRAPH_PX / 2, WIDTH_PX, 1, grey);
	for (int i = 0; i < HISTORY_COLUMNS; i++) {
		const struct history_column *column = history_get(graph->history, graph->now_ns, i);

		if (column)
			draw_column(pen, WIDTH_PX - (1 + i) * COLUMN_PX, y + GRAPH_PX, top_ns, column);
	}
	fill(pen, 0, y + GRAPH_PX, WIDTH_PX, 1, grey);
	snprintf(top, sizeof(top), "%lld ms", (long long)(top_ns / MS));
	write_at(pen, LEFT, 2, y + 1, top);
	write_at(pen, LEFT, 0, y + GRAPH_PX + 1, "10 s ago");
	write_at(pen, RIGHT, WIDTH_PX, y + GRAPH_PX + 1, "now");
}

static float scale_for(struct area room)
{
	float x = (float)room.width / (WIDTH_PX + 2 * PADDING_PX);
	float y = (float)room.height / (HEIGHT_PX + 2 * PADDING_PX);
	float scale = x < y ? x : y;

	return scale < 1 ? scale : 1;
}

void graph_draw(SDL_Renderer *renderer, struct text *text, struct area room, const struct graph *graph)
{
	const SDL_Color shade = { 0, 0, 0, 180 };
	float scale = scale_for(room);

	if (scale < LEAST_SCALE)
		return;

	struct pen pen = { renderer, text, (int)((float)room.x / scale) + PADDING_PX,
		(int)((float)room.y / scale) + PADDING_PX };

	SDL_RenderSetScale(renderer, scale, scale);
	SDL_SetRenderDrawBlendMode(renderer, SDL_BLENDMODE_BLEND);
	fill(&pen, -PADDING_PX, -PADDING_PX, WIDTH_PX + 2 * PADDING_PX, HEIGHT_PX + 2 * PADDING_PX, shade);
	draw_table(&pen, graph->figures);
	draw_history(&pen, TABLE_PX + PADDING_PX, graph);
	SDL_RenderSetScale(renderer, 1, 1);
}
