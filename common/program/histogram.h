/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A log-linear histogram of durations: 1 ns to 2^40 ns (18 minutes), 32 buckets to each
 * power of two, so a quantile is at most 1/32 too high. Plain memory, one thread.
 */
#ifndef ZI_HISTOGRAM_H
#define ZI_HISTOGRAM_H

#include <stdint.h>

#define ZI_HISTOGRAM_BUCKETS (41 * 32)

struct zi_histogram {
	uint64_t total;
	uint64_t buckets[ZI_HISTOGRAM_BUCKETS];
};

/* Count a duration; below 0 counts as 0, beyond the range as its end. */
void zi_histogram_add(struct zi_histogram *histogram, int64_t ns);

/* The duration that the fraction q (0 to 1) does not exceed; 0 when nothing was counted. */
int64_t zi_histogram_quantile(const struct zi_histogram *histogram, double q);

#endif
