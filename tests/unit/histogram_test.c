/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <zoetrope/histogram.h>

TestSuite(histogram);

static struct zoe_histogram histogram;

/* An empty histogram answers 0. */
Test(histogram, quantile_of_nothing)
{
	cr_assert(zoe_histogram_quantile(&histogram, 0.5) == 0, "something was counted");
}

/* One value is every quantile. */
Test(histogram, quantile_of_one_value)
{
	zoe_histogram_add(&histogram, 17);
	cr_assert(zoe_histogram_quantile(&histogram, 0) == 17, "q 0");
	cr_assert(zoe_histogram_quantile(&histogram, 0.5) == 17, "q 0.5");
	cr_assert(zoe_histogram_quantile(&histogram, 1) == 17, "q 1");
}

/* Small values, 0 to 63 ns, are exact. */
Test(histogram, quantile_of_small_values)
{
	for (int ns = 0; ns < 64; ns++) {
		struct zoe_histogram one = { 0 };

		zoe_histogram_add(&one, ns);
		cr_assert(zoe_histogram_quantile(&one, 1) == ns, "%d ns is not exact", ns);
	}
}

/* A quantile is never too low, and at most 1/32 too high, over the whole range. */
Test(histogram, quantile_over_the_range)
{
	for (int64_t ns = 1; ns < INT64_C(1) << 36; ns += ns / 100 + 1) {
		struct zoe_histogram one = { 0 };
		int64_t got;

		zoe_histogram_add(&one, ns);
		got = zoe_histogram_quantile(&one, 0.99);
		cr_assert(got >= ns, "%lld for %lld", (long long)got, (long long)ns);
		cr_assert(got <= ns + ns / 32, "%lld for %lld", (long long)got, (long long)ns);
	}
}

/* Below 0 counts as 0, beyond the range as its end. */
Test(histogram, add_out_of_range)
{
	zoe_histogram_add(&histogram, INT64_MIN);
	cr_assert(zoe_histogram_quantile(&histogram, 1) == 0, "below 0");
	zoe_histogram_add(&histogram, INT64_MAX);
	cr_assert(zoe_histogram_quantile(&histogram, 1) == (INT64_C(1) << 36) - 1, "beyond the range");
	cr_assert(zoe_histogram_total(&histogram) == 2, "both are counted");
}

/* The median of 1 to 10 is 5; the 90th percentile 9, and a little more needs the 10. */
Test(histogram, quantile_ranks)
{
	for (int ns = 1; ns <= 10; ns++)
		zoe_histogram_add(&histogram, ns);
	cr_assert(zoe_histogram_quantile(&histogram, 0.5) == 5, "median");
	cr_assert(zoe_histogram_quantile(&histogram, 0.51) == 6, "just above the median");
	cr_assert(zoe_histogram_quantile(&histogram, 0.9) == 9, "p90");
	cr_assert(zoe_histogram_quantile(&histogram, 0.91) == 10, "p91");
	cr_assert(zoe_histogram_quantile(&histogram, 0) == 1, "least");
	cr_assert(zoe_histogram_quantile(&histogram, 1) == 10, "greatest");
}

/* A fraction outside 0 to 1 means the nearer end. */
Test(histogram, quantile_out_of_range)
{
	zoe_histogram_add(&histogram, 3);
	zoe_histogram_add(&histogram, 9);
	cr_assert(zoe_histogram_quantile(&histogram, -1) == 3, "below 0");
	cr_assert(zoe_histogram_quantile(&histogram, 7) == 9, "above 1");
}

/* Each bucket ends where the next begins, and its end is counted in it. */
Test(histogram, bucket_ends)
{
	int64_t before = -1;

	for (uint32_t i = 0; i < ZOE_HISTOGRAM_BUCKETS; i++) {
		struct zoe_histogram one = { 0 };
		int64_t end = zoe_histogram_bucket_ns(i);

		cr_assert(end > before, "bucket %u ends before it begins", i);
		zoe_histogram_add(&one, before + 1);
		zoe_histogram_add(&one, end);
		cr_assert(one.count[i] == 2, "bucket %u does not count its own range", i);
		before = end;
	}
}

/* Two looks at one histogram: taking the first from the second leaves what came between. */
Test(histogram, merge_and_subtract)
{
	struct zoe_histogram first = { 0 };

	zoe_histogram_add(&first, 1000);
	zoe_histogram_merge(&histogram, &first);
	zoe_histogram_add(&histogram, 5);
	cr_assert(zoe_histogram_total(&histogram) == 2, "both are there");
	zoe_histogram_subtract(&histogram, &first);
	cr_assert(zoe_histogram_total(&histogram) == 1, "one is left");
	cr_assert(zoe_histogram_quantile(&histogram, 1) == 5, "the one between");
}
