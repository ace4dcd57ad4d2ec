/* SPDX-License-Identifier: BSD-2-Clause */
/* Bit rate and distance of key frames. */
#include "traffic.h"

#include <criterion/criterion.h>

#define MS INT64_C(1000000)

static struct traffic traffic;

/* Packets of so many bytes, one each 40 ms from start_ms on; every `group`th is a key packet, the first, too. */
static void feed(int64_t start_ms, int n, int bytes, int group)
{
	for (int i = 0; i < n; i++)
		traffic_packet(&traffic, bytes, i % group == 0, (start_ms + (int64_t)i * 40) * MS);
}

static void reset(void)
{
	traffic = (struct traffic){ 0 };
}

TestSuite(traffic, .init = reset);

Test(traffic, bit_rate_of_a_second)
{
	feed(5000, 25, 1000, 10);
	cr_assert(traffic.bits_per_s == 0);
	traffic_packet(&traffic, 1000, false, 6000 * MS);
	cr_assert(traffic.bits_per_s == 200000, "%lu", (unsigned long)traffic.bits_per_s);
	/* Twice as much from here on. */
	feed(6040, 24, 2000, 10);
	cr_assert(traffic.bits_per_s == 200000);
	traffic_packet(&traffic, 2000, false, 7000 * MS);
	cr_assert(traffic.bits_per_s == 8 * 49000, "%lu", (unsigned long)traffic.bits_per_s);
}

/* What came after a gap is spread over it. */
Test(traffic, gap)
{
	feed(5000, 25, 1000, 10);
	traffic_packet(&traffic, 1000, false, 15000 * MS);
	cr_assert(traffic.bits_per_s == 20000, "%lu", (unsigned long)traffic.bits_per_s);
}

Test(traffic, key_frames)
{
	feed(5000, 10, 1000, 12);
	cr_assert(traffic.key_interval == 0);
	feed(5400, 3, 1000, 2);
	cr_assert(traffic.key_interval == 2);
	feed(5520, 3, 1000, 1);
	cr_assert(traffic.key_interval == 1);
}

Test(traffic, sizes_that_are_none)
{
	traffic_packet(&traffic, -1, true, MS);
	traffic_packet(&traffic, 0, true, 1001 * MS);
	cr_assert(traffic.bits_per_s == 0 && traffic.key_interval == 1);
}
