/* SPDX-License-Identifier: BSD-2-Clause */
#include "snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct top_look *top_look_create(void)
{
	return calloc(1, sizeof(struct top_look));
}

static struct top_quantiles quantiles(const struct zoe_histogram *histogram)
{
	return (struct top_quantiles){
		.count = zoe_histogram_total(histogram),
		.p50_ns = zoe_histogram_quantile(histogram, 0.5),
		.p99_ns = zoe_histogram_quantile(histogram, 0.99),
	};
}

static struct top_quantiles quantiles_between(const struct zoe_histogram *now, const struct zoe_histogram *before)
{
	struct zoe_histogram between = *now;

	zoe_histogram_subtract(&between, before);
	return quantiles(&between);
}

static bool has_fallen(const struct zoe_histogram *now, const struct zoe_histogram *before)
{
	for (uint32_t i = 0; i < ZOE_HISTOGRAM_BUCKETS; i++)
		if (now->count[i] < before->count[i])
			return true;
	return false;
}

/* A seat may be emptied for its next reader while it is read: then what it counts has fallen. */
static bool is_same(const struct top_reader *now, const struct top_reader *before)
{
	const struct zoe_reader_info *a = now->info, *b = before->info;

	return a->seat == b->seat && a->incarnation == b->incarnation && a->received >= b->received &&
		a->displaced >= b->displaced && !has_fallen(&now->all_age, &before->all_age) &&
		!has_fallen(&now->all_hold, &before->all_hold);
}

static void compare_reader(struct top_reader *reader, const struct top_pool *before, double interval_s)
{
	reader->age = quantiles(&reader->all_age);
	reader->hold = quantiles(&reader->all_hold);
	for (uint32_t i = 0; before && i < before->info.n_readers; i++) {
		const struct top_reader *old = before->readers[i];

		if (!is_same(reader, old))
			continue;
		reader->compared = true;
		reader->fps = (double)(reader->info->received - old->info->received) / interval_s;
		reader->drops_per_s = (double)(reader->info->displaced - old->info->displaced) / interval_s;
		reader->age = quantiles_between(&reader->all_age, &old->all_age);
		reader->hold = quantiles_between(&reader->all_hold, &old->all_hold);
		return;
	}
}

/* The list's record is valid until it looks further: what it points to is copied, too. */
static int keep_readers(struct top_pool *pool)
{
	for (uint32_t i = 0; i < pool->info.n_readers; i++) {
		struct zoe_reader_info *info = &pool->info.readers[i];
		struct top_reader *reader = calloc(1, sizeof(*reader));

		if (!reader)
			return -ENOMEM;
		pool->readers[i] = reader;
		reader->info = info;
		reader->all_age = *info->age;
		reader->all_hold = *info->held;
		info->age = &reader->all_age;
		info->held = &reader->all_hold;
	}
	return 0;
}

/* The pool of this life in that look; NULL when there is none, or when no time went by. */
static const struct top_pool *find(const struct top_look *look, const struct top_pool *pool)
{
	for (size_t i = 0; look && i < look->n_pools; i++) {
		const struct top_pool *other = look->pools[i];

		if (other->info.error || pool->info.error || strcmp(other->info.name, pool->info.name) != 0)
			continue;
		if (other->info.epoch == pool->info.epoch && pool->info.published >= other->info.published &&
			pool->at_ns > other->at_ns)
			return other;
	}
	return NULL;
}

static void compare_pool(struct top_pool *pool, const struct top_look *look)
{
	const struct top_pool *before = find(look, pool);

	pool->fps = pool->info.frames_per_s;
	if (before) {
		pool->compared = true;
		pool->interval_s = (double)(pool->at_ns - before->at_ns) / 1e9;
		pool->fps = (double)(pool->info.published - before->info.published) / pool->interval_s;
	}
	for (uint32_t i = 0; i < pool->info.n_readers; i++)
		compare_reader(pool->readers[i], before, pool->interval_s);
}

static struct top_pool *append(struct top_look *look)
{
	if (look->n_pools == look->n_allocated) {
		size_t n = look->n_allocated ? 2 * look->n_allocated : 16;
		struct top_pool **pools = realloc(look->pools, n * sizeof(struct top_pool *));

		if (!pools)
			return NULL;
		look->pools = pools;
		look->n_allocated = n;
	}
	struct top_pool *pool = calloc(1, sizeof(*pool));

	if (pool)
		look->pools[look->n_pools++] = pool;
	return pool;
}

int top_look_add(struct top_look *look, const struct top_look *before, const struct zoe_pool_info *info, int64_t at_ns)
{
	struct top_pool *pool = append(look);

	if (!pool)
		return -ENOMEM;
	pool->info = *info;
	pool->at_ns = at_ns;
	if (info->why) {
		snprintf(pool->why, sizeof(pool->why), "%s", info->why);
		pool->info.why = pool->why;
	}
	if (keep_readers(pool))
		return -ENOMEM;
	compare_pool(pool, before);
	return 0;
}

int top_look_take(struct top_look **pointer, const struct top_look *before, const char *name)
{
	const struct zoe_pool_info *info;
	struct zoe_list *list;
	struct top_look *look;
	int error = zoe_list_open(&list);

	*pointer = NULL;
	if (error)
		return error;
	look = top_look_create();
	if (!look)
		error = -ENOMEM;
	while (!error && zoe_list_next(list, &info) == 0)
		if (!name || strcmp(name, info->name) == 0)
			error = top_look_add(look, before, info, zoe_now_ns());
	zoe_list_close(&list);
	if (error)
		top_look_destroy(&look);
	*pointer = look;
	return error;
}

void top_look_destroy(struct top_look **pointer)
{
	struct top_look *look = *pointer;

	*pointer = NULL;
	for (size_t i = 0; look && i < look->n_pools; i++) {
		for (uint32_t r = 0; r < look->pools[i]->info.n_readers; r++)
			free(look->pools[i]->readers[r]);
		free(look->pools[i]);
	}
	if (look)
		free(look->pools);
	free(look);
}

bool top_pool_idle(const struct top_pool *pool)
{
	return pool->info.error || pool->info.stale || pool->info.state != ZOE_STATE_LIVE ||
		(pool->compared && !(pool->fps > 0));
}
