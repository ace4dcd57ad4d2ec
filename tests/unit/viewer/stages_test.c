/* SPDX-License-Identifier: BSD-2-Clause */
/* What a frame's stages took, and the columns of the last ten seconds. */
#include <criterion/criterion.h>
#include <string.h>

#include "graph.h"
#include "stages.h"

#define MS INT64_C(1000000)
#define NOW_NS (5000 * MS)

static struct history history;

static struct stages of(int64_t read_ns, int64_t decoded_ns, int64_t published_ns)
{
	struct zoe_frame_info info = { .read_ns = read_ns, .decoded_ns = decoded_ns, .published_ns = published_ns };
	return stages_of(&info, 1100 * MS, 1111 * MS);
}

static bool is(const struct stages *stages, int64_t decode, int64_t publish, int64_t acquire, int64_t present,
	int64_t all)
{
	const int64_t ns[N_STAGES] = { decode, publish, acquire, present, all };
	return memcmp(stages->ns, ns, sizeof(ns)) == 0;
}

/* A frame that took this long to be decoded, and this long to be presented. */
static void add(int64_t now_ns, int64_t decode_ns, int64_t present_ns)
{
	struct stages stages = { { decode_ns, 0, 0, present_ns, decode_ns + present_ns } };
	history_add(&history, now_ns, &stages);
}

TestSuite(stages);

/* Each stage begins where the one before ended, and together they are the whole. */
Test(stages, each_from_the_one_before)
{
	struct stages stages = of(1000 * MS, 1030 * MS, 1035 * MS);
	cr_assert(is(&stages, 30 * MS, 5 * MS, 65 * MS, 11 * MS, 111 * MS));
}

/* A writer that knows no packets leaves a dash where it said nothing, and only there. */
Test(stages, unknown_times)
{
	struct stages stages = of(0, 1030 * MS, 1035 * MS);
	cr_assert(is(&stages, -1, 5 * MS, 65 * MS, 11 * MS, -1));
	stages = of(1000 * MS, 0, 1035 * MS);
	cr_assert(is(&stages, -1, -1, 65 * MS, 11 * MS, 111 * MS));
	stages = of(0, 0, 1035 * MS);
	cr_assert(is(&stages, -1, -1, 65 * MS, 11 * MS, -1));
}

/* Times of another clock are as good as none. */
Test(stages, times_out_of_order)
{
	struct stages stages = of(9000 * MS, 8000 * MS, 1035 * MS);
	cr_assert(is(&stages, -1, -1, 65 * MS, 11 * MS, -1));
}

/* Frames of which a stage is unknown do not count as fast ones. */
Test(stages, figures_of_what_is_known)
{
	static struct stage_ages ages;
	struct stage_figures figures;
	for (int i = 0; i < 100; i++) {
		struct stages stages = of(i < 90 ? 0 : 1000 * MS, 0, 1100 * MS);
		stage_ages_add(&ages, &stages);
	}
	stage_ages_get(&ages, &figures);
	cr_assert(figures.p50_ns[STAGE_DECODE] == -1 && figures.p99_ns[STAGE_PUBLISH] == -1);
	cr_assert(figures.p50_ns[STAGE_ACQUIRE] == 0);
	cr_assert(figures.p50_ns[STAGE_ALL] >= 111 * MS && figures.p50_ns[STAGE_ALL] < 115 * MS);
}

/* A column keeps the oldest of its frames, whole, and the mean of all. */
Test(stages, column)
{
	add(NOW_NS, 10 * MS, 4 * MS);
	add(NOW_NS + 30 * MS, 20 * MS, 2 * MS);
	add(NOW_NS + 60 * MS, 1 * MS, 2 * MS);
	const struct history_column *column = history_get(&history, NOW_NS + 99 * MS, 0);
	cr_assert(column && column->n_frames == 3 && column->oldest_ns == 22 * MS);
	cr_assert(column->oldest.ns[STAGE_DECODE] == 20 * MS && column->oldest.ns[STAGE_PRESENT] == 2 * MS);
	cr_assert(column->sum_ns == 39 * MS);
	cr_assert(history_get(&history, NOW_NS + 100 * MS, 0) == NULL);
	cr_assert(history_get(&history, NOW_NS + 100 * MS, 1) == column);
}

/* What is ten seconds old is gone, whether or not something came in its place. */
Test(stages, history_of_ten_seconds)
{
	add(NOW_NS, 90 * MS, MS);
	add(NOW_NS + 5000 * MS, 10 * MS, MS);
	cr_assert(history_oldest_ns(&history, NOW_NS + 9900 * MS) == 91 * MS);
	cr_assert(history_oldest_ns(&history, NOW_NS + 10000 * MS) == 11 * MS);
	cr_assert(history_get(&history, NOW_NS + 10000 * MS, HISTORY_COLUMNS) == NULL);
	add(NOW_NS + 10000 * MS, 3 * MS, MS);
	const struct history_column *column = history_get(&history, NOW_NS + 10000 * MS, 0);
	cr_assert(column && column->n_frames == 1 && column->oldest_ns == 4 * MS);
	cr_assert(history_oldest_ns(&history, NOW_NS + 90000 * MS) == 0);
}

/* An empty history has no columns, not even where the clock is young. */
Test(stages, empty_history)
{
	for (int i = 0; i < HISTORY_COLUMNS; i++)
		cr_assert(history_get(&history, 50 * MS, i) == NULL);
	cr_assert(history_oldest_ns(&history, 0) == 0);
}

/* The graph ends at a round number of milliseconds, and nothing reaches beyond it. */
Test(stages, top_of_the_graph)
{
	cr_assert(graph_top_ns(0) == MS && graph_top_ns(MS) == MS && graph_top_ns(MS + 1) == 2 * MS);
	cr_assert(graph_top_ns(4 * MS) == 5 * MS && graph_top_ns(6 * MS) == 10 * MS);
	cr_assert(graph_top_ns(11 * MS) == 20 * MS && graph_top_ns(33 * MS) == 50 * MS);
	cr_assert(graph_top_ns(70 * MS) == 100 * MS && graph_top_ns(3100 * MS) == 5000 * MS);
}

/* Milliseconds have two digits, what is not known a dash. */
Test(stages, ms)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = { { -1, "-" }, { 0, "0.00" }, { 941000, "0.94" }, { 996000, "1.0" }, { 9940000, "9.9" },
		{ 33554432, "34" }, { 99400000, "99" }, { 234881024, "230" }, { 2214590000, "2200" } };
	char text[STAGE_MS_BYTES];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_assert(strcmp(stage_ms(text, cases[i].ns), cases[i].text) == 0, "%s instead of %s", text,
			cases[i].text);
}
