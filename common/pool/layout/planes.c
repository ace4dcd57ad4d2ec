/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/layout/planes.h"

bool zi_planes_fit(const struct zoe_frame_info *info, uint64_t slot_bytes)
{
	if (info->n_planes < 1 || info->n_planes > ZOE_MAX_PLANES)
		return false;
	for (uint32_t i = 0; i < info->n_planes; i++) {
		const struct zoe_plane *plane = &info->planes[i];
		if (plane->rows == 0 || plane->row_bytes == 0 || plane->offset_bytes > slot_bytes)
			return false;
		uint64_t bytes = (plane->rows - UINT64_C(1)) * plane->stride_bytes + plane->row_bytes;
		if (bytes > slot_bytes - plane->offset_bytes)
			return false;
	}
	/* In every format the first plane has all rows, and at least a bit for each pixel. */
	return info->planes[0].rows >= info->height_px && info->planes[0].row_bytes * UINT64_C(8) >= info->width_px;
}
