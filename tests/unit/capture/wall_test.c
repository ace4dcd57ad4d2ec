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

/* One that is about as late as can be believed does not come and go. */
Test(wall, a_late_clock)
{
	wall_packet(&wall, 1, NOW - 9 * S, NOW);
	wall_packet(&wall, 2, NOW - 14 * S, NOW);
	wall_packet(&wall, 3, NOW - 16 * S, NOW);
	wall_packet(&wall, 4, NOW - 14 * S, NOW);
	cr_assert(wall_taken(&wall, 1) == NOW - 9 * S && wall_taken(&wall, 2) == NOW - 14 * S);
	cr_assert(wall_taken(&wall, 3) == 0 && wall_taken(&wall, 4) == 0);
}

/* Where a packet is given with what is said of the next. */
Test(wall, of_the_next)
{
	wall.is_of_next = true;
	wall_packet(&wall, 1, NOW + 1, NOW);
	wall_packet(&wall, 2, NOW + 2, NOW);
	wall_packet(&wall, 3, 0, NOW);
	wall_packet(&wall, 4, NOW + 4, NOW);
	cr_assert(wall_taken(&wall, 1) == 0 && wall_taken(&wall, 2) == NOW + 1 && wall_taken(&wall, 3) == NOW + 2);
	cr_assert(wall_taken(&wall, 4) == 0);
}

Test(wall, old_ones_make_room)
{
	for (int64_t i = 1; i <= WALL_PACKETS + 5; i++)
		wall_packet(&wall, i, NOW + i, NOW);
	cr_assert(wall_taken(&wall, 5) == 0 && wall_taken(&wall, 6) == NOW + 6);
	cr_assert(wall_taken(&wall, WALL_PACKETS + 5) == NOW + WALL_PACKETS + 5);
}
