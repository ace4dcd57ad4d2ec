/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Buckets: 0 to 63 ns have one each; above, each power of two is cut into 32 equal parts,
 * told apart by the five bits below the leading one.
 */
#include "program/histogram.h"

#define MAX_NS (INT64_C(1) << 40)

_Static_assert((40 - 4) * 32 < ZI_HISTOGRAM_BUCKETS, "the end of the range has a bucket");

static unsigned bucket_of(uint64_t ns)
{
	unsigned exponent;

	if (ns < 32)
		return (unsigned)ns;
	exponent = 63 - (unsigned)__builtin_clzll(ns);
	return (exponent - 4) * 32 + (unsigned)(ns >> (exponent - 5)) - 32;
}

static int64_t highest_of(unsigned bucket)
{
	unsigned shift;
	int64_t end;

	if (bucket < 32)
		return bucket;
	shift = bucket / 32 - 1;
	end = ((int64_t)(bucket % 32 + 33) << shift) - 1;
	return end < MAX_NS ? end : MAX_NS;
}

void zi_histogram_add(struct zi_histogram *histogram, int64_t ns)
{
	if (ns < 0)
		ns = 0;
	if (ns > MAX_NS)
		ns = MAX_NS;
	histogram->buckets[bucket_of((uint64_t)ns)]++;
	histogram->total++;
}

int64_t zi_histogram_quantile(const struct zi_histogram *histogram, double q)
{
	double rank = q * (double)histogram->total;
	uint64_t wanted = 1;
	uint64_t seen = 0;

	if (histogram->total == 0)
		return 0;
	if (rank > 1)
		wanted = rank < (double)histogram->total ? (uint64_t)rank : histogram->total;
	if ((double)wanted < rank && wanted < histogram->total)
		wanted++;
	for (unsigned i = 0; i < ZI_HISTOGRAM_BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (seen >= wanted)
			return highest_of(i);
	}
	return MAX_NS;
}
