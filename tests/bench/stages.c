/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zoe-bench stages: from a packet being read to its picture being on the screen, stage by stage, on
 * a live source, and what decoder threads do to it. zoe-display measures, from the times that
 * each frame carries.
 */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "program/option.h"
#include "report.h"
#include "sizes.h"
#include "stages_run.h"
#include "turns.h"

#define MAX_THREADS 16

struct settings {
	struct sizes sizes;
	uint32_t fps, threads, runs;
	int64_t run_ns;
	struct report_form form;
};

#define AT(member) offsetof(struct settings, member)

static const struct zi_option options[] = {
	{ 0, "size", "WxH", sizes_option, AT(sizes), "Size of the source's pictures (1280x720)." },
	{ 0, "fps", "N", zi_option_u32, AT(fps), "Its frames a second, 1 to 240 (30)." },
	{ 0, "threads", "N", zi_option_u32, AT(threads),
		"Decoder threads, where there is more than one, 2 to 16 (one for each processor)." },
	{ 0, "seconds", "T", zi_option_seconds_ns, AT(run_ns), "Length of one turn (5)." },
	{ 0, "runs", "N", zi_option_u32, AT(runs), "Turns that each way of decoding has, 1 to 100 (5)." },
	{ 0, "json", NULL, zi_option_flag, AT(form.json), "Print one JSON object." },
	{ 0, "csv", NULL, zi_option_flag, AT(form.csv), "Print comma-separated values." },
};

static const struct zi_command command = {
	.name = "zoe-bench stages",
	.usage = "[options]",
	.summary =
		"Measure the way of a frame from packet read to texture presented, stage by stage: H.264 that ffmpeg "
		"encodes as it happens, zoe-capture, zoe-display; with one decoder thread, with slice threads and with "
		"frame threads, in turn. Without a display SDL's dummy driver presents.",
	.epilogue =
		"Examples:\n"
		"  zoe-bench stages\n"
		"  zoe-bench stages --size 1920x1080 --fps 60 --threads 4\n"
		"  xvfb-run zoe-bench stages --json\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
};

static enum zi_option_outcome usage_error(const char *what)
{
	return zi_option_usage_error(&command, "%s", what);
}

static enum zi_option_outcome check(struct settings *s)
{
	long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (s->form.json && s->form.csv)
		return usage_error("--json and --csv: one of them");
	if (s->sizes.n > 1)
		return usage_error("option --size: one size");
	if (!s->sizes.n)
		sizes_add(&s->sizes, 1280, 720);
	if (!s->threads)
		s->threads = n_processors < 2 ? 2 : n_processors > MAX_THREADS ? MAX_THREADS : (uint32_t)n_processors;
	if (s->threads < 2 || s->threads > MAX_THREADS)
		return usage_error("option --threads: from 2 to 16");
	if (s->fps > 240)
		return usage_error("option --fps: at most 240");
	if (s->run_ns < 100000000 || s->run_ns > INT64_C(3600000000000))
		return usage_error("option --seconds: from 0.1 to 3600");
	if (s->runs > TURNS_MAX_RUNS)
		return usage_error("option --runs: at most 100");
	return ZI_OPTION_RUN;
}

/* The report's columns: of each stage the median and the 99th percentile, and how many frames were shown. */
enum { STAGE_DECODE, STAGE_PUBLISH, STAGE_ACQUIRE, STAGE_PRESENT, STAGE_ALL, N_STAGES };
enum { P50 = 0, P99 = N_STAGES, SHOWN = 2 * N_STAGES, SKIPPED, N_COLUMNS };

static const char *const spans[N_STAGES] = {
	[STAGE_DECODE] = "read_to_decoded",
	[STAGE_PUBLISH] = "decoded_to_published",
	[STAGE_ACQUIRE] = "published_to_acquired",
	[STAGE_PRESENT] = "acquired_to_presented",
	[STAGE_ALL] = "read_to_presented",
};

static const struct report_column columns[N_COLUMNS] = {
	[P50 + STAGE_DECODE] = { .key = "read_to_decoded_p50_ms", .title = "decode ms", .decimals = 2, .runs = true },
	[P50 + STAGE_PUBLISH] = { .key = "decoded_to_published_p50_ms",
		.title = "publish",
		.decimals = 2,
		.runs = true },
	[P50 + STAGE_ACQUIRE] = { .key = "published_to_acquired_p50_ms",
		.title = "acquire",
		.decimals = 2,
		.runs = true },
	[P50 + STAGE_PRESENT] = { .key = "acquired_to_presented_p50_ms",
		.title = "present",
		.decimals = 2,
		.runs = true },
	[P50 + STAGE_ALL] = { .key = "read_to_presented_p50_ms",
		.title = "in all p50",
		.decimals = 2,
		.runs = true,
		.spread = true },
	[P99 + STAGE_DECODE] = { .key = "read_to_decoded_p99_ms", .decimals = 2, .runs = true },
	[P99 + STAGE_PUBLISH] = { .key = "decoded_to_published_p99_ms", .decimals = 2, .runs = true },
	[P99 + STAGE_ACQUIRE] = { .key = "published_to_acquired_p99_ms", .decimals = 2, .runs = true },
	[P99 + STAGE_PRESENT] = { .key = "acquired_to_presented_p99_ms", .decimals = 2, .runs = true },
	[P99 + STAGE_ALL] = { .key = "read_to_presented_p99_ms",
		.title = "p99",
		.decimals = 2,
		.runs = true,
		.spread = true },
	[SHOWN] = { .key = "shown", .runs = true },
	[SKIPPED] = { .key = "skipped", .runs = true },
};

