/* SPDX-License-Identifier: BSD-2-Clause */
/* What zoe-top makes of two snapshots: rates and quantiles of the time between, for those that are the same. */
#include <criterion/criterion.h>
#include <errno.h>

#include "pools.h"

static struct found found;
static struct top_snapshot *before, *snapshot;

/* cam0 with one reader that took 50 frames, each 1 ms old and held for 2 ms. */
static void setup(void)
{
	found_init(&found, "cam0");
	found_reader(&found, "motion", 10);
	found_takes(&found, 0, 50, MS, 2 * MS);
	before = snapshot = NULL;
}

static void teardown(void)
{
	top_snapshot_destroy(&snapshot);
	top_snapshot_destroy(&before);
}

static void take_snapshot(int64_t at_ns)
{
	top_snapshot_destroy(&before);
	before = snapshot;
	snapshot = top_snapshot_create();
	cr_assert(top_snapshot_add(snapshot, before, &found.info, at_ns) == 0);
}

static const struct top_reader *reader(uint32_t i)
{
	cr_assert(i < snapshot->pools[0]->info.n_readers);
	return snapshot->pools[0]->readers[i];
}

/* Quantiles are at most 1/32 too high. */
static bool is_about(int64_t ns, int64_t wanted_ns)
{
	return ns >= wanted_ns && ns <= wanted_ns + wanted_ns / 32 + 1;
}

/* The reader is not the one of the snapshot before: nothing of it was subtracted. */
static bool is_new(const struct top_reader *of, uint64_t count)
{
	return !of->compared && of->fps == 0 && of->drops_per_s == 0 && of->age.count == count;
}

TestSuite(snapshot, .init = setup, .fini = teardown);

/* With nothing to compare with all since the beginning counts; rates are the library's or unknown. */
Test(snapshot, first)
{
	found.info.frames_per_s = 30;
	take_snapshot(SECOND);
	cr_assert(!snapshot->pools[0]->compared && snapshot->pools[0]->fps == 30);
	cr_assert(is_new(reader(0), 50));
	cr_assert(is_about(reader(0)->age.p50_ns, MS) && is_about(reader(0)->hold.p99_ns, 2 * MS));
}

/* Rates are counts over the time that went by, and quantiles those of that time alone. */
Test(snapshot, second)
{
	take_snapshot(SECOND);
	found.info.published += 60;
	found.info.readers[0].displaced += 10;
	found_takes(&found, 0, 40, 5 * MS, 7 * MS);
	found_takes(&found, 0, 2, 90 * MS, 100 * MS);
	take_snapshot(3 * SECOND);
	cr_assert(snapshot->pools[0]->compared && snapshot->pools[0]->interval_s == 2 && snapshot->pools[0]->fps == 30);
	cr_assert(reader(0)->compared && reader(0)->fps == 21 && reader(0)->drops_per_s == 5);
	cr_assert(reader(0)->age.count == 42 && is_about(reader(0)->age.p50_ns, 5 * MS));
	cr_assert(is_about(reader(0)->age.p99_ns, 90 * MS) && is_about(reader(0)->hold.p50_ns, 7 * MS));
	cr_assert(zoe_histogram_total(&reader(0)->all_age) == 92 && reader(0)->info->received == 92);
}

/* A reader that did nothing in the meantime has a rate, 0, and no quantiles. */
Test(snapshot, idle_reader)
{
	take_snapshot(SECOND);
	take_snapshot(2 * SECOND);
	cr_assert(reader(0)->compared && reader(0)->fps == 0);
	cr_assert(reader(0)->age.count == 0 && reader(0)->age.p50_ns == 0 && reader(0)->hold.count == 0);
	cr_assert(top_pool_idle(snapshot->pools[0]));
}

/* What the snapshot says stays when the list's memory is used for something else. */
Test(snapshot, outlives_the_list)
{
	found.info.error = -EBADMSG;
	found.info.why = strdupa("no pool");
	take_snapshot(SECOND);
	strcpy((char *)found.info.why, "other");
	memset(&found.age, 0xff, sizeof(found.age));
	cr_assert(strcmp(snapshot->pools[0]->info.why, "no pool") == 0);
	cr_assert(zoe_histogram_total(reader(0)->info->age) == 50);
}

/* The next in that seat is another reader, though it be the same program and its counts look like growth. */
Test(snapshot, next_in_the_seat)
{
	take_snapshot(SECOND);
	found.info.readers[0].incarnation++;
	found_takes(&found, 0, 5, MS, MS);
	take_snapshot(2 * SECOND);
	cr_assert(snapshot->pools[0]->compared && is_new(reader(0), 55));
}

