/* SPDX-License-Identifier: BSD-2-Clause */
/* How long things take: what a seat counts for its reader, and programs for themselves. */
#ifndef ZOETROPE_HISTOGRAM_H
#define ZOETROPE_HISTOGRAM_H

#include <stdint.h>

#include <zoetrope/pool.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ZOE_HISTOGRAM_BUCKETS 1024

/*
 * A log-linear histogram of durations, as HdrHistogram's: 0 to 63 ns have a bucket each;
 * above, each power of two is cut into 32 equal parts, up to 2^36 ns (69 s). So a quantile
 * is never too low, and at most 1/32 too high. Zeroes are an empty one.
 *
 * Threads: plain memory, one thread at a time. It is the caller's, everywhere.
 */
struct zoe_histogram {
	uint32_t count[ZOE_HISTOGRAM_BUCKETS];
};

/* Count a duration; below 0 counts as 0, beyond the range as its end. */
ZOE_API void zoe_histogram_add(struct zoe_histogram *histogram, int64_t ns);

/* Add what `other` counted, or take it away: what came between two looks at one histogram. */
ZOE_API void zoe_histogram_merge(struct zoe_histogram *histogram, const struct zoe_histogram *other);
ZOE_API void zoe_histogram_subtract(struct zoe_histogram *histogram, const struct zoe_histogram *other);

/* How many durations were counted. */
ZOE_API uint64_t zoe_histogram_total(const struct zoe_histogram *histogram);

/* The duration in ns that the fraction q (0 to 1) does not exceed; 0 when nothing was counted. */
ZOE_API int64_t zoe_histogram_quantile(const struct zoe_histogram *histogram, double q);

/* The longest duration in ns that is counted in this bucket, 0 to ZOE_HISTOGRAM_BUCKETS - 1. */
ZOE_API int64_t zoe_histogram_bucket_ns(uint32_t bucket);

#ifdef __cplusplus
}
#endif
#endif
