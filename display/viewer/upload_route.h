/* SPDX-License-Identifier: BSD-2-Clause */
/* Which way a frame of some pixel format and colour takes into a texture. */
#ifndef DISPLAY_UPLOAD_ROUTE_H
#define DISPLAY_UPLOAD_ROUTE_H

#include <stdbool.h>

#include <SDL.h>
#include <libavutil/pixfmt.h>
#include <zoetrope/frame.h>

enum upload {
	UPLOAD_PACKED,    /* one plane as it is */
	UPLOAD_YUV,       /* three planes as they are */
	UPLOAD_NV,        /* luma and interleaved chroma as they are */
	UPLOAD_GRAY,      /* luma as it is, chroma neutral */
	UPLOAD_CONVERTED, /* through libswscale */
};

struct upload_route {
	enum AVPixelFormat pixels; /* the frame's */
	Uint32 texture;            /* SDL_PIXELFORMAT_… */
	enum upload upload;
	SDL_BlendMode blend;
	SDL_YUV_CONVERSION_MODE yuv; /* of a YUV texture */
	/* Of a frame on its way through libswscale: */
	int matrix; /* SWS_CS_… */
	bool full_range;
};

/*
 * Choose the route. Returns 0, or -EINVAL for a pixel format that neither SDL nor
 * libswscale can read. Equal infos give routes that compare equal with upload_route_equal().
 */
int upload_route_choose(const struct zoe_frame_info *info, struct upload_route *route);

bool upload_route_equal(const struct upload_route *a, const struct upload_route *b);

#endif
