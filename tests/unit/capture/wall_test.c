/* SPDX-License-Identifier: BSD-2-Clause */
/* The camera's clock, where it can be so. */
#include "wall.h"

#include <criterion/criterion.h>

#define S INT64_C(1000000000)
#define NOW (1700000000 * S)

static struct wall wall;

static void reset(void)
{
	wall = (struct wall){ 0 };
}

TestSuite(wall, .init = reset);

Test(wall, comes_out_with_its_picture)
{
	wall_packet(&wall, 11, NOW - S / 10, NOW);
	wall_packet(&wall, 12, NOW - S / 20, NOW + 1);
	cr_assert(wall_taken(&wall, 11) == NOW - S / 10 && wall_taken(&wall, 12) == NOW - S / 20);
	cr_assert(wall_taken(&wall, 13) == 0 && wall_taken(&wall, 0) == 0);
}

Test(wall, clocks_that_are_set_wrong)
{
	wall_packet(&wall, 1, 0, NOW);
	wall_packet(&wall, 2, -5, NOW);
	wall_packet(&wall, 3, 3600 * S, NOW);
	wall_packet(&wall, 4, NOW - 11 * S, NOW);
	wall_packet(&wall, 5, NOW + 3600 * S, NOW);
	wall_packet(&wall, 6, NOW + S, NOW);
	for (int64_t tag = 0; tag < 7; tag++)
		cr_assert(wall_taken(&wall, tag) == 0, "%d", (int)tag);
	/* A little ahead is as well as two clocks can agree. */
	wall_packet(&wall, 7, NOW + S / 10, NOW);
	cr_assert(wall_taken(&wall, 7) == NOW + S / 10);
}

Test(wall, old_ones_make_room)
{
	for (int64_t i = 1; i <= WALL_PACKETS + 5; i++)
		wall_packet(&wall, i, NOW + i, NOW);
	cr_assert(wall_taken(&wall, 5) == 0 && wall_taken(&wall, 6) == NOW + 6);
	cr_assert(wall_taken(&wall, WALL_PACKETS + 5) == NOW + WALL_PACKETS + 5);
}
