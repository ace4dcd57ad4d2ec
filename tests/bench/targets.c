/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-bench targets: every figure that was aimed for, measured in one go. */
#include "targets.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "crowd.h"
#include "figures.h"
#include "handover.h"
#include "program/option.h"
#include "report.h"
#include "turns.h"

#define FPS 500
#define SPIN_FPS 60
#define CROWD_FPS 100
#define CROWD_READERS 16

struct settings {
	bool no_peers, is_short;
	uint32_t runs;
	struct report_form form;
};

#define AT(member) offsetof(struct settings, member)

static const struct zi_option options[] = {
	{ 0, "short", NULL, zi_option_flag, AT(is_short),
		"Few frames, 3 runs: to see that all works, in less than a minute." },
	{ 0, "runs", "N", zi_option_u32, AT(runs), "Turns that each thing measured has, 1 to 100 (7)." },
	{ 0, "no-peers", NULL, zi_option_flag, AT(no_peers), "Leave other programs out: GStreamer, iceoryx, ffmpeg." },
	{ 0, "json", NULL, zi_option_flag, AT(form.json), "Print one JSON object." },
	{ 0, "csv", NULL, zi_option_flag, AT(form.csv), "Print comma-separated values." },
};

static const struct zi_command command = {
	.name = "zoe-bench targets",
	.usage = "[options]",
	.summary =
		"Measure every figure that was aimed for, and print it beside its target: the median over the runs, the "
		"middle half of them in brackets. Met or not, the exit status is 0.",
	.epilogue =
		"Examples:\n"
		"  zoe-bench targets\n"
		"  zoe-bench targets --short --json\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
};

/* How many frames each of the turns has. */
struct amounts {
	uint32_t frames, spin_frames, crowd_frames, rounds, peer_frames, decode_frames;
};

static const struct amounts whole = { 2000, 600, 200, 20000, 2000, 600 };
static const struct amounts few = { 100, 40, 20, 2000, 60, 30 };

/* What is compared stands side by side, so that it has its turns one after the other. */
enum thing {
	FUTEX_FLOOR,
	ASLEEP,
	STOPPED,
	SMALLEST,
	LARGEST,
	POLLING,
	SPIN_FLOOR, /* at FPS */
	SPINNING,
	SLOW_SPIN_FLOOR, /* at SPIN_FPS */
	CROWD,
	BARE,
	HANDOVER,
	N_THINGS
};

struct plan {
	struct figures_floor floors[N_THINGS];
	struct stream streams[N_THINGS];
	struct crowd crowds[N_THINGS];
	struct handover handover;
	struct turn *turns;
};

static void add_floor(struct plan *plan, enum thing thing, enum floor_kind kind, uint32_t frames, uint32_t fps)
{
	plan->floors[thing] = (struct figures_floor){ kind, frames, fps };
	figures_floor_turn(&plan->turns[thing], &plan->floors[thing]);
}

static struct stream *add_stream(struct plan *plan, enum thing thing, uint32_t width_px, uint32_t height_px,
	uint32_t frames)
{
	plan->streams[thing] = (struct stream){
		.width_px = width_px,
		.height_px = height_px,
		.readers = 1,
		.frames = frames,
		.fps = FPS,
	};
	figures_stream_turn(&plan->turns[thing], &plan->streams[thing]);
	return &plan->streams[thing];
}

static void add_crowd(struct plan *plan, enum thing thing, enum crowd_kind kind, uint32_t frames)
{
	plan->crowds[thing] = (struct crowd){ .kind = kind,
		.readers = CROWD_READERS,
		.frames = frames,
		.fps = CROWD_FPS };
	crowd_turn(&plan->turns[thing], &plan->crowds[thing]);
}

