/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in the window, by SDL2_ttf. */
#ifndef DISPLAY_TEXT_H
#define DISPLAY_TEXT_H

#include <stdint.h>

#include <SDL.h>

struct text;

enum text_place {
	TEXT_MIDDLE, /* large, in the middle of the window */
	TEXT_CORNER, /* small, at the top left */
	TEXT_PLACES,
};

/*
 * Open the font at `font`, or DejaVu Sans where it is usually found if that is NULL.
 * Without a font that is said once, and text_draw() draws nothing. Errors: -ENOMEM;
 * -ENOENT `font` cannot be opened (said on stderr).
 */
int text_create(struct text **text, SDL_Renderer *renderer, const char *font);

/*
 * Draw lines of UTF-8 text in a window of this size, shrunk if they do not fit. Returns how
 * far down they reach; 0: nothing was drawn.
 */
int text_draw(struct text *text, enum text_place place, const char *lines, int width, int height);

/*
 * A short text in white as a texture of its own, to be drawn in any colour; kept, so that
 * one that comes again and again is set once. NULL without a font. Valid until the next call.
 */
SDL_Texture *text_tag(struct text *text, const char *string, int *width, int *height);

/* A number for a string, the same in each run (FNV-1a). */
uint32_t text_hash(const char *string);

/* Clears the pointer; NULL is fine. */
void text_destroy(struct text **text);

#endif
