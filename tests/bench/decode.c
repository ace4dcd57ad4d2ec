/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zoe-bench decode: the CPU time of decoding into a pool, beside that of ffmpeg throwing the same
 * frames away, of ffmpeg copying each of them once, and of as many ffmpegs as there are readers.
 */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "clip.h"
#include "decode_run.h"
#include "program/json_line.h"
#include "program/option.h"
#include "report.h"
#include "targets.h"
#include "turns.h"

struct settings {
	uint32_t runs, threads, readers, frames;
	struct report_form form;
};

#define AT(member) offsetof(struct settings, member)

static const struct zi_option options[] = {
	{ 0, "threads", "N", zi_option_u32, AT(threads), "Decoder threads of each program (1)." },
	{ 0, "readers", "N", zi_option_u32, AT(readers),
		"Readers of one zoe-capture, and ffmpegs beside it, 1 to 16 (4)." },
	{ 0, "runs", "N", zi_option_u32, AT(runs), "Turns that each thing measured has, 1 to 100 (9)." },
	{ 0, "frames", "N", zi_option_u32, AT(frames), "Without FILE: frames of the clip that is made (300)." },
	{ 0, "json", NULL, zi_option_flag, AT(form.json), "Print one JSON object." },
	{ 0, "csv", NULL, zi_option_flag, AT(form.csv), "Print comma-separated values." },
};

static const struct zi_command command = {
	.name = "zoe-bench decode",
	.usage = "[options] [FILE]",
	.summary =
		"Measure the CPU time (user and system) of decoding FILE, or a 1080p H.264 clip that is made for it, by "
		"zoe-capture and by ffmpeg, in turn.",
	.epilogue =
		"Examples:\n"
		"  zoe-bench decode\n"
		"  zoe-bench decode --readers 8 --runs 15 street.mp4\n"
		"  zoe-bench decode --threads 2 --json street.mp4\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.max_arguments = 1,
};

static enum zi_option_outcome check(const struct settings *s)
{
	if (s->form.json && s->form.csv)
		return zi_option_usage_error(&command, "--json and --csv: one of them");
	if (s->runs > TURNS_MAX_RUNS)
		return zi_option_usage_error(&command, "option --runs: at most %d", TURNS_MAX_RUNS);
	if (s->readers > DECODE_MAX_READERS)
		return zi_option_usage_error(&command, "option --readers: at most %d", DECODE_MAX_READERS);
	return ZI_OPTION_RUN;
}

/* What is measured: */
enum { CAPTURE, NOTHING, COPY, CAPTURE_SHARED, EACH, N_TURNS };
/* its figures, the report's columns; the last two are made from the others: */
enum { CPU_S, PROGRAMS_S, READERS_S, RATIO, US_PER_FRAME, US_PER_READER, N_COLUMNS };

static const struct report_column columns[N_COLUMNS] = {
	[CPU_S] = { .key = "cpu_s", .title = "CPU s", .decimals = 3, .runs = true, .spread = true },
	[PROGRAMS_S] = { .key = "programs_cpu_s", .decimals = 3, .runs = true },
	[READERS_S] = { .key = "readers_cpu_s", .title = "of it readers", .decimals = 3, .runs = true },
	[RATIO] = { .key = "over_ffmpeg_null",
		.title = "over one ffmpeg",
		.decimals = 3,
		.runs = true,
		.spread = true },
	[US_PER_FRAME] = { .key = "us_per_frame", .title = "µs/frame" },
	[US_PER_READER] = { .key = "us_per_frame_and_reader", .title = "µs/frame and reader" },
};

struct measured {
	struct decode_job *job;
	uint32_t n_readers; /* 0: nobody looks */
	const char *format; /* of ffmpeg; NULL: zoe-capture */
};

static int measure(struct turn *turn, double figures[TURNS_FIGURES])
{
	const struct measured *what = turn->what;
	struct decode_cpu cpu = { 0, 0 };
	int error = what->format ? decode_ffmpeg(what->job, what->format, what->n_readers ? what->n_readers : 1, &cpu)
				 : decode_capture(what->job, what->n_readers, &cpu);
	figures[CPU_S] = cpu.programs_s + cpu.readers_s;
	figures[PROGRAMS_S] = cpu.programs_s;
	figures[READERS_S] = what->n_readers && !what->format ? cpu.readers_s : NAN;
	return error;
}

static void name_turns(struct turn *turns, struct measured *measured, struct decode_job *job, uint32_t readers)
{
	static const struct {
		const char *name, *format;
	} kinds[N_TURNS] = {
		[CAPTURE] = { "zoe-capture", NULL },
		[NOTHING] = { "ffmpeg -f null", "null" },
		[COPY] = { "ffmpeg and one copy of each frame", "rawvideo" },
		[CAPTURE_SHARED] = { "zoe-capture and readers that touch it all: ", NULL },
		[EACH] = { "ffmpeg -f null times ", "null" },
	};
	for (size_t i = 0; i < N_TURNS; i++) {
		bool is_shared = i >= CAPTURE_SHARED;
		measured[i] = (struct measured){ job, is_shared ? readers : 0, kinds[i].format };
		turns[i].measure = measure;
		turns[i].what = &measured[i];
		snprintf(turns[i].name, sizeof(turns[i].name), "%s", kinds[i].name);
		if (is_shared)
			snprintf(turns[i].name, sizeof(turns[i].name), "%s%u", kinds[i].name, readers);
	}
}

/* Telling it */

