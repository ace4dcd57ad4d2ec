/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers learn about a picture. */
#ifndef CAPTURE_INFO_H
#define CAPTURE_INFO_H

#include <stdbool.h>

#include <zoetrope/zoetrope.h>

#include "picture.h"

/*
 * Describe the planes of a frame that lies within size_bytes at base. False if the pool
 * cannot express them: a negative stride, or a plane elsewhere.
 */
bool info_set_planes(struct zoe_frame_info *info, const AVFrame *frame, const uint8_t *base, size_t size_bytes);

/* All the rest: shape, colour, times. */
void info_set_picture(struct zoe_frame_info *info, const struct picture *picture);

#endif
