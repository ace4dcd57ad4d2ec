/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zoe-bench latency: from just before zoe_writer_publish() in one process to 'a reader in
 * another holds it', beside the floors of the same run.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "figures.h"
#include "floors.h"
#include "hgrm.h"
#include "program/option.h"
#include "report.h"
#include "sizes.h"
#include "stream.h"
#include "turns.h"

#define MAX_READERS 32
#define SECONDS 4 /* of one turn, unless --frames says otherwise */

struct settings {
	struct sizes sizes;
	bool all_sizes, poll, spin, stopped, no_floors, hgrm;
	uint32_t readers, frames, fps, runs;
	enum zoe_mailbox mailbox;
	enum zoe_cond cond;
	const char *plot;
	struct report_form form;
};

#define AT(member) offsetof(struct settings, member)

static const struct zi_option options[] = {
	{ 0, "size", "WxH[,WxH...]", sizes_option, AT(sizes),
		"Size of the frames (1920x1080); more than one are measured in turn." },
	{ 0, "sizes", NULL, zi_option_flag, AT(all_sizes),
		"320x240, 640x480, 1280x720, 1920x1080, 3840x2160 and 7680x4320." },
	{ 0, "readers", "N", zi_option_u32, AT(readers), "Readers at once, 1 to 32 (1)." },
	{ 0, "poll", NULL, zi_option_flag, AT(poll),
		"Readers ask again and again instead of sleeping: each takes a core." },
	{ 0, "spin", NULL, zi_option_flag, AT(spin),
		"Readers spin shortly before the next frame is due (zoe_reader_options.spin)." },
	{ 0, "stopped", NULL, zi_option_flag, AT(stopped),
		"Measure also with one more reader that is stopped while it holds a frame." },
	{ 0, "fps", "N", zi_option_u32, AT(fps), "Frames a second (500; with --spin 60)." },
	{ 0, "frames", "N", zi_option_u32, AT(frames), "Frames in each turn (4 seconds' worth)." },
	{ 0, "runs", "N", zi_option_u32, AT(runs), "Turns that each thing measured has, 1 to 100 (5)." },
	{ 0, "mailbox", "KIND", zi_option_mailbox, AT(mailbox), "mutex (default) or atomic." },
	{ 0, "cond", "KIND", zi_option_cond, AT(cond), "futex (default) or pthread." },
	{ 0, "no-floors", NULL, zi_option_flag, AT(no_floors), "Leave the floors out: no ratios then." },
	{ 0, "json", NULL, zi_option_flag, AT(form.json), "Print one JSON object." },
	{ 0, "csv", NULL, zi_option_flag, AT(form.csv), "Print comma-separated values." },
	{ 0, "hgrm", NULL, zi_option_flag, AT(hgrm),
		"Print all runs as one HdrHistogram percentile distribution, in µs, which its plotter reads." },
	{ 0, "plot", "FILE.png", zi_option_text, AT(plot), "Draw latency by percentile, floors too (needs gnuplot)." },
};

static const struct zi_command command = {
	.name = "zoe-bench latency",
	.usage = "[options]",
	.summary =
		"Measure the time from just before a frame is published to when a reader in another process holds it, and "
		"beside it, in turn, the floors: a futex sleep and wake between two processes, and spinning on a word.",
	.epilogue =
		"Examples:\n"
		"  zoe-bench latency --readers 4\n"
		"  zoe-bench latency --poll --json\n"
		"  zoe-bench latency --spin --fps 60\n"
		"  zoe-bench latency --sizes --stopped --runs 9\n"
		"  zoe-bench latency --frames 20000 --hgrm >zoetrope.hgrm\n"
		"  zoe-bench latency --plot latency.png\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
};

static enum zi_option_outcome usage_error(const char *what)
{
	return zi_option_usage_error(&command, "%s", what);
}

static enum zi_option_outcome check(struct settings *s)
{
	if (s->poll && s->spin)
		return usage_error("--poll and --spin: one of them");
	if (s->form.json + s->form.csv + s->hgrm > 1)
		return usage_error("--json, --csv and --hgrm: one of them");
	if (s->readers > MAX_READERS)
		return usage_error("option --readers: at most 32");
	if (s->runs > TURNS_MAX_RUNS)
		return usage_error("option --runs: at most 100");
	if (s->all_sizes && s->sizes.n)
		return usage_error("--size and --sizes: one of them");
	if (s->all_sizes)
		sizes_all(&s->sizes);
	else if (!s->sizes.n)
		sizes_add(&s->sizes, 1920, 1080);
	if (s->hgrm && (s->sizes.n > 1 || s->stopped))
		return usage_error("--hgrm is of one distribution: one --size, and no --stopped");
	if (!s->fps)
		s->fps = s->spin ? 60 : 500;
	if (s->fps > 100000)
		return usage_error("option --fps: at most 100000");
	if (!s->frames)
		s->frames = SECONDS * s->fps;
	if (s->frames > 100000000)
		return usage_error("option --frames: at most 100000000");
	return ZI_OPTION_RUN;
}