static int make_plan(struct plan *plan, const struct amounts *n)
{
	*plan = (struct plan){ .turns = calloc(N_THINGS, sizeof(*plan->turns)) };
	if (!plan->turns)
		return -1;
	add_floor(plan, FUTEX_FLOOR, FLOOR_FUTEX, n->frames, FPS);
	add_floor(plan, SPIN_FLOOR, FLOOR_SPIN, n->frames, FPS);
	add_floor(plan, SLOW_SPIN_FLOOR, FLOOR_SPIN, n->spin_frames, SPIN_FPS);
	add_stream(plan, ASLEEP, 1920, 1080, n->frames);
	add_stream(plan, SMALLEST, 320, 240, n->frames);
	add_stream(plan, LARGEST, 7680, 4320, n->frames);
	add_stream(plan, POLLING, 1920, 1080, n->frames)->way = STREAM_POLL;
	add_stream(plan, STOPPED, 1920, 1080, n->frames)->stopped = true;
	struct stream *spinning = add_stream(plan, SPINNING, 1920, 1080, n->spin_frames);
	spinning->way = STREAM_SPIN;
	spinning->fps = SPIN_FPS;
	add_crowd(plan, CROWD, CROWD_ASLEEP, n->crowd_frames);
	add_crowd(plan, BARE, CROWD_BARE, n->crowd_frames);
	plan->handover = (struct handover){ .rounds = n->rounds };
	handover_turn(&plan->turns[HANDOVER], &plan->handover);
	for (int i = 0; i < N_THINGS; i++)
		plan->turns[i].may_fail = true;
	return 0;
}

/* Ours beside another program's. */
typedef int pairs(uint32_t runs, const struct amounts *n, double *ours, double *theirs, char why[TARGETS_WHY_BYTES]);

static int over_iceoryx(uint32_t runs, const struct amounts *n, double *ours, double *theirs,
	char why[TARGETS_WHY_BYTES])
{
	return peers_pairs("iceoryx", runs, n->peer_frames, ours, theirs, why);
}

/* The other way round: theirs over ours. */
static int gstreamer_over(uint32_t runs, const struct amounts *n, double *ours, double *theirs,
	char why[TARGETS_WHY_BYTES])
{
	return peers_pairs("gstreamer", runs, n->peer_frames, theirs, ours, why);
}

static int over_ffmpeg(uint32_t runs, const struct amounts *n, double *ours, double *theirs,
	char why[TARGETS_WHY_BYTES])
{
	return decode_pairs(runs, n->decode_frames, ours, theirs, why);
}

/* A figure of a turn, over that of another (itself: the figure as it is), or a pairs(). */
static const struct target {
	const char *name;
	double at_most, at_least; /* NAN: no such limit */
	uint32_t figure;
	enum thing thing, over;
	pairs *pairs;
} targets[] = {
	{ "blocking, p50 over the futex floor", 1.15, NAN, FIGURE_P50, ASLEEP, FUTEX_FLOOR, NULL },
	{ "blocking, p99 over the futex floor", 1.3, NAN, FIGURE_P99, ASLEEP, FUTEX_FLOOR, NULL },
	{ "blocking, p50 over iceoryx WaitSet", 0.6, NAN, 0, 0, 0, over_iceoryx },
	{ "polling, p50 over the spin floor", 2, NAN, FIGURE_P50, POLLING, SPIN_FLOOR, NULL },
	{ "--spin at 60 fps, p50 over the spin floor", 5, NAN, FIGURE_P50, SPINNING, SLOW_SPIN_FLOOR, NULL },
	{ "--spin at 60 fps, CPU of a reader, % of a core", 2, NAN, FIGURE_READER_CPU, SPINNING, SPINNING, NULL },
	{ "7680x4320 over 320x240, p50", 1.1, NAN, FIGURE_P50, LARGEST, SMALLEST, NULL },
	{ "a reader stopped, p99 of the other over without", 1.1, NAN, FIGURE_P99, STOPPED, ASLEEP, NULL },
	{ "GStreamer shm over zoetrope, 1080p, p50", NAN, 20, 0, 0, 0, gstreamer_over },
	{ "acquire + release, a frame waiting, ns", 150, NAN, HANDOVER_FRAME, HANDOVER, HANDOVER, NULL },
	{ "publish to 16 asleep over 16 futex wakes, p50", 1.3, NAN, CROWD_P50, CROWD, BARE, NULL },
	{ "zoe-capture over ffmpeg -f null, CPU", 1.02, NAN, 0, 0, 0, over_ffmpeg },
};

#define N_TARGETS (sizeof(targets) / sizeof(targets[0]))

