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
	UPLOAD_CONVERTED, /* through libswscale, and as small as a texture must be */
};

/* The number of YCgCo in H.273, which libswscale does not know. */
#define MATRIX_YCGCO 8

struct upload_route {
	enum AVPixelFormat pixels; /* the frame's */
	Uint32 texture;            /* SDL_PIXELFORMAT_… */
	enum upload upload;
	SDL_BlendMode blend;
	SDL_YUV_CONVERSION_MODE yuv; /* of a YUV texture */
	int width_px, height_px;     /* of the texture: the frame's, or less */
	/* Of a frame on its way through libswscale: */
	int matrix; /* SWS_CS_…, or MATRIX_YCGCO */
	bool full_range;
};

/* The most that the renderer takes for a texture; 0 no limit. */
struct texture_limit {
	int width_px, height_px;
};

/*
 * Choose the route. Returns 0, or -EINVAL for a pixel format that neither SDL nor
 * libswscale can read. Equal infos give routes that compare equal with upload_route_equal().
 */
int upload_route_choose(const struct zoe_frame_info *info, struct texture_limit limit, struct upload_route *route);

/* False where the frame states a matrix by which nothing here shows its colours. */
bool upload_route_knows_matrix(const struct zoe_frame_info *info);

/*
 * True when the planes hold a picture of this format and size, so that nobody who goes by those reads beyond
 * them: a writer may describe anything. True for a format that is not known, too.
 */
bool upload_route_fits(const struct zoe_frame_info *info);

bool upload_route_equal(const struct upload_route *a, const struct upload_route *b);

#endif
