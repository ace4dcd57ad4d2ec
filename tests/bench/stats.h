/* SPDX-License-Identifier: BSD-2-Clause */
/* A few runs in one line: the median and how far apart they lie. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>

#include <zoetrope/histogram.h>

/* Of n values; NANs when there is none. q1 to q3 is the middle half (interpolated between values). */
struct stats {
	size_t n;
	double median, q1, q3, min, max;
};

/* Values that are NAN (not measured in that run) are left out. */
struct stats stats_of(const double *values, size_t n);

/* Of a[i] / b[i]: what was measured side by side is compared side by side. */
struct stats stats_ratio(const double *a, const double *b, size_t n);

/* One value, as it is. */
struct stats stats_one(double value);

/* The duration in µs that the fraction q does not exceed, interpolated within its bucket; NAN of none. */
double stats_quantile_us(const struct zoe_histogram *histogram, double q);

#endif
