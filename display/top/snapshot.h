/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One snapshot of all pools, and what came since the snapshot before: what every view of zoe-top
 * shows. Nothing here knows of a terminal or a file.
 */
#ifndef TOP_SNAPSHOT_H
#define TOP_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zoetrope/list.h>

struct top_quantiles {
	uint64_t count; /* 0: there are none, and the others are 0 */
	int64_t p50_ns, p99_ns;
};

struct top_reader {
	const struct zoe_reader_info *info;
	char label[ZOE_LABEL_BYTES]; /* printable ASCII, as zi_text_printable() leaves it */
	/*
	 * Tells readers of one label apart, from 1. Who was in the snapshot before keeps its number; who is
	 * new gets the lowest that no living namesake has, in the order of their seats.
	 */
	uint32_t nth;
	/* True when it was in the snapshot before: then what follows is of the time between, otherwise of all its time. */
	bool compared;
	double fps;                             /* received per second; only when compared */
	double drops_per_s;                     /* displaced per second; only when compared */
	struct top_quantiles age, hold;         /* of the frames that it gave back */
	struct zoe_histogram all_age, all_hold; /* since it took its seat */
};

struct top_pool {
	struct zoe_pool_info info; /* with the readers, and their histograms, that stand here */
	char why[256];
	struct zoe_source source;                  /* of info.source */
	int64_t at_ns;                             /* when it was looked at, on the monotonic clock */
	bool compared;                             /* the same life of it was seen in the snapshot before */
	double interval_s;                         /* since then; 0 when not compared */
	bool fps_known;                            /* false: so few frames are kept that nothing can be said */
	double fps;                                /* in that time; not compared: of the last few frames; 0 unknown */
	struct top_reader *readers[ZOE_MAX_SEATS]; /* info.n_readers */
};

struct top_snapshot {
	struct top_pool **pools;
	size_t n_pools, n_allocated;
};

/*
 * Look at the pool called `name`, or at all with NULL. `before` is an earlier snapshot, or NULL.
 * 0, or a negative errno, which zoe_error() explains unless it is -ENOMEM; *snapshot is NULL then.
 */
int top_snapshot_take(struct top_snapshot **snapshot, const struct top_snapshot *before, const char *name);

/* What it is made of: an empty snapshot (NULL: out of memory); one more pool (0 or -ENOMEM), as found at at_ns. */
struct top_snapshot *top_snapshot_create(void);
int top_snapshot_add(struct top_snapshot *snapshot, const struct top_snapshot *before, const struct zoe_pool_info *info,
	int64_t at_ns);

/* Frees the snapshot and clears the pointer; NULL is fine. */
void top_snapshot_destroy(struct top_snapshot **snapshot);

/* By what pools, and the readers of each, are sorted: by name upwards, all else downwards, then by name. */
enum top_order {
	TOP_BY_NAME,
	TOP_BY_FPS,
	TOP_BY_AGE,    /* p99; a pool's is its oldest reader's */
	TOP_BY_DROPS,  /* per second, then in all */
	TOP_BY_MEMORY, /* a reader's is what it holds */
};
void top_snapshot_sort(struct top_snapshot *snapshot, enum top_order order, bool reverse);

/* True when no frames come from it: it is dead, ended or without a source, or published none since the snapshot before. */
bool top_pool_idle(const struct top_pool *pool);

#endif