/* What is measured: the floors, then each size, without and with the stopped reader. */
struct plan {
	struct figures_floor floors[2];
	struct stream streams[2 * SIZES_MAX];
	struct turn *turns;
	size_t n_floors, n_streams;
};

static void add_stream(struct plan *plan, const struct settings *s, uint32_t size, bool stopped)
{
	struct stream *stream = &plan->streams[plan->n_streams];
	*stream = (struct stream){
		.width_px = s->sizes.size[size].width_px,
		.height_px = s->sizes.size[size].height_px,
		.readers = s->readers,
		.way = s->poll    ? STREAM_POLL
			: s->spin ? STREAM_SPIN
				  : STREAM_SLEEP,
		.stopped = stopped,
		.frames = s->frames,
		.fps = s->fps,
		.mailbox = s->mailbox,
		.cond = s->cond,
	};
	figures_stream_turn(&plan->turns[plan->n_floors + plan->n_streams++], stream);
}

static int make_plan(struct plan *plan, const struct settings *s)
{
	*plan = (struct plan){ .turns = calloc(2 + 2 * SIZES_MAX, sizeof(*plan->turns)) };
	if (!plan->turns)
		return -1;
	for (; plan->n_floors < 2 && !s->no_floors; plan->n_floors++) {
		struct figures_floor *floor = &plan->floors[plan->n_floors];
		*floor = (struct figures_floor){ plan->n_floors ? FLOOR_SPIN : FLOOR_FUTEX, s->frames, s->fps };
		figures_floor_turn(&plan->turns[plan->n_floors], floor);
	}
	for (uint32_t i = 0; i < s->sizes.n; i++) {
		add_stream(plan, s, i, false);
		if (s->stopped)
			add_stream(plan, s, i, true);
	}
	return 0;
}

/* The report's columns: the ratios, which are what counts, and then the figures. */
enum { OVER_FUTEX_P50, OVER_FUTEX_P99, OVER_SPIN_P50, OVER_SPIN_P99, N_RATIOS };
enum { N_COLUMNS = N_RATIOS + N_FIGURES };
#define COLUMN(figure) (N_RATIOS + FIGURE_##figure)

static const struct report_column columns[N_COLUMNS] = {
	[OVER_FUTEX_P50] = { "over_futex_p50", "p50/futex", 2, true, true },
	[OVER_FUTEX_P99] = { "over_futex_p99", "p99/futex", 2, true, true },
	[OVER_SPIN_P50] = { "over_spin_p50", "p50/spin", 2, true, true },
	[OVER_SPIN_P99] = { "over_spin_p99", "p99/spin", 2, true, true },
	[COLUMN(P50)] = { "p50_us", "p50 µs", 2, true, false },
	[COLUMN(P90)] = { "p90_us", "p90 µs", 2, true, false },
	[COLUMN(P99)] = { "p99_us", "p99 µs", 2, true, false },
	[COLUMN(P999)] = { "p999_us", "p99.9 µs", 2, true, false },
	[COLUMN(MAX)] = { "max_us", "max µs", 1, true, false },
	[COLUMN(AGE_P50)] = { "age_p50_us", NULL, 2, true, false },
	[COLUMN(AGE_P99)] = { "age_p99_us", NULL, 2, true, false },
	[COLUMN(COST_P50)] = { "publish_p50_us", "publish µs", 2, true, false },
	[COLUMN(COST_P99)] = { "publish_p99_us", NULL, 2, true, false },
	[COLUMN(WRITER_CPU)] = { "writer_cpu_percent", "writer CPU %", 1, true, false },
	[COLUMN(READER_CPU)] = { "reader_cpu_percent", "reader CPU %", 1, true, false },
	[COLUMN(PUBLISHED)] = { "published", NULL, 0, false, false },
	[COLUMN(RECEIVED)] = { "received", "received", 0, false, false },
};

static int add_row(struct report *report, const struct plan *plan, const struct turn *turn, uint32_t runs)
{
	struct report_row *row = report_row(report, "%s", turn->name);
	if (!row)
		return -1;
	for (uint32_t i = 0; i < FIGURE_PUBLISHED; i++)
		row->cells[N_RATIOS + i] = turns_figure(turn, i, runs);
	row->cells[COLUMN(PUBLISHED)] = stats_one((double)figures_sum(turn, FIGURE_PUBLISHED, runs));
	row->cells[COLUMN(RECEIVED)] = stats_one((double)figures_sum(turn, FIGURE_RECEIVED, runs));
	for (size_t i = 0; i < 2 * plan->n_floors && turn >= plan->turns + plan->n_floors; i++)
		row->cells[OVER_FUTEX_P50 + i] = turns_ratio(turn, &plan->turns[i / 2], i % 2 ? FIGURE_P99 : FIGURE_P50,
			runs);
	return 0;
}

