/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the planes of a picture lie in a slot. */
#ifndef CAPTURE_LAYOUT_H
#define CAPTURE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>

#define LAYOUT_PLANES 4

/* All that two buffers must have in common to stand in for each other. */
struct layout {
	bool for_decoder; /* with the space that decoders want around the picture */
	enum AVPixelFormat format;
	int width_px, height_px; /* asked for, before alignment */
	int visible_width_px, visible_height_px;
	int n_planes;
	int stride_bytes[LAYOUT_PLANES];
	size_t offset_bytes[LAYOUT_PLANES];
	size_t total_bytes;
};

/* For a picture that codec decodes in place; codec NULL: for one that we copy or draw. */
int layout_init(struct layout *layout, AVCodecContext *codec, const AVFrame *frame);

/* True when layout_init() would give this layout for this codec and frame. */
bool layout_fits(const struct layout *layout, const AVCodecContext *codec, const AVFrame *frame);

#endif
