/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic on what a file says: timestamps, durations, and nanoseconds made of them. Any of these may be
 * anything, so results end at the ends of 64 bits instead of overflowing.
 */
#ifndef CAPTURE_TICKS_H
#define CAPTURE_TICKS_H

#include <stdint.h>

#include <libavutil/mathematics.h>

static const AVRational ticks_ns = { 1, 1000000000 };

static inline int64_t ticks_add(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? (b < 0 ? INT64_MIN : INT64_MAX) : sum;
}

static inline int64_t ticks_sub(int64_t a, int64_t b)
{
	int64_t difference;

	return __builtin_sub_overflow(a, b, &difference) ? (b < 0 ? INT64_MAX : INT64_MIN) : difference;
}

static inline int64_t ticks_rescale(int64_t a, AVRational from, AVRational to)
{
	int64_t scaled = av_rescale_q(a, from, to);

	/* libavutil's word for what does not fit. */
	return scaled == INT64_MIN && a > 0 ? INT64_MAX : scaled;
}

#endif
