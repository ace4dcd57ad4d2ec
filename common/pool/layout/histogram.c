/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/layout/histogram.h"

_Static_assert((35 - 5) * 32 + 63 == ZOE_HISTOGRAM_BUCKETS - 1, "the end of the range is the last bucket's");

int64_t zoe_histogram_bucket_ns(uint32_t bucket)
{
	if (bucket < 64)
		return bucket;
	uint32_t shift = bucket / 32 - 1;
	return ((int64_t)(bucket % 32 + 33) << shift) - 1;
}

void zoe_histogram_add(struct zoe_histogram *histogram, int64_t ns)
{
	histogram->count[zi_histogram_bucket(ns)]++;
}

void zoe_histogram_merge(struct zoe_histogram *histogram, const struct zoe_histogram *other)
{
	for (uint32_t i = 0; i < ZOE_HISTOGRAM_BUCKETS; i++)
		histogram->count[i] += other->count[i];
}

void zoe_histogram_subtract(struct zoe_histogram *histogram, const struct zoe_histogram *other)
{
	for (uint32_t i = 0; i < ZOE_HISTOGRAM_BUCKETS; i++)
		histogram->count[i] -= other->count[i];
}

uint64_t zoe_histogram_total(const struct zoe_histogram *histogram)
{
	uint64_t total = 0;
	for (uint32_t i = 0; i < ZOE_HISTOGRAM_BUCKETS; i++)
		total += histogram->count[i];
	return total;
}

int64_t zoe_histogram_quantile(const struct zoe_histogram *histogram, double q)
{
	uint64_t total = zoe_histogram_total(histogram), wanted = 1, seen = 0;
	double rank = q * (double)total;

	if (rank > 1)
		wanted = rank < (double)total ? (uint64_t)rank : total;
	if ((double)wanted < rank && wanted < total)
		wanted++;
	for (uint32_t i = 0; i < ZOE_HISTOGRAM_BUCKETS && total > 0; i++) {
		seen += histogram->count[i];
		if (seen >= wanted)
			return zoe_histogram_bucket_ns(i);
	}
	return 0;
}
