/* SPDX-License-Identifier: BSD-2-Clause */
/* Which part of a decoded picture is shown, and which way up. */
#ifndef CAPTURE_GEOMETRY_H
#define CAPTURE_GEOMETRY_H

#include <stdint.h>

#include "picture.h"

/* What a display matrix does, the turn to the nearest quarter; nothing without a matrix or by a singular one. */
struct orientation geometry_orientation(const int32_t *matrix);

/* Crop the picture's frame as it says itself, and note its coded size and where the visible part begins. */
void geometry_crop(struct picture *picture);

#endif