struct measured {
	struct stages_run run;
	char display[64]; /* SDL's video driver and renderer, as zoe-display says it */
};

static double ms_of(const json_t *stages, const char *span, const char *quantile)
{
	const json_t *us = json_object_get(json_object_get(stages, span), quantile);
	return json_is_integer(us) ? (double)json_integer_value(us) / 1000 : (double)NAN;
}

static int measure(struct turn *turn, double figures[TURNS_FIGURES])
{
	struct measured *what = (struct measured *)(uintptr_t)turn->what;
	char why[PROCESS_WHY_BYTES] = "";
	json_t *end = NULL;
	int error = stages_run(&what->run, &end, why);
	if (error && error != -EINTR)
		bench_fail("%s", why);
	if (error)
		return error;
	const json_t *stages = json_object_get(end, "stages_us");
	for (int i = 0; i < N_STAGES; i++) {
		figures[P50 + i] = ms_of(stages, spans[i], "p50");
		figures[P99 + i] = ms_of(stages, spans[i], "p99");
	}
	figures[SHOWN] = (double)json_integer_value(json_object_get(end, "shown"));
	figures[SKIPPED] = (double)json_integer_value(json_object_get(end, "skipped"));
	snprintf(what->display, sizeof(what->display), "%s", json_string_value(json_object_get(end, "display")));
	json_decref(end);
	return 0;
}

enum { N_TURNS = STAGES_FRAME_THREADS + 1 };

static void prepare(struct turn *turns, struct measured *measured, const struct settings *s)
{
	for (size_t i = 0; i < N_TURNS; i++) {
		measured[i] = (struct measured){ .run = {
							 .threads = (enum stages_threads)i,
							 .n_threads = s->threads,
							 .fps = s->fps,
							 .width_px = s->sizes.size[0].width_px,
							 .height_px = s->sizes.size[0].height_px,
							 .n_frames = (uint32_t)(1 + s->run_ns * s->fps / 1000000000),
						 } };
		turns[i].measure = measure;
		turns[i].what = &measured[i];
	}
	snprintf(turns[STAGES_ONE_THREAD].name, sizeof(turns[0].name), "1 thread");
	snprintf(turns[STAGES_SLICE_THREADS].name, sizeof(turns[0].name), "%u slice threads", s->threads);
	snprintf(turns[STAGES_FRAME_THREADS].name, sizeof(turns[0].name), "%u frame threads", s->threads);
}

/* Run by run, what a way of decoding adds to the age of a frame when it is decoded. */
static void note_cost(struct report *report, const struct turn *turns, size_t i, const struct settings *s)
{
	double more[TURNS_MAX_RUNS];
	for (uint32_t run = 0; run < s->runs; run++)
		more[run] = turns[i].figures[STAGE_DECODE][run] - turns[STAGES_ONE_THREAD].figures[STAGE_DECODE][run];
	struct stats stats = stats_of(more, s->runs);
	report_note(report, "%s over one: decode %+.2f ms [%+.2f %+.2f], which is %+.2f frames", turns[i].name,
		stats.median, stats.q1, stats.q3, stats.median * s->fps / 1000);
}

static void describe(struct report *report, const struct settings *s, const struct measured *measured)
{
	report_about(report, "source", json_string("H.264 from ffmpeg, by UDP on this machine"));
	report_about(report, "width", json_integer(s->sizes.size[0].width_px));
	report_about(report, "height", json_integer(s->sizes.size[0].height_px));
	report_about(report, "fps", json_integer(s->fps));
	report_about(report, "threads", json_integer(s->threads));
	report_about(report, "frames", json_integer(measured->run.n_frames));
	report_about(report, "runs", json_integer(s->runs));
	report_about(report, "display", json_string(measured->display));
}

static int tell(const struct settings *s, const struct turn *turns, const struct measured *measured)
{
	struct report *report = report_create("stages", columns, N_COLUMNS);
	int error = report ? 0 : -1;
	for (size_t i = 0; i < N_TURNS && !error; i++) {
		struct report_row *row = report_row(report, "%s", turns[i].name);
		error = row ? 0 : -1;
		for (uint32_t figure = 0; figure < N_COLUMNS && row; figure++)
			row->cells[figure] = turns_figure(&turns[i], figure, s->runs);
	}
	if (!error) {
		note_cost(report, turns, STAGES_SLICE_THREADS, s);
		note_cost(report, turns, STAGES_FRAME_THREADS, s);
		describe(report, s, measured);
		error = report_print(report, &s->form, stdout);
	}
	report_destroy(&report);
	return error ? bench_fail("out of memory") : 0;
}

static int run(const struct settings *s)
{
	struct measured measured[N_TURNS];
	struct turn *turns = calloc(N_TURNS, sizeof(*turns));
	if (!turns)
		return bench_fail("out of memory");
	prepare(turns, measured, s);
	int status = turns_run(turns, N_TURNS, s->runs) ? 1 : tell(s, turns, measured);
	free(turns);
	return status;
}

int bench_stages(int argc, char **argv)
{
	struct settings settings = { .fps = 30, .runs = 5, .run_ns = INT64_C(5000000000) };
	size_t n_operands;
	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &settings, NULL, &n_operands);
	if (outcome == ZI_OPTION_RUN)
		outcome = check(&settings);
	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	if (!getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY"))
		setenv("SDL_VIDEODRIVER", "dummy", 0);
	return run(&settings);
}
