/* SPDX-License-Identifier: BSD-2-Clause */
/* What gets into the texture, by a renderer that draws into memory. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "texture.h"

#define SIDE 32

static SDL_Surface *surface;
static SDL_Renderer *renderer;
static struct texture texture;
static uint8_t pixels[4][4 * SIDE * SIDE * 2];

static void setup(void)
{
	cr_redirect_stderr();
	surface = SDL_CreateRGBSurfaceWithFormat(0, 2 * SIDE, 2 * SIDE, 32, SDL_PIXELFORMAT_ARGB8888);
	renderer = surface ? SDL_CreateSoftwareRenderer(surface) : NULL;
	cr_assert(renderer, "%s", SDL_GetError());
}

static void teardown(void)
{
	texture_finish(&texture);
	SDL_DestroyRenderer(renderer);
	SDL_FreeSurface(surface);
}

TestSuite(texture, .init = setup, .fini = teardown);

/* Its planes have this value each. */
static struct zoe_frame frame_of(const char *format, uint32_t n_planes, uint32_t width_px, uint32_t height_px,
	int value)
{
	struct zoe_frame frame = {
		.info = { .width_px = width_px, .height_px = height_px, .n_planes = n_planes, .matrix = 2 }
	};

	snprintf(frame.info.format, sizeof(frame.info.format), "%s", format);
	for (uint32_t i = 0; i < n_planes; i++) {
		memset(pixels[i], i == 0 ? value : 128, sizeof(pixels[i]));
		frame.data[i] = pixels[i];
		frame.info.planes[i] = (struct zoe_plane){ .stride_bytes = 4 * width_px,
			.row_bytes = 4 * width_px,
			.rows = height_px };
	}
	return frame;
}

static int upload(const char *format, uint32_t n_planes, uint32_t width_px, uint32_t height_px, int value)
{
	const struct zoe_frame frame = frame_of(format, n_planes, width_px, height_px, value);

	return texture_upload(&texture, renderer, &frame);
}

/* The blue of the pixel in the lower right corner of the texture, drawn pixel by pixel. */
static int last_pixel(void)
{
	uint32_t pixel = 0;
	int width, height;

	cr_assert(SDL_QueryTexture(texture.sdl, NULL, NULL, &width, &height) == 0);
	SDL_SetRenderDrawColor(renderer, 1, 2, 3, 255);
	SDL_RenderClear(renderer);
	SDL_RenderCopy(renderer, texture.sdl, NULL, &(SDL_Rect){ 0, 0, width, height });
	cr_assert(SDL_RenderReadPixels(renderer, &(SDL_Rect){ width - 1, height - 1, 1, 1 }, SDL_PIXELFORMAT_ARGB8888,
			  &pixel, 4) == 0);
	return (int)(pixel & 255);
}

/* A change of either side, of the format or of the colours makes it anew; the same again does not. */
Test(texture, upload_follows_the_frame)
{
	static const struct {
		const char *format;
		uint32_t n_planes, width_px, height_px;
	} steps[] = { { "yuv420p", 3, SIDE, SIDE }, { "yuv420p", 3, SIDE, 2 * SIDE }, { "yuv420p", 3, SIDE, SIDE },
		{ "yuv420p", 3, 2 * SIDE, SIDE }, { "nv12", 2, 2 * SIDE, SIDE }, { "gray", 1, 2 * SIDE, SIDE },
		{ "gray", 1, SIDE, 2 * SIDE }, { "bgra", 1, SIDE, 2 * SIDE }, { "yuv444p", 3, SIDE, 2 * SIDE },
		{ "yuv444p", 3, SIDE, SIDE } };
	int width, height;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		cr_assert(upload(steps[i].format, steps[i].n_planes, steps[i].width_px, steps[i].height_px, 255) == 0,
			"%zu", i);
		cr_assert(SDL_QueryTexture(texture.sdl, NULL, NULL, &width, &height) == 0);
		cr_assert(width == (int)steps[i].width_px && height == (int)steps[i].height_px, "%zu: %dx%d", i, width,
			height);
		cr_assert(last_pixel() > 250, "%zu: %d", i, last_pixel());
		SDL_Texture *made = texture.sdl;
		cr_assert(upload(steps[i].format, steps[i].n_planes, steps[i].width_px, steps[i].height_px, 16) == 0,
			"%zu", i);
		cr_assert(texture.sdl == made, "%zu: made anew for nothing", i);
		cr_assert(last_pixel() < 40, "%zu: %d", i, last_pixel());
	}
}

/* A frame with fewer planes than its format has is refused before any of them is read. */
Test(texture, upload_with_planes_missing)
{
	cr_assert(upload("yuv420p", 1, SIDE, SIDE, 16) == -EINVAL);
	cr_assert(upload("yuv420p", 2, SIDE, SIDE, 16) == -EINVAL);
	cr_assert(upload("nv12", 1, SIDE, SIDE, 16) == -EINVAL);
	cr_assert(upload("gray", 0, SIDE, SIDE, 16) == -EINVAL);
	cr_assert(upload("yuv444p", 1, SIDE, SIDE, 16) == -EINVAL);
	cr_assert(upload("pal8", 1, SIDE, SIDE, 16) == -EINVAL);
	cr_assert(upload("nonsense", 3, SIDE, SIDE, 16) == -EINVAL);
	cr_assert(!texture.sdl, "made for nothing");
}

/* One whose planes are smaller than its size is, too: a texture is filled by width and height. */
Test(texture, upload_of_small_planes)
{
	static const char *const formats[] = { "yuv420p", "nv12", "gray", "rgb24", "yuv444p" };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct zoe_frame frame = frame_of(formats[i], 3, SIDE, SIDE, 16);
		frame.info.width_px = frame.info.height_px = 100 * SIDE;
		cr_assert(texture_upload(&texture, renderer, &frame) == -EINVAL && !texture.sdl, "%s", formats[i]);
	}
	struct zoe_frame frame = frame_of("pal8", 2, SIDE, SIDE, 16);
	cr_assert(texture_upload(&texture, renderer, &frame) == -EINVAL && !texture.sdl, "a palette of few colours");
	frame.info.planes[1].row_bytes = 1024;
	cr_assert(texture_upload(&texture, renderer, &frame) == 0);
}

/* What is transparent shows what is behind it; a fourth byte that means nothing does not. */
Test(texture, upload_transparent)
{
	cr_assert(upload("bgra", 1, SIDE, SIDE, 0) == 0 && last_pixel() == 3);
	cr_assert(upload("bgr0", 1, SIDE, SIDE, 0) == 0 && last_pixel() == 0);
}

/* Colours that will be wrong are said so, once for each kind of frames. */
Test(texture, upload_of_an_unknown_matrix)
{
	struct zoe_frame frame = frame_of("yuv420p", 3, SIDE, SIDE, 16);
	char said[512] = "";

	stderr = fmemopen(said, sizeof(said), "w");
	setbuf(stderr, NULL);
	cr_assert(texture_upload(&texture, renderer, &frame) == 0 && said[0] == '\0', "%s", said);
	texture_finish(&texture);
	frame.info.matrix = 12;
	cr_assert(texture_upload(&texture, renderer, &frame) == 0);
	cr_assert(strstr(said, "matrix 12 of H.273") && strstr(said, "shown as BT.601's"), "%s", said);
	rewind(stderr);
	cr_assert(texture_upload(&texture, renderer, &frame) == 0 && ftell(stderr) == 0, "said again: %s", said);
}