Test(snapshot, other_seat)
{
	take_snapshot(SECOND);
	found.info.readers[0].seat = 3;
	take_snapshot(2 * SECOND);
	cr_assert(is_new(reader(0), 50));
}

/* In another life of the pool nobody is who it was, and the pool's own rate begins anew. */
Test(snapshot, other_epoch)
{
	take_snapshot(SECOND);
	found.info.epoch++;
	found.info.published += 500;
	take_snapshot(2 * SECOND);
	cr_assert(!snapshot->pools[0]->compared && snapshot->pools[0]->fps == 0 && is_new(reader(0), 50));
}

/* A seat that is being emptied while it is read: what fell is not subtracted. */
Test(snapshot, fallen_counts)
{
	struct zoe_reader_info *info = &found.info.readers[0];
	uint64_t *const counts[] = { &info->received, &info->displaced };
	info->displaced = 5;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		take_snapshot((2 * (int64_t)i + 1) * SECOND);
		(*counts[i])--;
		take_snapshot((2 * (int64_t)i + 2) * SECOND);
		cr_assert(is_new(reader(0), 50), "count %zu", i);
	}
}

/* Counts alone have grown, but the frames that were counted then are no longer there. */
Test(snapshot, fallen_histograms)
{
	take_snapshot(SECOND);
	memset(&found.age[0], 0, sizeof(found.age[0]));
	found_takes(&found, 0, 70, 9 * MS, 2 * MS);
	take_snapshot(2 * SECOND);
	cr_assert(is_new(reader(0), 70));
	memset(&found.held[0], 0, sizeof(found.held[0]));
	found_takes(&found, 0, 70, 9 * MS, 4 * MS);
	take_snapshot(3 * SECOND);
	cr_assert(is_new(reader(0), 140) && reader(0)->hold.count == 70);
}

/* One process, two readers of one label: each is compared with itself. */
Test(snapshot, namesakes)
{
	found_reader(&found, "motion", 10);
	found_reader(&found, "motion", 12);
	found_takes(&found, 1, 60, MS, 2 * MS);
	take_snapshot(SECOND);
	found_takes(&found, 0, 10, MS, MS);
	found_takes(&found, 1, 20, MS, MS);
	take_snapshot(2 * SECOND);
	cr_assert(reader(0)->fps == 10 && reader(1)->fps == 20 && reader(2)->fps == 0 && reader(2)->compared);
}

/* Readers that come and go move the others to other places; they stay who they are. */
Test(snapshot, moved_places)
{
	found_reader(&found, "people", 11);
	found_takes(&found, 1, 3, MS, MS);
	take_snapshot(SECOND);
	struct zoe_reader_info first = found.info.readers[0];
	found.info.readers[0] = found.info.readers[1];
	found.info.readers[1] = first;
	found.info.readers[0].received += 4;
	take_snapshot(2 * SECOND);
	cr_assert(strcmp(reader(0)->info->label, "people") == 0);
	cr_assert(reader(0)->compared && reader(0)->fps == 4);
	cr_assert(reader(1)->compared && reader(1)->fps == 0 && reader(1)->age.count == 0);
}

/* Two snapshots in the same nanosecond have no rate. */
Test(snapshot, no_time_between)
{
	take_snapshot(SECOND);
	take_snapshot(SECOND);
	cr_assert(!snapshot->pools[0]->compared && is_new(reader(0), 50));
}

/* Which pools nothing comes from. */
Test(snapshot, idle_pool)
{
	take_snapshot(SECOND);
	cr_assert(!top_pool_idle(snapshot->pools[0]));
	found.info.published++;
	take_snapshot(2 * SECOND);
	cr_assert(!top_pool_idle(snapshot->pools[0]));
	found.info.published++;
	found.info.state = ZOE_STATE_ENDED;
	take_snapshot(3 * SECOND);
	cr_assert(top_pool_idle(snapshot->pools[0]));
	found.info.state = ZOE_STATE_LIVE;
	found.info.stale = true;
	take_snapshot(4 * SECOND);
	cr_assert(top_pool_idle(snapshot->pools[0]));
}

