/* SPDX-License-Identifier: BSD-2-Clause */
/* Figures below the text in the corner: a table of stages, and a graph of the last ten seconds. */
#ifndef DISPLAY_GRAPH_H
#define DISPLAY_GRAPH_H

#include <SDL.h>

#include "geometry.h"
#include "stages.h"
#include "text.h"

struct graph {
	const struct stage_figures *figures; /* of the last second */
	const struct history *history;
	int64_t now_ns;
};

/* Draw it at the upper left of `room`, smaller if that is not large enough. */
void graph_draw(SDL_Renderer *renderer, struct text *text, struct area room, const struct graph *graph);

/* The value at the graph's upper edge: 1, 2 or 5 times a power of ten ms, and no less than this. */
int64_t graph_top_ns(int64_t oldest_ns);

#endif
