/* SPDX-License-Identifier: BSD-2-Clause */
/* What zoe-top makes of two looks: rates and quantiles of the time between, for those that are the same. */
#include <criterion/criterion.h>
#include <errno.h>

#include "pools.h"

static struct found found;
static struct top_look *before, *look;

/* cam0 with one reader that took 50 frames, each 1 ms old and held for 2 ms. */
static void setup(void)
{
	found_init(&found, "cam0");
	found_reader(&found, "motion", 10);
	found_takes(&found, 0, 50, MS, 2 * MS);
	before = look = NULL;
}

static void teardown(void)
{
	top_look_destroy(&look);
	top_look_destroy(&before);
}

static void look_at(int64_t at_ns)
{
	top_look_destroy(&before);
	before = look;
	look = top_look_create();
	cr_assert(top_look_add(look, before, &found.info, at_ns) == 0);
}

static const struct top_reader *reader(uint32_t i)
{
	cr_assert(i < look->pools[0]->info.n_readers);
	return look->pools[0]->readers[i];
}

/* Quantiles are at most 1/32 too high. */
static bool is_about(int64_t ns, int64_t wanted_ns)
{
	return ns >= wanted_ns && ns <= wanted_ns + wanted_ns / 32 + 1;
}

/* The reader is not the one of the look before: nothing of it was subtracted. */
static bool is_new(const struct top_reader *of, uint64_t count)
{
	return !of->compared && of->fps == 0 && of->drops_per_s == 0 && of->age.count == count;
}

TestSuite(look, .init = setup, .fini = teardown);

/* With nothing to compare with all since the beginning counts; rates are the library's or unknown. */
Test(look, first)
{
	found.info.frames_per_s = 30;
	look_at(SECOND);
	cr_assert(!look->pools[0]->compared && look->pools[0]->fps == 30);
	cr_assert(is_new(reader(0), 50));
	cr_assert(is_about(reader(0)->age.p50_ns, MS) && is_about(reader(0)->hold.p99_ns, 2 * MS));
}

/* Rates are counts over the time that went by, and quantiles those of that time alone. */
Test(look, second)
{
	look_at(SECOND);
	found.info.published += 60;
	found.info.readers[0].displaced += 10;
	found_takes(&found, 0, 40, 5 * MS, 7 * MS);
	found_takes(&found, 0, 2, 90 * MS, 100 * MS);
	look_at(3 * SECOND);
	cr_assert(look->pools[0]->compared && look->pools[0]->interval_s == 2 && look->pools[0]->fps == 30);
	cr_assert(reader(0)->compared && reader(0)->fps == 21 && reader(0)->drops_per_s == 5);
	cr_assert(reader(0)->age.count == 42 && is_about(reader(0)->age.p50_ns, 5 * MS));
	cr_assert(is_about(reader(0)->age.p99_ns, 90 * MS) && is_about(reader(0)->hold.p50_ns, 7 * MS));
	cr_assert(zoe_histogram_total(&reader(0)->all_age) == 92 && reader(0)->info->received == 92);
}

/* A reader that did nothing in the meantime has a rate, 0, and no quantiles. */
Test(look, idle_reader)
{
	look_at(SECOND);
	look_at(2 * SECOND);
	cr_assert(reader(0)->compared && reader(0)->fps == 0);
	cr_assert(reader(0)->age.count == 0 && reader(0)->age.p50_ns == 0 && reader(0)->hold.count == 0);
	cr_assert(top_pool_idle(look->pools[0]));
}

/* What the look says stays when the list's memory is used for something else. */
Test(look, outlives_the_list)
{
	found.info.error = -EBADMSG;
	found.info.why = strdupa("no pool");
	look_at(SECOND);
	strcpy((char *)found.info.why, "other");
	memset(&found.age, 0xff, sizeof found.age);
	cr_assert(strcmp(look->pools[0]->info.why, "no pool") == 0);
	cr_assert(zoe_histogram_total(reader(0)->info->age) == 50);
}

/* The next in that seat is another reader, though it be the same program and its counts look like growth. */
Test(look, next_in_the_seat)
{
	look_at(SECOND);
	found.info.readers[0].incarnation++;
	found_takes(&found, 0, 5, MS, MS);
	look_at(2 * SECOND);
	cr_assert(look->pools[0]->compared && is_new(reader(0), 55));
}

Test(look, other_seat)
{
	look_at(SECOND);
	found.info.readers[0].seat = 3;
	look_at(2 * SECOND);
	cr_assert(is_new(reader(0), 50));
}

/* In another life of the pool nobody is who it was, and the pool's own rate begins anew. */
Test(look, other_epoch)
{
	look_at(SECOND);
	found.info.epoch++;
	found.info.published += 500;
	look_at(2 * SECOND);
	cr_assert(!look->pools[0]->compared && look->pools[0]->fps == 0 && is_new(reader(0), 50));
}

/* A seat that is being emptied while it is read: what fell is not subtracted. */
Test(look, fallen_counts)
{
	struct zoe_reader_info *info = &found.info.readers[0];
	uint64_t *const counts[] = { &info->received, &info->displaced };
	info->displaced = 5;
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		look_at((2 * (int64_t)i + 1) * SECOND);
		(*counts[i])--;
		look_at((2 * (int64_t)i + 2) * SECOND);
		cr_assert(is_new(reader(0), 50), "count %zu", i);
	}
}

