/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test picture: a moving pattern in yuv420p with its number written into the pixels,
 * so that whoever looks at it can prove it whole.
 *
 * Each row of each plane begins and ends with the number as 8 little-endian bytes, the
 * bytes of row r xored with r mod 256 (so that a row that was copied elsewhere is not
 * taken for the right one). In between, a pattern that moves with the number and that a
 * person can recognise as a moving picture.
 */
#ifndef ZI_PICTURE_H
#define ZI_PICTURE_H

#include <stdint.h>

#define ZI_PICTURE_MIN_WIDTH 64
#define ZI_PICTURE_MIN_HEIGHT 16

/* Three planes (Y, U, V): first bytes and strides; chroma is half as wide and high, rounded up. */
struct zi_picture {
	uint32_t width_px, height_px;
	uint8_t *data[3];
	uint32_t stride_bytes[3];
};

void zi_picture_draw(const struct zi_picture *picture, uint64_t number);

/* The number that all rows agree on, or -1 if they do not: torn, or no test picture. */
int64_t zi_picture_read(const struct zi_picture *picture);

#endif
