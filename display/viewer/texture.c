/* SPDX-License-Identifier: BSD-2-Clause */
/* Uploading, by the routes of upload_route.c. */
#include "texture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "program/message.h"

static int chroma_px(uint32_t luma_px)
{
	return (int)(luma_px / 2 + luma_px % 2);
}

static int upload_packed(struct texture *t, const struct zoe_frame *frame)
{
	return SDL_UpdateTexture(t->sdl, NULL, frame->data[0], (int)frame->info.planes[0].stride_bytes);
}

static int upload_yuv(struct texture *t, const struct zoe_frame *frame)
{
	const struct zoe_plane *planes = frame->info.planes;

	return SDL_UpdateYUVTexture(t->sdl, NULL, frame->data[0], (int)planes[0].stride_bytes, frame->data[1],
		(int)planes[1].stride_bytes, frame->data[2], (int)planes[2].stride_bytes);
}

static int upload_nv(struct texture *t, const struct zoe_frame *frame)
{
	const struct zoe_plane *planes = frame->info.planes;

	return SDL_UpdateNVTexture(t->sdl, NULL, frame->data[0], (int)planes[0].stride_bytes, frame->data[1],
		(int)planes[1].stride_bytes);
}

static int upload_gray(struct texture *t, const struct zoe_frame *frame)
{
	int stride = chroma_px(t->width_px);

	return SDL_UpdateYUVTexture(t->sdl, NULL, frame->data[0], (int)frame->info.planes[0].stride_bytes, t->neutral,
		stride, t->neutral, stride);
}

static int upload_converted(struct texture *t, const struct zoe_frame *frame)
{
	void *rgb;
	int stride, error;

	if (SDL_LockTexture(t->sdl, NULL, &rgb, &stride) < 0)
		return -1;
	error = converter_run(t->converter, frame, rgb, stride);
	SDL_UnlockTexture(t->sdl);
	return error ? SDL_SetError("libswscale failed") : 0;
}

static int (*const uploads[])(struct texture *t, const struct zoe_frame *frame) = {
	[UPLOAD_PACKED] = upload_packed,
	[UPLOAD_YUV] = upload_yuv,
	[UPLOAD_NV] = upload_nv,
	[UPLOAD_GRAY] = upload_gray,
	[UPLOAD_CONVERTED] = upload_converted,
};

/* What the route needs beside the texture. */
static int make_helpers(struct texture *t, const struct zoe_frame_info *info)
{
	size_t n_bytes = (size_t)chroma_px(info->width_px) * (size_t)chroma_px(info->height_px);

	if (t->route.upload == UPLOAD_CONVERTED)
		return converter_create(&t->converter, info, &t->route);
	if (t->route.upload == UPLOAD_GRAY) {
		t->neutral = malloc(n_bytes);
		if (!t->neutral)
			return -ENOMEM;
		memset(t->neutral, 128, n_bytes);
	}
	return 0;
}

/* What will not be as it should, said once for each kind of frames. */
static void warn(const struct upload_route *route, const struct zoe_frame_info *info)
{
	if (!upload_route_knows_matrix(info))
		zi_message(
			"the colours of this stream (matrix %u of H.273: %s) are not right here: they are shown as %s's",
			info->matrix, av_color_space_name((enum AVColorSpace)info->matrix),
			route->matrix == SWS_CS_ITU601           ? "BT.601"
				: route->matrix == SWS_CS_ITU709 ? "BT.709"
								 : "BT.2020");
	if (route->width_px < (int)info->width_px || route->height_px < (int)info->height_px)
		zi_message("frames of %ux%u are more than this display's textures hold: shown in %dx%d", info->width_px,
			info->height_px, route->width_px, route->height_px);
}

static int make(struct texture *t, SDL_Renderer *renderer, const struct upload_route *route,
	const struct zoe_frame_info *info)
{
	texture_finish(t);
	t->route = *route;
	t->width_px = info->width_px;
	t->height_px = info->height_px;
	/* SDL binds a texture to the matrix that is set when it is made. */
	SDL_SetYUVConversionMode(route->yuv);
	t->sdl = SDL_CreateTexture(renderer, route->texture, SDL_TEXTUREACCESS_STREAMING, route->width_px,
		route->height_px);
	if (!t->sdl || make_helpers(t, info) < 0) {
		zi_message_error("cannot make a texture of %dx%d for %s: %s", route->width_px, route->height_px,
			info->format, t->sdl ? "out of memory" : SDL_GetError());
		texture_finish(t);
		return -ENOMEM;
	}
	SDL_SetTextureBlendMode(t->sdl, route->blend);
	warn(route, info);
	return 0;
}

static bool fits(const struct texture *t, const struct upload_route *route, const struct zoe_frame_info *info)
{
	return t->sdl && upload_route_equal(&t->route, route) && t->width_px == info->width_px &&
		t->height_px == info->height_px;
}

static struct texture_limit limit_of(SDL_Renderer *renderer)
{
	SDL_RendererInfo info;

	if (SDL_GetRendererInfo(renderer, &info) < 0)
		return (struct texture_limit){ 0 };
	return (struct texture_limit){ info.max_texture_width, info.max_texture_height };
}

int texture_upload(struct texture *texture, SDL_Renderer *renderer, const struct zoe_frame *frame)
{
	const struct zoe_frame_info *info = &frame->info;
	struct upload_route route;
	int error;

	if (upload_route_choose(info, limit_of(renderer), &route) < 0) {
		zi_message_error(
			"cannot show frames of the pixel format %s: neither SDL nor libswscale reads it; "
			"convert with zoe-capture --pix-fmt yuv420p",
			info->format);
		return -EINVAL;
	}
	if (!upload_route_fits(info)) {
		zi_message_error(
			"the planes of a frame hold no picture of %ux%u %s: the pool's writer describes it wrongly",
			info->width_px, info->height_px, info->format);
		return -EINVAL;
	}
	if (!fits(texture, &route, info)) {
		error = make(texture, renderer, &route, info);
		if (error)
			return error;
	}
	if (uploads[route.upload](texture, frame) < 0) {
		zi_message_error("cannot upload a frame of %ux%u %s: %s", info->width_px, info->height_px, info->format,
			SDL_GetError());
		return -EIO;
	}
	return 0;
}

void texture_finish(struct texture *texture)
{
	if (texture->sdl)
		SDL_DestroyTexture(texture->sdl);
	converter_destroy(&texture->converter);
	free(texture->neutral);
	*texture = (struct texture){ 0 };
}