enum { MEASURED, AT_MOST, AT_LEAST, MET, N_COLUMNS };

static const struct report_column columns[N_COLUMNS] = {
	[MEASURED] = { "measured", "measured", 2, true, true },
	[AT_MOST] = { "at_most", "at most", 2, false, false },
	[AT_LEAST] = { "at_least", "at least", 2, false, false },
	[MET] = { "met", "met", REPORT_YES_NO, false, false },
};

/* Measured now: others' programs take turns with ours there. */
static struct stats measure_pairs(struct report *report, const struct target *target, const struct settings *s,
	const struct amounts *n)
{
	double ours[TURNS_MAX_RUNS], theirs[TURNS_MAX_RUNS];
	char why[TARGETS_WHY_BYTES] = "left out";
	int outcome = 1;
	if (!s->no_peers && !bench_stopped()) {
		bench_progress("zoe-bench: %s", target->name);
		outcome = target->pairs(s->runs, n, ours, theirs, why);
		bench_progress_end();
	}
	if (outcome == 0)
		return stats_ratio(ours, theirs, s->runs);
	report_note(report, "%s: not measured: %s", target->name, why);
	return stats_of(NULL, 0);
}

static struct stats measure(struct report *report, const struct target *target, const struct plan *plan,
	const struct settings *s, const struct amounts *n)
{
	if (target->pairs)
		return measure_pairs(report, target, s, n);
	const struct turn *turn = &plan->turns[target->thing];
	struct stats stats = target->over == target->thing
		? turns_figure(turn, target->figure, s->runs)
		: turns_ratio(turn, &plan->turns[target->over], target->figure, s->runs);
	if (stats.n == 0)
		report_note(report, "%s: not measured: it failed, see above", target->name);
	return stats;
}

static int add_row(struct report *report, const struct target *target, const struct stats *measured)
{
	struct report_row *row = report_row(report, "%s", target->name);
	if (!row)
		return -1;
	row->cells[MEASURED] = *measured;
	row->cells[AT_MOST] = stats_one(target->at_most);
	row->cells[AT_LEAST] = stats_one(target->at_least);
	if (measured->n > 0)
		row->cells[MET] = stats_one(isnan(target->at_most) ? measured->median >= target->at_least
								   : measured->median <= target->at_most);
	return 0;
}

/* 0; -ENOMEM; -EINTR told to stop. */
static int run(const struct plan *plan, const struct settings *s, const struct amounts *n)
{
	int error = turns_run(plan->turns, N_THINGS, s->runs);
	struct report *report = error ? NULL : report_create("targets", columns, N_COLUMNS);
	if (!report)
		return error ? error : -ENOMEM;
	report_about(report, "runs", json_integer(s->runs));
	report_about(report, "short", json_boolean(s->is_short));
	report_about(report, "cores", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	for (size_t i = 0; i < N_TARGETS && !error; i++) {
		struct stats measured = measure(report, &targets[i], plan, s, n);
		error = bench_stopped() ? -EINTR : add_row(report, &targets[i], &measured) ? -ENOMEM : 0;
	}
	if (s->is_short)
		report_note(report, "few frames (--short): these figures show that all works, and no more");
	if (!error && report_print(report, &s->form, stdout))
		error = -ENOMEM;
	report_destroy(&report);
	return error;
}

int bench_targets(int argc, char **argv)
{
	struct settings settings = { 0 };
	struct plan plan;
	size_t n_operands;
	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &settings, NULL, &n_operands);
	if (outcome == ZI_OPTION_RUN && settings.form.json && settings.form.csv)
		outcome = zi_option_usage_error(&command, "--json and --csv: one of them");
	if (outcome == ZI_OPTION_RUN && settings.runs > TURNS_MAX_RUNS)
		outcome = zi_option_usage_error(&command, "option --runs: at most %d", TURNS_MAX_RUNS);
	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	if (!settings.runs)
		settings.runs = settings.is_short ? 3 : 7;
	const struct amounts *amounts = settings.is_short ? &few : &whole;
	int error = make_plan(&plan, amounts) ? -ENOMEM : run(&plan, &settings, amounts);
	free(plan.turns);
	return !error ? 0 : error == -EINTR ? 1 : bench_fail("out of memory");
}
