/* SPDX-License-Identifier: BSD-2-Clause */
/* The sizes of pictures that are measured, as an option says them: "1920x1080,3840x2160". */
#ifndef BENCH_SIZES_H
#define BENCH_SIZES_H

#include <stdint.h>

#include "program/option.h"

#define SIZES_MAX 16

struct sizes {
	uint32_t n;
	struct {
		uint32_t width_px, height_px;
	} size[SIZES_MAX];
};

/* Adds to a struct sizes; the option may come more than once. */
zi_option_parse sizes_option;

/* 0, or -1 when there are SIZES_MAX already. */
int sizes_add(struct sizes *sizes, uint32_t width_px, uint32_t height_px);

/* From 320x240 to 7680x4320, smallest first. */
void sizes_all(struct sizes *sizes);

#endif
