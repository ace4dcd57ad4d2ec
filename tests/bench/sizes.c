/* SPDX-License-Identifier: BSD-2-Clause */
#include "sizes.h"

#include <stddef.h>

int sizes_add(struct sizes *sizes, uint32_t width_px, uint32_t height_px)
{
	if (sizes->n == SIZES_MAX)
		return -1;
	sizes->size[sizes->n].width_px = width_px;
	sizes->size[sizes->n++].height_px = height_px;
	return 0;
}

int sizes_option(const char *value, void *into, const char **why)
{
	*why = "WxH such as 1920x1080, 2 to 16384 pixels a side, at most 16 of them with commas between";
	for (const char *p = value;; p++) {
		struct zi_size size;
		p = zi_option_read_size(p, &size);
		if (!p || (*p && *p != ',') || size.width_px < 2 || size.height_px < 2 ||
			sizes_add(into, (uint32_t)size.width_px, (uint32_t)size.height_px))
			return -1;
		if (!*p)
			return 0;
	}
}

void sizes_all(struct sizes *sizes)
{
	static const uint32_t all[][2] = {
		{ 320, 240 },
		{ 640, 480 },
		{ 1280, 720 },
		{ 1920, 1080 },
		{ 3840, 2160 },
		{ 7680, 4320 },
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		sizes_add(sizes, all[i][0], all[i][1]);
}