static int add_row(struct report *report, const struct turn *turns, size_t i, uint64_t n_frames, uint32_t runs)
{
	const struct measured *what = turns[i].what;
	struct report_row *row = report_row(report, "%s", turns[i].name);
	if (!row)
		return -1;
	for (uint32_t figure = CPU_S; figure <= READERS_S; figure++)
		row->cells[figure] = turns_figure(&turns[i], figure, runs);
	row->cells[RATIO] = turns_ratio(&turns[i], &turns[NOTHING], CPU_S, runs);
	row->cells[US_PER_FRAME] = stats_one(row->cells[CPU_S].median * 1e6 / (double)n_frames);
	if (what->n_readers)
		row->cells[US_PER_READER] = stats_one(row->cells[US_PER_FRAME].median / what->n_readers);
	return 0;
}

static void note_ratio(struct report *report, const struct turn *turns, size_t a, size_t b, const char *target,
	uint32_t runs)
{
	struct stats ratio = turns_ratio(&turns[a], &turns[b], CPU_S, runs);
	report_note(report, "%s over %s: %.3f [%.3f %.3f]%s", turns[a].name, turns[b].name, ratio.median, ratio.q1,
		ratio.q3, target);
}

static void describe(struct report *report, const struct settings *s, const struct decode_job *job, bool is_made)
{
	report_about(report, "file", zi_json_text(is_made ? "made: 1920x1080, H.264" : job->file));
	report_about(report, "frames", json_integer((json_int_t)job->n_frames));
	report_about(report, "threads", json_integer(s->threads));
	report_about(report, "readers", json_integer(s->readers));
	report_about(report, "runs", json_integer(s->runs));
	if (job->n_copied > 0)
		report_note(report, "zoe-capture copied %llu of %llu frames: this decoder does not decode in place",
			(unsigned long long)job->n_copied, (unsigned long long)job->n_frames);
	if (job->n_dropped > 0)
		report_note(report, "zoe-capture dropped %llu frames for want of slots: see --memory in zoe-capture(1)",
			(unsigned long long)job->n_dropped);
}

static int tell(const struct settings *s, const struct decode_job *job, const struct turn *turns, bool is_made)
{
	struct report *report = report_create("decode", columns, N_COLUMNS);
	int error = report ? 0 : -1;
	for (size_t i = 0; i < N_TURNS && !error; i++)
		error = add_row(report, turns, i, job->n_frames, s->runs);
	if (!error) {
		note_ratio(report, turns, CAPTURE, NOTHING, " (target: 1.00 to 1.02)", s->runs);
		note_ratio(report, turns, COPY, CAPTURE, "", s->runs);
		note_ratio(report, turns, CAPTURE_SHARED, EACH, "", s->runs);
		describe(report, s, job, is_made);
		error = report_print(report, &s->form, stdout);
	}
	report_destroy(&report);
	return error ? bench_fail("out of memory") : 0;
}

/* Once each, not counted: files and programs are in memory then. */
static int warm_up(struct decode_job *job)
{
	struct decode_cpu cpu = { 0, 0 };
	bench_progress("zoe-bench: warming up");
	int error = decode_capture(job, 0, &cpu);
	return error ? error : decode_ffmpeg(job, "null", 1, &cpu);
}

static int run(const struct settings *s, struct decode_job *job, bool is_made)
{
	struct measured measured[N_TURNS];
	struct turn *turns = calloc(N_TURNS, sizeof(*turns));
	if (!turns)
		return bench_fail("out of memory");
	name_turns(turns, measured, job, s->readers);
	int error = warm_up(job);
	if (!error)
		error = turns_run(turns, N_TURNS, s->runs);
	int status = error ? error == -EINTR ? 1 : bench_fail("%s", job->why) : tell(s, job, turns, is_made);
	free(turns);
	return status;
}

int bench_decode(int argc, char **argv)
{
	struct settings settings = { .runs = 9, .threads = 1, .readers = 4, .frames = 300 };
	struct decode_job job;
	struct clip clip = { "", "" };
	const char *file = NULL;
	size_t n_files;
	int status = 0;
	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &settings, &file, &n_files);
	if (outcome == ZI_OPTION_RUN)
		outcome = check(&settings);
	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	int error = decode_job_init(&job, file, settings.threads);
	if (!error && !file) {
		error = clip_make(&clip, settings.frames, job.why);
		job.file = clip.path;
	}
	if (error)
		status = error == -EINTR ? 1 : bench_fail("%s", job.why);
	else
		status = run(&settings, &job, !file);
	clip_finish(&clip);
	bench_progress_end();
	return status;
}

/* For zoe-bench targets */

static int measure_pairs(struct decode_job *job, uint32_t runs, double *ours, double *theirs)
{
	int error = warm_up(job);
	for (uint32_t i = 0; i < 2 * runs && !error; i++) {
		struct decode_cpu cpu = { 0, 0 };
		/* ours, theirs, theirs, ours, … */
		bool is_ours = i % 4 == 0 || i % 4 == 3;
		bench_progress("zoe-bench: decode, run %u of %u", i / 2 + 1, runs);
		error = is_ours ? decode_capture(job, 0, &cpu) : decode_ffmpeg(job, "null", 1, &cpu);
		*(is_ours ? &ours[i / 2] : &theirs[i / 2]) = cpu.programs_s;
	}
	return error;
}

int decode_pairs(uint32_t runs, uint32_t frames, double *ours, double *theirs, char why[TARGETS_WHY_BYTES])
{
	struct decode_job job;
	struct clip clip = { "", "" };
	int error = decode_job_init(&job, NULL, 1);
	if (!error)
		error = clip_make(&clip, frames, job.why);
	job.file = clip.path;
	if (!error)
		error = measure_pairs(&job, runs, ours, theirs);
	clip_finish(&clip);
	bench_progress_end();
	if (error && error != -EINTR)
		snprintf(why, TARGETS_WHY_BYTES, "%s", job.why);
	return error && error != -EINTR ? 1 : error;
}
