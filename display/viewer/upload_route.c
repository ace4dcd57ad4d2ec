/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of formats that SDL takes without a conversion, and the choice of a matrix. */
#include "upload_route.h"

#include <errno.h>
#include <limits.h>
#include <math.h>

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* H.273 matrix coefficients */
enum {
	MATRIX_RGB = 0,
	MATRIX_709 = 1,
	MATRIX_UNSPECIFIED = 2,
	MATRIX_RESERVED = 3,
	MATRIX_470BG = 5,
	MATRIX_170M = 6,
	MATRIX_2020_CONSTANT = 10,
};

struct native {
	enum AVPixelFormat pixels;
	Uint32 texture;
	enum upload upload;
	SDL_BlendMode blend;
};

/*
 * Names such as RGBA32 and AV_PIX_FMT_RGB565 follow the machine's byte order on both
 * sides. Formats with an unused byte use the texture with alpha, not blended.
 */
static const struct native natives[] = {
	{ AV_PIX_FMT_YUV420P, SDL_PIXELFORMAT_IYUV, UPLOAD_YUV, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_YUVJ420P, SDL_PIXELFORMAT_IYUV, UPLOAD_YUV, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_NV12, SDL_PIXELFORMAT_NV12, UPLOAD_NV, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_NV21, SDL_PIXELFORMAT_NV21, UPLOAD_NV, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_GRAY8, SDL_PIXELFORMAT_IYUV, UPLOAD_GRAY, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_YUYV422, SDL_PIXELFORMAT_YUY2, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_UYVY422, SDL_PIXELFORMAT_UYVY, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_YVYU422, SDL_PIXELFORMAT_YVYU, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_RGB24, SDL_PIXELFORMAT_RGB24, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_BGR24, SDL_PIXELFORMAT_BGR24, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_RGBA, SDL_PIXELFORMAT_RGBA32, UPLOAD_PACKED, SDL_BLENDMODE_BLEND },
	{ AV_PIX_FMT_BGRA, SDL_PIXELFORMAT_BGRA32, UPLOAD_PACKED, SDL_BLENDMODE_BLEND },
	{ AV_PIX_FMT_ARGB, SDL_PIXELFORMAT_ARGB32, UPLOAD_PACKED, SDL_BLENDMODE_BLEND },
	{ AV_PIX_FMT_ABGR, SDL_PIXELFORMAT_ABGR32, UPLOAD_PACKED, SDL_BLENDMODE_BLEND },
	{ AV_PIX_FMT_RGB0, SDL_PIXELFORMAT_RGBA32, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_BGR0, SDL_PIXELFORMAT_BGRA32, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_0RGB, SDL_PIXELFORMAT_ARGB32, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_0BGR, SDL_PIXELFORMAT_ABGR32, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_RGB565, SDL_PIXELFORMAT_RGB565, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_BGR565, SDL_PIXELFORMAT_BGR565, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_RGB555, SDL_PIXELFORMAT_XRGB1555, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_BGR555, SDL_PIXELFORMAT_XBGR1555, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_RGB444, SDL_PIXELFORMAT_XRGB4444, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_BGR444, SDL_PIXELFORMAT_XBGR4444, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_RGB8, SDL_PIXELFORMAT_RGB332, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
	{ AV_PIX_FMT_X2RGB10, SDL_PIXELFORMAT_ARGB2101010, UPLOAD_PACKED, SDL_BLENDMODE_NONE },
};

static const struct native *find_native(enum AVPixelFormat pixels)
{
	for (size_t i = 0; i < N_OF(natives); i++)
		if (natives[i].pixels == pixels)
			return &natives[i];
	return NULL;
}

/* Formats that mean full range by themselves, unless the stream says otherwise. */
static bool is_full_range(const struct zoe_frame_info *info, enum AVPixelFormat pixels)
{
	static const enum AVPixelFormat full[] = {
		AV_PIX_FMT_YUVJ420P,
		AV_PIX_FMT_YUVJ422P,
		AV_PIX_FMT_YUVJ444P,
		AV_PIX_FMT_YUVJ440P,
		AV_PIX_FMT_YUVJ411P,
	};

	for (size_t i = 0; i < N_OF(full); i++)
		if (full[i] == pixels)
			return true;
	if (info->range != ZOE_RANGE_UNKNOWN)
		return info->range == ZOE_RANGE_FULL;
	return av_pix_fmt_desc_get(pixels)->nb_components < 3;
}

static bool is_rgb(enum AVPixelFormat pixels)
{
	return pixels == AV_PIX_FMT_XYZ12LE || pixels == AV_PIX_FMT_XYZ12BE ||
		(av_pix_fmt_desc_get(pixels)->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
}

/* Streams that say nothing are taken for BT.601 up to the height of PAL, as other players do. */
static int matrix_of(const struct zoe_frame_info *info, enum AVPixelFormat pixels)
{
	bool known = info->matrix != MATRIX_RGB && info->matrix != MATRIX_UNSPECIFIED &&
		info->matrix != MATRIX_RESERVED && info->matrix <= MATRIX_2020_CONSTANT;
	int matrix = known ? (int)info->matrix : info->height_px <= 576 ? SWS_CS_ITU601 : SWS_CS_ITU709;

	/* Through which luma and chroma libswscale takes RGB of more than 8 bits, in and out, it does not ask. */
	return matrix == MATRIX_170M || is_rgb(pixels) ? SWS_CS_ITU601 : matrix;
}

bool upload_route_knows_matrix(const struct zoe_frame_info *info)
{
	enum AVPixelFormat pixels = av_get_pix_fmt(info->format);

	return pixels == AV_PIX_FMT_NONE || is_rgb(pixels) || info->matrix < MATRIX_2020_CONSTANT;
}

/* The largest size of the frame's shape that the renderer takes. */
static void set_size(struct upload_route *route, const struct zoe_frame_info *info, struct texture_limit limit)
{
	double scale = 1;

	if (limit.width_px > 0)
		scale = fmin(scale, (double)limit.width_px / info->width_px);
	if (limit.height_px > 0)
		scale = fmin(scale, (double)limit.height_px / info->height_px);
	route->width_px = (int)fmax(1, floor(info->width_px * scale));
	route->height_px = (int)fmax(1, floor(info->height_px * scale));
}

static bool is_scaled(const struct upload_route *route, const struct zoe_frame_info *info)
{
	return route->width_px != (int)info->width_px || route->height_px != (int)info->height_px;
}

/* SDL knows BT.601 and BT.709 of limited range, and BT.601 of full range. */
static bool sdl_has_matrix(struct upload_route *route)
{
	if (route->matrix == SWS_CS_ITU601) {
		route->yuv = route->full_range ? SDL_YUV_CONVERSION_JPEG : SDL_YUV_CONVERSION_BT601;
		return true;
	}
	if (route->matrix == SWS_CS_ITU709 && !route->full_range) {
		route->yuv = SDL_YUV_CONVERSION_BT709;
		return true;
	}
	return false;
}

int upload_route_choose(const struct zoe_frame_info *info, struct texture_limit limit, struct upload_route *route)
{
	enum AVPixelFormat pixels = av_get_pix_fmt(info->format);
	const struct native *native;

	if (pixels == AV_PIX_FMT_NONE)
		return -EINVAL;
	*route = (struct upload_route){ .pixels = pixels,
		.matrix = matrix_of(info, pixels),
		.full_range = is_full_range(info, pixels),
		.yuv = SDL_YUV_CONVERSION_BT601 };
	set_size(route, info, limit);
	native = is_scaled(route, info) ? NULL : find_native(pixels);
	if (native && native->upload == UPLOAD_GRAY)
		route->matrix = SWS_CS_ITU601;
	if (native && (!SDL_ISPIXELFORMAT_FOURCC(native->texture) || sdl_has_matrix(route))) {
		route->texture = native->texture;
		route->upload = native->upload;
		route->blend = native->blend;
		return 0;
	}
	if (!sws_isSupportedInput(pixels))
		return -EINVAL;
	route->texture = SDL_PIXELFORMAT_ARGB8888;
	route->upload = UPLOAD_CONVERTED;
	route->blend = av_pix_fmt_desc_get(pixels)->flags & AV_PIX_FMT_FLAG_ALPHA ? SDL_BLENDMODE_BLEND
										  : SDL_BLENDMODE_NONE;
	return 0;
}

bool upload_route_fits(const struct zoe_frame_info *info)
{
	enum AVPixelFormat pixels = av_get_pix_fmt(info->format);
	const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(pixels);
	/* A palette is no component, and so not counted. */
	int n_planes = format && format->flags & AV_PIX_FMT_FLAG_PAL ? 2 : av_pix_fmt_count_planes(pixels);

	if (!format || n_planes < 1)
		return true;
	if (info->n_planes < (uint32_t)n_planes || info->width_px > INT_MAX / 16 || info->height_px > INT_MAX / 16)
		return false;
	for (int i = 0; i < n_planes; i++) {
		const struct zoe_plane *plane = &info->planes[i];
		bool is_palette = i == 1 && format->flags & AV_PIX_FMT_FLAG_PAL;
		int shift = i == 1 || i == 2 ? format->log2_chroma_h : 0;
		int row_bytes = is_palette ? AVPALETTE_SIZE : av_image_get_linesize(pixels, (int)info->width_px, i);
		int rows = is_palette ? 1 : AV_CEIL_RSHIFT((int)info->height_px, shift);
		if (row_bytes < 0 || plane->row_bytes < (uint32_t)row_bytes || plane->rows < (uint32_t)rows)
			return false;
	}
	return true;
}

bool upload_route_equal(const struct upload_route *a, const struct upload_route *b)
{
	return a->pixels == b->pixels && a->texture == b->texture && a->upload == b->upload && a->blend == b->blend &&
		a->yuv == b->yuv && a->width_px == b->width_px && a->height_px == b->height_px &&
		a->matrix == b->matrix && a->full_range == b->full_range;
}