/* Order: a snapshot of three pools, the second of which has three readers. */
static void take_three(void)
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
	snapshot = top_snapshot_create();
	cr_assert(top_snapshot_add(snapshot, NULL, &found.info, 1) == 0);
	cr_assert(top_snapshot_add(snapshot, NULL, &others[0].info, 1) == 0);
	cr_assert(top_snapshot_add(snapshot, NULL, &others[1].info, 1) == 0);
}

static bool pools_are(const char *a, const char *b, const char *c)
{
	return strcmp(snapshot->pools[0]->info.name, a) == 0 && strcmp(snapshot->pools[1]->info.name, b) == 0 &&
		strcmp(snapshot->pools[2]->info.name, c) == 0;
}

/* The pids of cam0's readers, in their order. */
static bool readers_are(uint32_t a, uint32_t b, uint32_t c)
{
	for (size_t i = 0; i < snapshot->n_pools; i++) {
		struct top_reader *const *r = snapshot->pools[i]->readers;
		if (strcmp(snapshot->pools[i]->info.name, "cam0") == 0)
			return r[0]->info->pid == a && r[1]->info->pid == b && r[2]->info->pid == c;
	}
	return false;
}

Test(snapshot, sort)
{
	take_three();
	top_snapshot_sort(snapshot, TOP_BY_NAME, false);
	cr_assert(pools_are("acam", "bcam", "cam0") && readers_are(10, 9, 11));
	top_snapshot_sort(snapshot, TOP_BY_NAME, true);
	cr_assert(pools_are("cam0", "bcam", "acam") && readers_are(11, 9, 10));
	top_snapshot_sort(snapshot, TOP_BY_FPS, false);
	cr_assert(pools_are("cam0", "bcam", "acam") && readers_are(10, 9, 11));
	top_snapshot_sort(snapshot, TOP_BY_MEMORY, false);
	cr_assert(pools_are("bcam", "acam", "cam0") && readers_are(9, 10, 11));
	top_snapshot_sort(snapshot, TOP_BY_AGE, false);
	cr_assert(pools_are("cam0", "acam", "bcam") && readers_are(11, 10, 9));
	top_snapshot_sort(snapshot, TOP_BY_DROPS, false);
	cr_assert(pools_are("cam0", "acam", "bcam") && readers_are(11, 10, 9));
}

/* A reader that was sorted elsewhere is still compared with itself. */
Test(snapshot, compare_after_sort)
{
	found_reader(&found, "a", 11);
	take_snapshot(SECOND);
	top_snapshot_sort(snapshot, TOP_BY_NAME, false);
	found_takes(&found, 0, 10, MS, MS);
	take_snapshot(2 * SECOND);
	cr_assert(reader(0)->fps == 10 && reader(0)->age.count == 10 && reader(1)->compared);
}

/* The readers that there are now, by their places in a list of all; each keeps its own seat. */
static void only(const struct zoe_reader_info *all, const char *which)
{
	found.info.n_readers = 0;
	for (; *which; which++)
		found.info.readers[found.info.n_readers++] = all[*which - '0'];
}

static void assert_numbers(const char *wanted)
{
	char numbers[8] = "";

	for (uint32_t i = 0; i < found.info.n_readers; i++)
		numbers[i] = (char)('0' + reader(i)->nth);
	cr_assert(strcmp(numbers, wanted) == 0, "%s instead of %s", numbers, wanted);
}

/* A namesake keeps its number when another leaves, and who comes then gets the one that is free. */
Test(snapshot, numbers_are_kept)
{
	struct zoe_reader_info all[4];

	found_reader(&found, "motion", 11);
	found_reader(&found, "faces", 12);
	found_reader(&found, "motion", 13);
	memcpy(all, found.info.readers, sizeof(all));
	take_snapshot(SECOND);
	assert_numbers("1213");
	only(all, "123");
	take_snapshot(2 * SECOND);
	assert_numbers("213");
	all[0].incarnation++;
	only(all, "0123");
	take_snapshot(3 * SECOND);
	assert_numbers("1213");
	only(all, "3");
	take_snapshot(4 * SECOND);
	assert_numbers("3");
}

/* Who takes the place of one that has just died takes its number; of one whose label has changed, too. */
Test(snapshot, numbers_of_the_dead)
{
	found_reader(&found, "faces", 11);
	take_snapshot(SECOND);
	found_reader(&found, "motion", 12);
	found.info.readers[0].alive = false;
	take_snapshot(2 * SECOND);
	assert_numbers("211");
	snprintf(found.info.readers[1].label, sizeof(found.info.readers[1].label), "motion");
	take_snapshot(3 * SECOND);
	assert_numbers("312");
}
