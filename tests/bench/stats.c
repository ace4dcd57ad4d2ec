/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Between the values on both sides of where the fraction q falls. */
static double quantile(const double *sorted, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t below = (size_t)at;
	if (below + 1 >= n)
		return sorted[n - 1];
	return sorted[below] + (sorted[below + 1] - sorted[below]) * (at - (double)below);
}

struct stats stats_of(const double *values, size_t n)
{
	struct stats none = { 0, NAN, NAN, NAN, NAN, NAN };
	double *sorted = calloc(n + 1, sizeof(*sorted));
	if (!sorted)
		return none;
	size_t n_known = 0;
	for (size_t i = 0; i < n; i++)
		if (!isnan(values[i]))
			sorted[n_known++] = values[i];
	qsort(sorted, n_known, sizeof(*sorted), ascending);
	struct stats stats = n_known == 0 ? none
					  : (struct stats){
						    .n = n_known,
						    .median = quantile(sorted, n_known, 0.5),
						    .q1 = quantile(sorted, n_known, 0.25),
						    .q3 = quantile(sorted, n_known, 0.75),
						    .min = sorted[0],
						    .max = sorted[n_known - 1],
					    };
	free(sorted);
	return stats;
}

struct stats stats_ratio(const double *a, const double *b, size_t n)
{
	double *ratios = calloc(n + 1, sizeof(*ratios));
	if (!ratios)
		return stats_of(NULL, 0);
	for (size_t i = 0; i < n; i++)
		ratios[i] = b[i] > 0 ? a[i] / b[i] : NAN;
	struct stats stats = stats_of(ratios, n);
	free(ratios);
	return stats;
}

struct stats stats_one(double value)
{
	return stats_of(&value, 1);
}

double stats_quantile_us(const struct zoe_histogram *histogram, double q)
{
	double rank = q * (double)zoe_histogram_total(histogram), seen = 0;
	for (uint32_t i = 0; i < ZOE_HISTOGRAM_BUCKETS; i++) {
		double count = histogram->count[i];
		if (count > 0 && seen + count >= rank) {
			double low = i ? (double)zoe_histogram_bucket_ns(i - 1) : 0,
			       high = (double)zoe_histogram_bucket_ns(i);
			return (low + (high - low) * (rank > seen ? (rank - seen) / count : 0)) / 1000;
		}
		seen += count;
	}
	return NAN;
}
