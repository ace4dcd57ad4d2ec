/* SPDX-License-Identifier: BSD-2-Clause */
/* One libswscale context, set to the frame's own matrix and range. */
#include "convert.h"

#include <errno.h>
#include <stdlib.h>

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

struct converter {
	struct SwsContext *scaler;
	int height;
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

static int set_colour(struct SwsContext *scaler, int matrix, bool full_range)
{
	const int one = 1 << 16;

	return sws_setColorspaceDetails(scaler, sws_getCoefficients(matrix), full_range,
		sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, one, one);
}

int converter_create(struct converter **converter, const struct zoe_frame_info *info, int matrix, bool full_range)
{
	enum AVPixelFormat pixels = without_range(av_get_pix_fmt(info->format));
	int width = (int)info->width_px, height = (int)info->height_px;
	struct converter *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->height = height;
	c->scaler = sws_getContext(width, height, pixels, width, height, AV_PIX_FMT_RGB32,
		SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL, NULL, NULL);
	if (!c->scaler) {
		free(c);
		return -ENOMEM;
	}
	/* Formats without a matrix refuse this and do not need it. */
	set_colour(c->scaler, matrix, full_range);
	*converter = c;
	return 0;
}

int converter_run(struct converter *converter, const struct zoe_frame *frame, uint8_t *rgb, int stride_bytes)
{
	const uint8_t *planes[4] = { NULL };
	int strides[4] = { 0 };
	uint8_t *into[4] = { rgb };
	int into_strides[4] = { stride_bytes };

	for (uint32_t i = 0; i < frame->info.n_planes && i < 4; i++) {
		planes[i] = frame->data[i];
		strides[i] = (int)frame->info.planes[i].stride_bytes;
	}
	return sws_scale(converter->scaler, planes, strides, 0, converter->height, into, into_strides) ==
			converter->height
		? 0
		: -EINVAL;
}

void converter_destroy(struct converter **converter)
{
	if (!*converter)
		return;
	sws_freeContext((*converter)->scaler);
	free(*converter);
	*converter = NULL;
}
