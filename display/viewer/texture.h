/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The picture on the graphics card. A frame's planes go there straight from its slot, the
 * one copy that a window needs.
 */
#ifndef DISPLAY_TEXTURE_H
#define DISPLAY_TEXTURE_H

#include <stdbool.h>

#include <SDL.h>
#include <zoetrope/frame.h>

#include "convert.h"
#include "upload_route.h"

struct texture {
	SDL_Texture *sdl; /* NULL before the first frame */
	struct upload_route route;
	uint32_t width_px, height_px; /* of the frames */
	struct converter *converter;  /* of UPLOAD_CONVERTED */
	uint8_t *neutral;             /* the chroma of UPLOAD_GRAY */
};

/*
 * Upload a frame, making the texture anew when format, colour or size changed. On an
 * error it was said on stderr and the texture is as it was or empty.
 */
int texture_upload(struct texture *texture, SDL_Renderer *renderer, const struct zoe_frame *frame);

void texture_finish(struct texture *texture);

#endif
