/* SPDX-License-Identifier: BSD-2-Clause */
/* --pix-fmt and --size: libswscale straight into a slot. */
#ifndef CAPTURE_CONVERT_H
#define CAPTURE_CONVERT_H

#include <stdbool.h>

#include "picture.h"
#include "settings.h"

struct SwsContext;

struct converter {
	enum AVPixelFormat pix_fmt; /* AV_PIX_FMT_NONE: as it is */
	struct zi_size size;
	struct SwsContext *context;
	int warned_format, warned_matrix; /* of the pictures for which there was a word */
};

/* True when a picture of this shape would be converted. */
bool converter_is_needed(const struct converter *converter, int format, int width_px, int height_px);

/*
 * The shape that the picture has afterwards, set in `out`. A format that libswscale cannot write, such as one
 * with a palette, becomes the nearest that it can.
 */
void converter_shape(const struct converter *converter, const AVFrame *in, AVFrame *out);

/*
 * Fill `out`, whose planes are there, from the picture, and let the picture describe it.
 * 0 or a negative AVERROR.
 */
int converter_run(struct converter *converter, struct picture *picture, AVFrame *out);

void converter_finish(struct converter *converter);

#endif