/* Counts alone have grown, but the frames that were counted then are no longer there. */
Test(look, fallen_histograms)
{
	look_at(SECOND);
	memset(&found.age[0], 0, sizeof found.age[0]);
	found_takes(&found, 0, 70, 9 * MS, 2 * MS);
	look_at(2 * SECOND);
	cr_assert(is_new(reader(0), 70));
	memset(&found.held[0], 0, sizeof found.held[0]);
	found_takes(&found, 0, 70, 9 * MS, 4 * MS);
	look_at(3 * SECOND);
	cr_assert(is_new(reader(0), 140) && reader(0)->hold.count == 70);
}

/* One process, two readers of one label: each is compared with itself. */
Test(look, namesakes)
{
	found_reader(&found, "motion", 10);
	found_reader(&found, "motion", 12);
	found_takes(&found, 1, 60, MS, 2 * MS);
	look_at(SECOND);
	found_takes(&found, 0, 10, MS, MS);
	found_takes(&found, 1, 20, MS, MS);
	look_at(2 * SECOND);
	cr_assert(reader(0)->fps == 10 && reader(1)->fps == 20 && reader(2)->fps == 0 && reader(2)->compared);
}

/* Readers that come and go move the others to other places; they stay who they are. */
Test(look, moved_places)
{
	found_reader(&found, "people", 11);
	found_takes(&found, 1, 3, MS, MS);
	look_at(SECOND);
	struct zoe_reader_info first = found.info.readers[0];
	found.info.readers[0] = found.info.readers[1];
	found.info.readers[1] = first;
	found.info.readers[0].received += 4;
	look_at(2 * SECOND);
	cr_assert(strcmp(reader(0)->info->label, "people") == 0);
	cr_assert(reader(0)->compared && reader(0)->fps == 4);
	cr_assert(reader(1)->compared && reader(1)->fps == 0 && reader(1)->age.count == 0);
}

/* Two looks in the same nanosecond have no rate. */
Test(look, no_time_between)
{
	look_at(SECOND);
	look_at(SECOND);
	cr_assert(!look->pools[0]->compared && is_new(reader(0), 50));
}

/* Which pools nothing comes from. */
Test(look, idle_pool)
{
	look_at(SECOND);
	cr_assert(!top_pool_idle(look->pools[0]));
	found.info.published++;
	look_at(2 * SECOND);
	cr_assert(!top_pool_idle(look->pools[0]));
	found.info.published++;
	found.info.state = ZOE_STATE_ENDED;
	look_at(3 * SECOND);
	cr_assert(top_pool_idle(look->pools[0]));
	found.info.state = ZOE_STATE_LIVE;
	found.info.stale = true;
	look_at(4 * SECOND);
	cr_assert(top_pool_idle(look->pools[0]));
}

/* Order: a look at three pools, the second of which has three readers. */
static void look_at_three(void)
{
	static struct found others[2];
	found_init(&others[0], "bcam");
	found_init(&others[1], "acam");
	others[0].info.frames_per_s = 10;
	others[1].info.frames_per_s = 5;
	found.info.frames_per_s = 30;
	found.info.shm_bytes = 1;
	others[0].info.shm_bytes = 3;
	others[1].info.shm_bytes = 2;
	found_reader(&found, "people", 11)->displaced = 9;
	found_takes(&found, 1, 1, 50 * MS, MS);
	found_reader(&found, "motion", 9)->n_held = 2;
	look = top_look_create();
	cr_assert(top_look_add(look, NULL, &found.info, 1) == 0);
	cr_assert(top_look_add(look, NULL, &others[0].info, 1) == 0);
	cr_assert(top_look_add(look, NULL, &others[1].info, 1) == 0);
}

static bool pools_are(const char *a, const char *b, const char *c)
{
	return strcmp(look->pools[0]->info.name, a) == 0 && strcmp(look->pools[1]->info.name, b) == 0 &&
		strcmp(look->pools[2]->info.name, c) == 0;
}

/* The pids of cam0's readers, in their order. */
static bool readers_are(uint32_t a, uint32_t b, uint32_t c)
{
	for (size_t i = 0; i < look->n_pools; i++) {
		struct top_reader *const *r = look->pools[i]->readers;
		if (strcmp(look->pools[i]->info.name, "cam0") == 0)
			return r[0]->info->pid == a && r[1]->info->pid == b && r[2]->info->pid == c;
	}
	return false;
}

Test(look, sort)
{
	look_at_three();
	top_look_sort(look, TOP_BY_NAME, false);
	cr_assert(pools_are("acam", "bcam", "cam0") && readers_are(10, 9, 11));
	top_look_sort(look, TOP_BY_NAME, true);
	cr_assert(pools_are("cam0", "bcam", "acam") && readers_are(11, 9, 10));
	top_look_sort(look, TOP_BY_FPS, false);
	cr_assert(pools_are("cam0", "bcam", "acam") && readers_are(10, 9, 11));
	top_look_sort(look, TOP_BY_MEMORY, false);
	cr_assert(pools_are("bcam", "acam", "cam0") && readers_are(9, 10, 11));
	top_look_sort(look, TOP_BY_AGE, false);
	cr_assert(pools_are("cam0", "acam", "bcam") && readers_are(11, 10, 9));
	top_look_sort(look, TOP_BY_DROPS, false);
	cr_assert(pools_are("cam0", "acam", "bcam") && readers_are(11, 10, 9));
}

/* A reader that was sorted elsewhere is still compared with itself. */
Test(look, compare_after_sort)
{
	found_reader(&found, "a", 11);
	look_at(SECOND);
	top_look_sort(look, TOP_BY_NAME, false);
	found_takes(&found, 0, 10, MS, MS);
	look_at(2 * SECOND);
	cr_assert(reader(0)->fps == 10 && reader(0)->age.count == 10 && reader(1)->compared);
}
