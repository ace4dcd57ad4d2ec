/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that SDL cannot take, through libswscale to 32-bit RGB. */
#ifndef DISPLAY_CONVERT_H
#define DISPLAY_CONVERT_H

#include <stddef.h>
#include <stdint.h>

#include <zoetrope/frame.h>

#include "upload_route.h"

struct converter;

/* Make a converter for frames like this one, of the route's size, matrix and range. Errors: -ENOMEM. */
int converter_create(struct converter **converter, const struct zoe_frame_info *info, const struct upload_route *route);

/* Convert a frame into rows of native-endian 0xAARRGGBB. Errors: -EINVAL. */
int converter_run(struct converter *converter, const struct zoe_frame *frame, uint8_t *rgb, int stride_bytes);

/* Clears the pointer; NULL is fine. */
void converter_destroy(struct converter **converter);

#endif