/* Fewer frames than there should have been: the figures are of those that came. */
static void note_missing(struct report *report, const struct turn *turn, uint32_t readers, uint32_t runs)
{
	uint64_t received = figures_sum(turn, FIGURE_RECEIVED, runs);
	uint64_t expected = figures_sum(turn, FIGURE_PUBLISHED, runs) * readers;
	if (received < expected)
		report_note(report, "%s: received %llu of %llu; the figures are of those", turn->name,
			(unsigned long long)received, (unsigned long long)expected);
}

static void note_ratio(struct report *report, const char *what, const struct turn *a, const struct turn *b,
	enum figure figure, uint32_t runs)
{
	struct stats ratio = turns_ratio(a, b, figure, runs);
	report_note(report, "%s: %.2f [%.2f %.2f]", what, ratio.median, ratio.q1, ratio.q3);
}

static void add_notes(struct report *report, const struct plan *plan, const struct settings *s)
{
	const struct turn *streams = plan->turns + plan->n_floors;
	size_t step = s->stopped ? 2 : 1;
	for (size_t i = 0; s->stopped && i < plan->n_streams; i += 2)
		note_ratio(report, "p99 with one more reader stopped, over without", &streams[i + 1], &streams[i],
			FIGURE_P99, s->runs);
	if (s->sizes.n > 1)
		note_ratio(report, "p50 of the last size over that of the first", &streams[plan->n_streams - step],
			streams, FIGURE_P50, s->runs);
	for (size_t i = 0; i < plan->n_floors; i++)
		note_missing(report, &plan->turns[i], 1, s->runs);
	for (size_t i = 0; i < plan->n_streams; i++)
		note_missing(report, &streams[i], s->readers, s->runs);
}

static struct report *make_report(const struct plan *plan, const struct settings *s)
{
	/* Who sleeps is compared with sleepers, who does not with who does not; JSON has both. */
	static struct report_column shown[N_COLUMNS];
	bool asleep = !s->poll && !s->spin;
	memcpy(shown, columns, sizeof(shown));
	for (int i = 0; i < N_RATIOS; i++)
		if (s->no_floors || (i < OVER_SPIN_P50) != asleep)
			shown[i].title = NULL;
	struct report *report = report_create("latency", shown, N_COLUMNS);
	if (!report)
		return NULL;
	report_about(report, "readers", json_integer(s->readers));
	report_about(report, "way", json_string(asleep ? "asleep" : s->poll ? "polling" : "spinning"));
	report_about(report, "fps", json_integer(s->fps));
	report_about(report, "frames", json_integer(s->frames));
	report_about(report, "runs", json_integer(s->runs));
	report_about(report, "mailbox", json_string(s->mailbox == ZOE_MAILBOX_ATOMIC ? "atomic" : "mutex"));
	report_about(report, "cond", json_string(s->cond == ZOE_COND_PTHREAD ? "pthread" : "futex"));
	for (size_t i = 0; report && i < plan->n_floors + plan->n_streams; i++)
		if (add_row(report, plan, &plan->turns[i], s->runs))
			report_destroy(&report);
	if (report)
		add_notes(report, plan, s);
	return report;
}

static int show(const struct plan *plan, const struct settings *s)
{
	if (s->plot && hgrm_plot(plan->turns, plan->n_floors + plan->n_streams, s->plot))
		return 1;
	if (s->hgrm) {
		hgrm_print(&plan->turns[plan->n_floors].latency, stdout);
		return 0;
	}
	struct report *report = make_report(plan, s);
	int error = report ? report_print(report, &s->form, stdout) : -1;
	report_destroy(&report);
	return error ? bench_fail("out of memory") : 0;
}

int bench_latency(int argc, char **argv)
{
	struct settings settings = { .readers = 1, .runs = 5 };
	struct plan plan;
	size_t n_operands;
	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &settings, NULL, &n_operands);
	if (outcome == ZI_OPTION_RUN)
		outcome = check(&settings);
	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	if (settings.plot && hgrm_plot_ready(settings.plot))
		return 1;
	if (make_plan(&plan, &settings))
		return bench_fail("out of memory");
	int status = turns_run(plan.turns, plan.n_floors + plan.n_streams, settings.runs) ? 1 : show(&plan, &settings);
	free(plan.turns);
	return status;
}
