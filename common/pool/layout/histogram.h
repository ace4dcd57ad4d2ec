/* SPDX-License-Identifier: BSD-2-Clause */
/* Which bucket of a zoe_histogram counts a duration: for those that stand in shared memory, too. */
#ifndef ZI_HISTOGRAM_H
#define ZI_HISTOGRAM_H

#include <stdint.h>

#include <zoetrope/histogram.h>

/* The end of the range, and of the last bucket. */
#define ZI_HISTOGRAM_MAX_NS ((INT64_C(1) << 36) - 1)

static inline uint32_t zi_histogram_bucket(int64_t ns)
{
	if (ns < 64)
		return ns < 0 ? 0 : (uint32_t)ns;
	if (ns > ZI_HISTOGRAM_MAX_NS)
		return ZOE_HISTOGRAM_BUCKETS - 1;
	/* The power of two, and the five bits below the leading one. */
	uint32_t exponent = 63 - (uint32_t)__builtin_clzll((uint64_t)ns);
	return (exponent - 5) * 32 + (uint32_t)(ns >> (exponent - 5));
}

#endif
