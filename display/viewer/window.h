/* SPDX-License-Identifier: BSD-2-Clause */
/* The window: one picture, letterboxed, with marks and text over it. No SDL beyond this header. */
#ifndef DISPLAY_WINDOW_H
#define DISPLAY_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zoetrope/frame.h>

#include "png.h"
#include "result.h"

struct graph;
struct window;

struct window_options {
	const char *title;
	const char *font;        /* NULL: look for one */
	int width_px, height_px; /* 0: as the first picture is */
	bool fullscreen;
};

/* What is drawn over the picture. */
struct window_overlay {
	const struct layers *marks; /* what workers saw */
	bool dimmed;
	const char *message;       /* in the middle; "" none */
	const char *statistics;    /* in the corner; "" none */
	const struct graph *graph; /* below them; NULL: none */
};

/*
 * Open a window, not visible before window_show(). Errors, each said on stderr: -ENODEV no
 * usable display, -ENOMEM, -ENOENT the font.
 */
int window_create(struct window **window, const struct window_options *options);

/* Make the window visible, at a size for text if there is no picture yet. */
void window_show(struct window *window);

/*
 * Take a frame's picture; the first gives the window its size. The frame may be released
 * afterwards. Errors, said on stderr: those of texture_upload().
 */
int window_upload(struct window *window, const struct zoe_frame *frame);

/* True when the picture comes through libswscale. */
bool window_converts(const struct window *window);

/* Draw and present. */
void window_draw(struct window *window, const struct window_overlay *overlay);

void window_toggle_fullscreen(struct window *window);

bool window_is_fullscreen(const struct window *window);

void window_set_title(struct window *window, const char *title);

/* "x11, opengl": how the window reaches the screen. */
void window_describe(const struct window *window, char *text, size_t n_bytes);

/*
 * The pixels of the window with these marks and without text, or, where marks is NULL, of the
 * picture alone, upright and in its own size. pixels->rgb is to be freed by the caller.
 * Errors: -ENODATA no picture yet; -ENOMEM; -EIO SDL cannot.
 */
int window_read(struct window *window, const struct layers *marks, struct png_pixels *pixels);

/* Clears the pointer; NULL is fine. */
void window_destroy(struct window **window);

#endif
