/* SPDX-License-Identifier: BSD-2-Clause */
/* A pool as a list would find it, to be changed by tests. */
#ifndef TESTS_TOP_POOLS_H
#define TESTS_TOP_POOLS_H

#include <stdio.h>
#include <string.h>

#include "snapshot.h"

#define SECOND INT64_C(1000000000)
#define MS INT64_C(1000000)
#define US INT64_C(1000)

/* What the list's memory is to its records. */
struct found {
	struct zoe_pool_info info;
	struct zoe_histogram age[ZOE_MAX_SEATS], held[ZOE_MAX_SEATS];
};

static inline void found_init(struct found *found, const char *name)
{
	memset(found, 0, sizeof(*found));
	snprintf(found->info.name, sizeof(found->info.name), "%s", name);
	found->info.epoch = 7;
	found->info.published = 100;
	found->info.writer_pid = 1;
}

/* One more reader, with `received` frames taken and returned: each was age_ns old, and held for hold_ns. */
static inline struct zoe_reader_info *found_reader(struct found *found, const char *label, uint32_t pid)
{
	uint32_t i = found->info.n_readers++;
	struct zoe_reader_info *reader = &found->info.readers[i];
	reader->seat = i;
	reader->incarnation = 1;
	snprintf(reader->label, sizeof(reader->label), "%s", label);
	reader->pid = pid;
	reader->hold = 2;
	reader->depth = 1;
	reader->every = 1;
	reader->alive = true;
	reader->age = &found->age[i];
	reader->held = &found->held[i];
	return reader;
}

static inline void found_takes(struct found *found, uint32_t reader, int n, int64_t age_ns, int64_t hold_ns)
{
	found->info.readers[reader].received += (uint64_t)n;
	for (int i = 0; i < n; i++) {
		zoe_histogram_add(&found->age[reader], age_ns);
		zoe_histogram_add(&found->held[reader], hold_ns);
	}
}

#endif
