/* SPDX-License-Identifier: BSD-2-Clause */
/* One libswscale context, set to the frame's own matrix and range. */
#include "convert.h"

#include <errno.h>
#include <stdlib.h>

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#define VECTOR_BYTES 64

struct converter {
	struct SwsContext *scaler;
	int source_height, width, height;
	bool full_range;
	uint8_t *ycgco; /* three planes on their way; NULL: not needed */
	int stride;     /* of theirs */
};

/* libswscale calls these formats by the plain name and a range. */
static enum AVPixelFormat without_range(enum AVPixelFormat pixels)
{
	switch (pixels) {
	case AV_PIX_FMT_YUVJ411P:
		return AV_PIX_FMT_YUV411P;
	case AV_PIX_FMT_YUVJ420P:
		return AV_PIX_FMT_YUV420P;
	case AV_PIX_FMT_YUVJ422P:
		return AV_PIX_FMT_YUV422P;
	case AV_PIX_FMT_YUVJ440P:
		return AV_PIX_FMT_YUV440P;
	case AV_PIX_FMT_YUVJ444P:
		return AV_PIX_FMT_YUV444P;
	default:
		return pixels;
	}
}

static void set_colour(struct SwsContext *scaler, int matrix, bool full_range, bool to_full_range)
{
	const int one = 1 << 16;

	/* Formats without a matrix refuse this and do not need it. */
	sws_setColorspaceDetails(scaler, sws_getCoefficients(matrix), full_range, sws_getCoefficients(SWS_CS_DEFAULT),
		to_full_range, 0, one, one);
}

int converter_create(struct converter **converter, const struct zoe_frame_info *info, const struct upload_route *route)
{
	enum AVPixelFormat pixels = without_range(av_get_pix_fmt(info->format));
	int width = route->width_px, height = route->height_px;
	bool is_ycgco = route->matrix == MATRIX_YCGCO;
	int flags = (uint32_t)width < info->width_px || (uint32_t)height < info->height_px ? SWS_AREA : SWS_BILINEAR;
	struct converter *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->source_height = (int)info->height_px;
	c->width = width;
	c->height = height;
	c->full_range = route->full_range;
	c->scaler = sws_getContext((int)info->width_px, (int)info->height_px, pixels, width, height,
		is_ycgco ? AV_PIX_FMT_YUV444P : AV_PIX_FMT_RGB32, flags | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL,
		NULL, NULL);
	/* libswscale may write whole vectors at the end of a row. */
	c->stride = (width + VECTOR_BYTES - 1) / VECTOR_BYTES * VECTOR_BYTES;
	if (is_ycgco)
		c->ycgco = malloc((size_t)c->stride * (size_t)height * 3);
	if (!c->scaler || (is_ycgco && !c->ycgco)) {
		converter_destroy(&c);
		return -ENOMEM;
	}
	set_colour(c->scaler, is_ycgco ? SWS_CS_DEFAULT : route->matrix, route->full_range,
		is_ycgco ? route->full_range : true);
	*converter = c;
	return 0;
}

static uint32_t clipped(int in_65536ths)
{
	int value = (in_65536ths + 32768) / 65536;

	return (uint32_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Y, Cg and Co to RGB, as H.273 has it. */
static void ycgco_to_rgb(const struct converter *c, uint8_t *rgb, int stride_bytes)
{
	size_t n_plane = (size_t)c->stride * (size_t)c->height;
	/* In 65536ths: what one step of luma and of chroma is of full range. */
	int black = c->full_range ? 0 : 16, luma = c->full_range ? 65536 : 65536 * 255 / 219;
	int chroma = c->full_range ? 65536 : 65536 * 255 / 224;

	for (int row = 0; row < c->height; row++) {
		uint32_t *pixel = (uint32_t *)(void *)(rgb + (ptrdiff_t)row * stride_bytes);
		const uint8_t *y = c->ycgco + (ptrdiff_t)row * c->stride, *cg = y + n_plane, *co = cg + n_plane;
		for (int column = 0; column < c->width; column++, y++, cg++, co++) {
			int light = (*y - black) * luma, green = (*cg - 128) * chroma, orange = (*co - 128) * chroma;
			*pixel++ = UINT32_C(0xff000000) | clipped(light - green + orange) << 16 |
				clipped(light + green) << 8 | clipped(light - green - orange);
		}
	}
}

int converter_run(struct converter *converter, const struct zoe_frame *frame, uint8_t *rgb, int stride_bytes)
{
	const struct converter *c = converter;
	size_t n_plane = (size_t)c->stride * (size_t)c->height;
	const uint8_t *planes[4] = { NULL };
	int strides[4] = { 0 };
	uint8_t *into[4] = { rgb };
	int into_strides[4] = { stride_bytes };

	for (uint32_t i = 0; i < frame->info.n_planes && i < 4; i++) {
		planes[i] = frame->data[i];
		strides[i] = (int)frame->info.planes[i].stride_bytes;
	}
	for (size_t i = 0; c->ycgco && i < 3; i++) {
		into[i] = c->ycgco + i * n_plane;
		into_strides[i] = c->stride;
	}
	if (sws_scale(c->scaler, planes, strides, 0, c->source_height, into, into_strides) != c->height)
		return -EINVAL;
	if (c->ycgco)
		ycgco_to_rgb(c, rgb, stride_bytes);
	return 0;
}

void converter_destroy(struct converter **converter)
{
	if (!*converter)
		return;
	sws_freeContext((*converter)->scaler);
	free((*converter)->ycgco);
	free(*converter);
	*converter = NULL;
}
