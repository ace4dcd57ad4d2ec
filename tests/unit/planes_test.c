/* SPDX-License-Identifier: BSD-2-Clause */
/* Planes within a slot, one past it, and numbers made to overflow. */
#include <criterion/criterion.h>

#include "pool/layout/planes.h"

#define SLOT 4096

static struct zoe_frame_info info;

/* Two planes that fill the slot to its last byte. */
static void begin(void)
{
	info = (struct zoe_frame_info){
		.n_planes = 2,
		.planes = {
			{ .offset_bytes = 0, .stride_bytes = 64, .row_bytes = 60, .rows = 32 },
			{ .offset_bytes = 2048, .stride_bytes = 64, .row_bytes = 64, .rows = 32 },
		},
	};
}

TestSuite(planes, .init = begin);

/* Planes may fill a slot to its last byte. */
Test(planes, fit_exactly)
{
	cr_assert(zi_planes_fit(&info, SLOT));
	cr_assert(!zi_planes_fit(&info, SLOT - 1));
}

/* A picture of more rows than the first plane has, or of more bits than its rows, is none. */
Test(planes, fit_the_picture)
{
	info.height_px = 32;
	info.width_px = 480;
	cr_assert(zi_planes_fit(&info, SLOT));
	info.height_px = 33;
	cr_assert(!zi_planes_fit(&info, SLOT));
	info.height_px = 32;
	info.width_px = 481;
	cr_assert(!zi_planes_fit(&info, SLOT));
}

/* The last row needs no padding after it. */
Test(planes, fit_without_the_last_padding)
{
	info.planes[1].row_bytes = 60;
	cr_assert(zi_planes_fit(&info, SLOT - 4));
	cr_assert(!zi_planes_fit(&info, SLOT - 5));
}

/* Each plane is looked at: one row more in any of them is seen. */
Test(planes, fit_with_one_row_more)
{
	info.planes[1].rows++;
	cr_assert(!zi_planes_fit(&info, SLOT));
	begin();
	info.planes[0].rows = 65;
	cr_assert(!zi_planes_fit(&info, SLOT));
}

/* There is at least one plane, and no more than there is room for. */
Test(planes, fit_by_number)
{
	info.n_planes = 1;
	cr_assert(zi_planes_fit(&info, SLOT));
	info.n_planes = 0;
	cr_assert(!zi_planes_fit(&info, SLOT));
	for (int i = 0; i < ZOE_MAX_PLANES; i++)
		info.planes[i] = (struct zoe_plane){ .stride_bytes = 1, .row_bytes = 1, .rows = 1 };
	info.n_planes = ZOE_MAX_PLANES;
	cr_assert(zi_planes_fit(&info, SLOT));
	/* What follows in the record would pass for a plane. */
	info.crop_top_px = 1;
	info.sar_num = 1;
	info.n_planes++;
	cr_assert(!zi_planes_fit(&info, SLOT));
}

/* A plane without rows or without bytes is none. */
Test(planes, fit_of_an_empty_plane)
{
	info.planes[0].rows = 0;
	info.planes[0].stride_bytes = 0;
	cr_assert(!zi_planes_fit(&info, SLOT));
	begin();
	info.planes[1].row_bytes = 0;
	cr_assert(!zi_planes_fit(&info, SLOT));
}

/* Numbers whose sums and products wrap to something small do not get through. */
Test(planes, fit_of_numbers_that_overflow)
{
	static const struct zoe_plane bad[] = {
		{ .offset_bytes = UINT64_MAX, .stride_bytes = 64, .row_bytes = 64, .rows = 1 },
		{ .offset_bytes = SLOT + 1, .stride_bytes = 64, .row_bytes = 1, .rows = 1 },
		{ .offset_bytes = 0, .stride_bytes = 0x10000, .row_bytes = 64, .rows = 0x10001 },
		{ .offset_bytes = 0, .stride_bytes = UINT32_MAX, .row_bytes = 1, .rows = UINT32_MAX },
		{ .offset_bytes = 64, .stride_bytes = 0, .row_bytes = UINT32_MAX, .rows = 1 },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		info.planes[1] = bad[i];
		cr_assert(!zi_planes_fit(&info, SLOT), "%zu", i);
	}
}
