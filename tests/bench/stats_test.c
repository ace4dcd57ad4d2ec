/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <math.h>

#include "stats.h"

TestSuite(stats);

static int near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

/* Of nothing, nothing is known. */
Test(stats, of_nothing)
{
	struct stats stats = stats_of(NULL, 0);
	cr_assert(stats.n == 0 && isnan(stats.median) && isnan(stats.min) && isnan(stats.q3), "something is known");
}

/* One value is all there is. */
Test(stats, of_one_value)
{
	struct stats stats = stats_one(7);
	cr_assert(stats.n == 1 && near(stats.median, 7) && near(stats.q1, 7) && near(stats.q3, 7), "not 7");
	cr_assert(near(stats.min, 7) && near(stats.max, 7), "not 7");
}

/* The order of the values does not matter, and they are left as they are. */
Test(stats, of_an_odd_number)
{
	double values[] = { 5, 1, 4, 2, 3 };
	struct stats stats = stats_of(values, 5);
	cr_assert(near(stats.median, 3) && near(stats.q1, 2) && near(stats.q3, 4), "%g [%g %g]", stats.median, stats.q1,
		stats.q3);
	cr_assert(near(stats.min, 1) && near(stats.max, 5), "%g to %g", stats.min, stats.max);
	cr_assert(near(values[0], 5) && near(values[4], 3), "the values were moved");
}

/* Between the two in the middle, and a quarter of the way. */
Test(stats, of_an_even_number)
{
	double values[] = { 10, 40, 20, 30 };
	struct stats stats = stats_of(values, 4);
	cr_assert(near(stats.median, 25) && near(stats.q1, 17.5) && near(stats.q3, 32.5), "%g [%g %g]", stats.median,
		stats.q1, stats.q3);
}

/* What was not measured in one run does not count. */
Test(stats, of_values_with_gaps)
{
	double values[] = { NAN, 3, NAN, 1 };
	struct stats stats = stats_of(values, 4);
	cr_assert(stats.n == 2 && near(stats.median, 2), "%zu values, median %g", stats.n, stats.median);
}

/* The ratio is taken run by run: the median of ratios, not the ratio of medians. */
Test(stats, ratio_is_paired)
{
	double a[] = { 2, 40, 6 }, b[] = { 1, 10, 6 };
	struct stats stats = stats_ratio(a, b, 3);
	cr_assert(near(stats.median, 2) && near(stats.min, 1) && near(stats.max, 4), "%g, %g to %g", stats.median,
		stats.min, stats.max);
}

/* Nothing is divided by 0 or by what was not measured. */
Test(stats, ratio_to_nothing)
{
	double a[] = { 2, 3, 4 }, b[] = { 0, NAN, 2 };
	struct stats stats = stats_ratio(a, b, 3);
	cr_assert(stats.n == 1 && near(stats.median, 2), "%zu values, median %g", stats.n, stats.median);
}

/* A quantile lies within the bucket of the value: at most 1/32 off, and small values are exact. */
Test(stats, quantile_of_a_histogram)
{
	static struct zoe_histogram histogram;
	cr_assert(isnan(stats_quantile_us(&histogram, 0.5)), "of nothing");
	for (int i = 0; i < 100; i++)
		zoe_histogram_add(&histogram, i < 90 ? 40 : 100000);
	cr_assert(fabs(stats_quantile_us(&histogram, 0.5) - 0.04) <= 0.001, "p50 %g",
		stats_quantile_us(&histogram, 0.5));
	cr_assert(fabs(stats_quantile_us(&histogram, 0.99) - 100) <= 100 / 32.0, "p99 %g",
		stats_quantile_us(&histogram, 0.99));
	cr_assert(stats_quantile_us(&histogram, 1) >= 100, "the greatest is not in it");
}
