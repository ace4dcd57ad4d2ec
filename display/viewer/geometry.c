/* SPDX-License-Identifier: BSD-2-Clause */
/* Sample aspect, rotation, letterbox: arithmetic alone. */
#include "geometry.h"

#include <math.h>

#define MAX_SIDE_PX 65535.0

static int side(double px)
{
	return (int)lround(fmin(fmax(px, 1.0), MAX_SIDE_PX));
}

struct orientation geometry_orientation(const struct zoe_frame_info *info)
{
	return (struct orientation){ .rotation_deg = info->rotation_deg, .mirrored = info->mirrored != 0 };
}

bool geometry_lies_on_its_side(struct orientation orientation)
{
	return orientation.rotation_deg % 180 == 90;
}

void geometry_upright(const struct zoe_frame_info *info, int *width, int *height)
{
	double sar = info->sar_num > 0 && info->sar_den > 0 ? (double)info->sar_num / info->sar_den : 1.0;
	int across = side(info->width_px * sar), down = side(info->height_px);

	bool on_its_side = geometry_lies_on_its_side(geometry_orientation(info));

	*width = on_its_side ? down : across;
	*height = on_its_side ? across : down;
}

struct area geometry_fit(int width, int height, int outer_width, int outer_height)
{
	double scale = fmin((double)outer_width / width, (double)outer_height / height);
	struct area area = { .width = side(width * scale), .height = side(height * scale) };

	area.x = (outer_width - area.width) / 2;
	area.y = (outer_height - area.height) / 2;
	return area;
}

struct area geometry_unturned(struct area area, struct orientation orientation)
{
	struct area unturned = area;

	if (!geometry_lies_on_its_side(orientation))
		return area;
	unturned.width = area.height;
	unturned.height = area.width;
	unturned.x = area.x + (area.width - unturned.width) / 2;
	unturned.y = area.y + (area.height - unturned.height) / 2;
	return unturned;
}

struct spot geometry_place(struct area area, struct orientation orientation, struct spot coded)
{
	struct spot turned;

	if (orientation.mirrored)
		coded.x = 1 - coded.x;
	switch (orientation.rotation_deg % 360) {
	case 90:
		turned = (struct spot){ 1 - coded.y, coded.x };
		break;
	case 180:
		turned = (struct spot){ 1 - coded.x, 1 - coded.y };
		break;
	case 270:
		turned = (struct spot){ coded.y, 1 - coded.x };
		break;
	default:
		turned = coded;
	}
	return (struct spot){ area.x + turned.x * area.width, area.y + turned.y * area.height };
}
