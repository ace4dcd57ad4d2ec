/* SPDX-License-Identifier: BSD-2-Clause */
/* The page of statistics below the text in the corner: a table of stages, and a graph of the last ten seconds. */
#ifndef DISPLAY_PAGE_H
#define DISPLAY_PAGE_H

#include <SDL.h>

#include "geometry.h"
#include "stages.h"
#include "text.h"

struct page {
	const struct stage_figures *figures; /* of the last second */
	const struct history *history;
	int64_t now_ns;
};

/* Draw it at the upper left of `room`, smaller if that is not large enough. */
void page_draw(SDL_Renderer *renderer, struct text *text, struct area room, const struct page *page);

/* The value at the graph's upper edge: 1, 2 or 5 times a power of ten ms, and no less than this. */
int64_t page_top_ns(int64_t oldest_ns);

#endif
