/* SPDX-License-Identifier: BSD-2-Clause */
/* Which part of a decoded picture is shown, and which way up. */
#ifndef CAPTURE_GEOMETRY_H
#define CAPTURE_GEOMETRY_H

#include <stdint.h>

#include "picture.h"

/* The clockwise turn that shows a picture upright, to the nearest quarter; 0 without a matrix or by a singular one. */
unsigned geometry_rotation_deg(const int32_t *matrix);

/* Crop the picture's frame as it says itself, and note its coded size and where the visible part begins. */
void geometry_crop(struct picture *picture);

#endif
