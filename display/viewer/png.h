/* SPDX-License-Identifier: BSD-2-Clause */
/* Pictures to PNG files, by libavcodec's encoder. */
#ifndef DISPLAY_PNG_H
#define DISPLAY_PNG_H

#include <stdint.h>

struct png_pixels {
	int width_px, height_px;
	int sar_num, sar_den; /* 0:1 unknown */
	int stride_bytes;
	uint8_t *rgb; /* rows of red, green, blue bytes */
};

/* Write a file, replacing it. Errors: -ENOMEM, -EINVAL, and those of fopen() and fwrite(). */
int png_write(const char *path, const struct png_pixels *pixels);

#endif
