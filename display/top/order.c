/* SPDX-License-Identifier: BSD-2-Clause */
/* The order in which pools and their readers are shown. */
#include <stdlib.h>
#include <string.h>

#include "snapshot.h"

struct sort_order {
	enum top_order order;
	bool reverse;
};

/* The greater comes first; equals go by name. */
struct weight {
	double most, then;
};

static struct weight weigh_reader(const struct top_reader *reader, enum top_order order)
{
	switch (order) {
	case TOP_BY_FPS:
		return (struct weight){ reader->fps, 0 };
	case TOP_BY_AGE:
		return (struct weight){ (double)reader->age.p99_ns, 0 };
	case TOP_BY_DROPS:
		return (struct weight){ reader->drops_per_s, (double)reader->info->displaced };
	case TOP_BY_MEMORY:
		return (struct weight){ reader->info->n_held, reader->info->n_waiting };
	case TOP_BY_NAME:
		break;
	}
	return (struct weight){ 0, 0 };
}

static struct weight weigh_pool(const struct top_pool *pool, enum top_order order)
{
	struct weight weight = { 0, 0 };

	if (order == TOP_BY_FPS)
		weight.most = pool->fps;
	if (order == TOP_BY_MEMORY)
		weight.most = (double)pool->info.shm_bytes;
	for (uint32_t i = 0; i < pool->info.n_readers; i++) {
		struct weight of_reader = weigh_reader(pool->readers[i], order);

		if (order == TOP_BY_DROPS) {
			weight.most += of_reader.most;
			weight.then += of_reader.then;
		} else if (order == TOP_BY_AGE && of_reader.most > weight.most) {
			weight = of_reader;
		}
	}
	return weight;
}

static int compare(struct weight a, struct weight b)
{
	if (a.most != b.most)
		return a.most > b.most ? -1 : 1;
	if (a.then != b.then)
		return a.then > b.then ? -1 : 1;
	return 0;
}

static int compare_readers(const void *a, const void *b, void *argument)
{
	const struct top_reader *left = *(struct top_reader *const *)a;
	const struct top_reader *right = *(struct top_reader *const *)b;
	const struct sort_order *sort = argument;
	int order = compare(weigh_reader(left, sort->order), weigh_reader(right, sort->order));

	if (order == 0)
		order = strcmp(left->info->label, right->info->label);
	if (order == 0)
		order = left->info->seat < right->info->seat ? -1 : 1;
	return sort->reverse ? -order : order;
}

static int compare_pools(const void *a, const void *b, void *argument)
{
	const struct top_pool *left = *(struct top_pool *const *)a;
	const struct top_pool *right = *(struct top_pool *const *)b;
	const struct sort_order *sort = argument;
	int order = compare(weigh_pool(left, sort->order), weigh_pool(right, sort->order));

	if (order == 0)
		order = strcmp(left->info.name, right->info.name);
	return sort->reverse ? -order : order;
}

void top_snapshot_sort(struct top_snapshot *snapshot, enum top_order order, bool reverse)
{
	struct sort_order sort = { order, reverse };

	if (snapshot->n_pools > 0)
		qsort_r(snapshot->pools, snapshot->n_pools, sizeof(struct top_pool *), compare_pools, &sort);
	for (size_t i = 0; i < snapshot->n_pools; i++)
		qsort_r(snapshot->pools[i]->readers, snapshot->pools[i]->info.n_readers, sizeof(struct top_reader *),
			compare_readers, &sort);
}
