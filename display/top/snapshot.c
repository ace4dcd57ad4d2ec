/* SPDX-License-Identifier: BSD-2-Clause */
#include "snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/text.h"

struct top_snapshot *top_snapshot_create(void)
{
	return calloc(1, sizeof(struct top_snapshot));
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

/* A seat may be reset for its next reader while it is read: its counters have fallen then. */
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
		reader->nth = old->nth;
		reader->fps = (double)(reader->info->received - old->info->received) / interval_s;
		reader->drops_per_s = (double)(reader->info->displaced - old->info->displaced) / interval_s;
		reader->age = quantiles_between(&reader->all_age, &old->all_age);
		reader->hold = quantiles_between(&reader->all_hold, &old->all_hold);
		return;
	}
}

/* The list's record is valid until the next one is asked for, so what it points to is copied, too. */
static int keep_readers(struct top_pool *pool)
{
	for (uint32_t i = 0; i < pool->info.n_readers; i++) {
		struct zoe_reader_info *info = &pool->info.readers[i];
		struct top_reader *reader = calloc(1, sizeof(*reader));

		if (!reader)
			return -ENOMEM;
		pool->readers[i] = reader;
		reader->info = info;
		zi_text_printable(reader->label, sizeof(reader->label), info->label);
		reader->all_age = *info->age;
		reader->all_hold = *info->held;
		info->age = &reader->all_age;
		info->held = &reader->all_hold;
	}
	return 0;
}

/* Whose number counts first: who has had it, who lives, and last who is about to leave its seat to its successor. */
enum claim { CLAIM_OLD, CLAIM_NEW, CLAIM_DEAD, N_CLAIMS };

static enum claim claim_of(const struct top_reader *reader)
{
	if (!reader->info->alive)
		return CLAIM_DEAD;
	return reader->nth > 0 ? CLAIM_OLD : CLAIM_NEW;
}

static bool is_given(const struct top_pool *pool, const uint32_t *given, const char *label, uint32_t nth)
{
	for (uint32_t i = 0; i < pool->info.n_readers; i++)
		if (given[i] == nth && strcmp(pool->readers[i]->label, label) == 0)
			return true;
	return false;
}

/* A reader may write another label at any time, so even a number that it has had may be taken. */
static void number_namesakes(struct top_pool *pool)
{
	uint32_t given[ZOE_MAX_SEATS] = { 0 };

	for (int claim = 0; claim < N_CLAIMS; claim++)
		for (uint32_t i = 0; i < pool->info.n_readers; i++) {
			const struct top_reader *reader = pool->readers[i];
			uint32_t nth = reader->nth;

			if (claim_of(reader) != (enum claim)claim)
				continue;
			if (nth == 0 || is_given(pool, given, reader->label, nth))
				for (nth = 1; is_given(pool, given, reader->label, nth);)
					nth++;
			given[i] = nth;
		}
	for (uint32_t i = 0; i < pool->info.n_readers; i++)
		pool->readers[i]->nth = given[i];
}

/* The same life of the pool in that snapshot; NULL when there is none, or when no time went by. */
static const struct top_pool *find(const struct top_snapshot *snapshot, const struct top_pool *pool)
{
	for (size_t i = 0; snapshot && i < snapshot->n_pools; i++) {
		const struct top_pool *other = snapshot->pools[i];

		if (other->info.error || pool->info.error || strcmp(other->info.name, pool->info.name) != 0)
			continue;
		if (other->info.epoch == pool->info.epoch && pool->info.published >= other->info.published &&
			pool->at_ns > other->at_ns)
			return other;
	}
	return NULL;
}

static void compare_pool(struct top_pool *pool, const struct top_snapshot *snapshot)
{
	const struct top_pool *before = find(snapshot, pool);

	bool is_silent = pool->info.state == ZOE_STATE_SOURCE_LOST || pool->info.state == ZOE_STATE_STALLED ||
		pool->info.state == ZOE_STATE_ENDED;

	/* The last few frames of a source that was lost say nothing of now. */
	pool->fps = is_silent ? 0 : pool->info.frames_per_s;
	pool->fps_known = !pool->info.error && !pool->info.stale && (is_silent || pool->fps > 0);
	if (before) {
		pool->compared = true;
		pool->fps_known = !pool->info.stale;
		pool->interval_s = (double)(pool->at_ns - before->at_ns) / 1e9;
		pool->fps = (double)(pool->info.published - before->info.published) / pool->interval_s;
	}
	for (uint32_t i = 0; i < pool->info.n_readers; i++)
		compare_reader(pool->readers[i], before, pool->interval_s);
	number_namesakes(pool);
}

static struct top_pool *append(struct top_snapshot *snapshot)
{
	if (snapshot->n_pools == snapshot->n_allocated) {
		size_t n = snapshot->n_allocated ? 2 * snapshot->n_allocated : 16;
		struct top_pool **pools = realloc(snapshot->pools, n * sizeof(struct top_pool *));

		if (!pools)
			return NULL;
		snapshot->pools = pools;
		snapshot->n_allocated = n;
	}
	struct top_pool *pool = calloc(1, sizeof(*pool));

	if (pool)
		snapshot->pools[snapshot->n_pools++] = pool;
	return pool;
}

int top_snapshot_add(struct top_snapshot *snapshot, const struct top_snapshot *before, const struct zoe_pool_info *info,
	int64_t at_ns)
{
	struct top_pool *pool = append(snapshot);

	if (!pool)
		return -ENOMEM;
	pool->info = *info;
	if (info->source) {
		pool->source = *info->source;
		pool->info.source = &pool->source;
	}
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

int top_snapshot_take(struct top_snapshot **pointer, const struct top_snapshot *before, const char *name)
{
	const struct zoe_pool_info *info;
	struct zoe_list *list;
	struct top_snapshot *snapshot;
	int error = zoe_list_open(&list);

	*pointer = NULL;
	if (error)
		return error;
	snapshot = top_snapshot_create();
	if (!snapshot)
		error = -ENOMEM;
	while (!error && zoe_list_next(list, &info) == 0)
		if (!name || strcmp(name, info->name) == 0)
			error = top_snapshot_add(snapshot, before, info, zoe_now_ns());
	zoe_list_close(&list);
	if (error)
		top_snapshot_destroy(&snapshot);
	*pointer = snapshot;
	return error;
}

void top_snapshot_destroy(struct top_snapshot **pointer)
{
	struct top_snapshot *snapshot = *pointer;

	*pointer = NULL;
	for (size_t i = 0; snapshot && i < snapshot->n_pools; i++) {
		for (uint32_t r = 0; r < snapshot->pools[i]->info.n_readers; r++)
			free(snapshot->pools[i]->readers[r]);
		free(snapshot->pools[i]);
	}
	if (snapshot)
		free(snapshot->pools);
	free(snapshot);
}

bool top_pool_idle(const struct top_pool *pool)
{
	return pool->info.error || pool->info.stale || pool->info.state != ZOE_STATE_LIVE ||
		(pool->compared && !(pool->fps > 0));
}
