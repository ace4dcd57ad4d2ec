/* SPDX-License-Identifier: BSD-2-Clause */
/* How the source of a pool does, in the words of each view. */
#ifndef TOP_SOURCE_H
#define TOP_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include <zoetrope/list.h>

/* One thing that a writer counts of its source. */
struct top_source_count {
	const char *key;   /* in JSON, and in the names of Prometheus' series */
	const char *words; /* before the number; NULL: it is no trouble, and not told in the tables */
	const char *help;
	size_t offset; /* of an uint64_t in struct zoe_source */
};

extern const struct top_source_count top_source_counts[];
extern const size_t top_n_source_counts;

uint64_t top_source_get(const struct zoe_source *source, const struct top_source_count *count);

/* "input", "stopped" or "failed" of a pool that has ended; NULL: it has not. */
const char *top_end(const struct zoe_pool_info *info);

/* For how long the source of a pool has been lost; below 0: it is not. */
double top_lost_s(const struct zoe_pool_info *info, int64_t now_ns);

/* What a person should know, in one line of printable text: since when and why it is lost, and what was counted; "" nothing. */
void top_source_line(char *to, size_t bytes, const struct zoe_pool_info *info, int64_t now_ns);

#endif
