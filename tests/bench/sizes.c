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

/* One side: what follows it, or NULL. */
static const char *read_px(const char *text, uint32_t *px)
{
	const char *p = text;
	for (*px = 0; *p >= '0' && *p <= '9' && *px <= SIZES_MAX_PX; p++)
		*px = *px * 10 + (uint32_t)(*p - '0');
	return p == text || *px < 2 || *px > SIZES_MAX_PX ? NULL : p;
}

int sizes_option(const char *value, void *into, const char **why)
{
	*why = "WxH such as 1920x1080, 2 to 16384 pixels a side, at most 16 of them with commas between";
	for (const char *p = value;; p++) {
		uint32_t width_px, height_px;
		p = read_px(p, &width_px);
		p = p && *p == 'x' ? read_px(p + 1, &height_px) : NULL;
		if (!p || (*p && *p != ',') || sizes_add(into, width_px, height_px))
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
