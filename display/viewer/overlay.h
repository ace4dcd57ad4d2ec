/* SPDX-License-Identifier: BSD-2-Clause */
/* Marks over the picture: boxes, points, lines and labels, in a colour for each worker. */
#ifndef DISPLAY_OVERLAY_H
#define DISPLAY_OVERLAY_H

#include <SDL.h>

#include "geometry.h"
#include "result.h"
#include "text.h"

/* Draw on a picture that, mirrored and turned, fills `area`; nothing outside of it. */
void overlay_draw(SDL_Renderer *renderer, struct text *text, struct area area, struct orientation orientation,
	const struct layers *layers);

/* A worker's colour: the same wherever and whenever it is drawn. */
SDL_Color overlay_colour(const char *worker);

#endif
