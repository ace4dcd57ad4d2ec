/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-bench peers: the same frames through zoetrope and through other transports, in turn. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "figures.h"
#include "peer_plan.h"
#include "program/option.h"
#include "targets.h"

#define TARGETS_FPS 500 /* as zoe-bench latency */
#define LIMIT_NS INT64_C(10000000000)

struct settings {
	struct peer_settings plan;
	struct report_form form;
};

/* "iceoryx,pipe": sets them in a bool[N_WAYS]. */
static int only_option(const char *value, void *into, const char **why)
{
	bool *only = into;
	*why = "ways that --help lists, with commas between, such as iceoryx,pipe";
	while (value) {
		size_t length = strcspn(value, ","), i = 0;
		while (i < N_WAYS && (strlen(ways[i].name) != length || strncmp(ways[i].name, value, length) != 0))
			i++;
		if (i == N_WAYS)
			return -1;
		only[i] = true;
		value = value[length] ? value + length + 1 : NULL;
	}
	return 0;
}

#define AT(member) offsetof(struct settings, member)

static const struct zi_option options[] = {
	{ 0, "size", "WxH[,WxH...]", sizes_option, AT(plan.sizes),
		"Size of the frames (1920x1080,3840x2160), which are yuv420p." },
	{ 0, "frames", "N", zi_option_u32, AT(plan.frames),
		"Frames in each turn (60); 20 more go before, to warm up." },
	{ 0, "fps", "N", zi_option_u32, AT(plan.fps), "Frames a second (100); fewer where a way takes longer." },
	{ 0, "runs", "N", zi_option_u32, AT(plan.runs), "Turns of each way and size, 1 to 100 (3)." },
	{ 0, "only", "WAY[,WAY...]", only_option, AT(plan.only),
		"Measure these alone, and what they are compared with." },
	{ 0, "timeout", "TIME", zi_option_seconds_ns, AT(plan.limit_ns),
		"End a turn that takes so much longer than it should (10)." },
	{ 0, "peers", "DIR", zi_option_text, AT(plan.place), "Look for the peers' programs in DIR." },
	{ 0, "json", NULL, zi_option_flag, AT(form.json), "Print one JSON object." },
	{ 0, "csv", NULL, zi_option_flag, AT(form.csv), "Print comma-separated values." },
};

static struct zi_command command = {
	.name = "zoe-bench peers",
	.usage = "[options]",
	.summary =
		"Send the same frames from one process to another through zoetrope and through other transports, in "
		"turn, and measure the time from just before a frame is handed over to when the receiver holds it.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
};

/* The end of --help: the table of ways. */
static const char *epilogue(char *text, size_t n_bytes)
{
	size_t n = (size_t)snprintf(text, n_bytes, "Ways:\n");
	for (size_t i = 0; i < N_WAYS && n < n_bytes; i++)
		n += (size_t)snprintf(text + n, n_bytes - n, "  %-19s %s\n", ways[i].name, ways[i].what);
	if (n < n_bytes)
		snprintf(text + n, n_bytes - n,
			"\nExamples:\n"
			"  zoe-bench peers\n"
			"  zoe-bench peers --only iceoryx,gstreamer --frames 1000 --runs 9\n"
			"  zoe-bench peers --size 1280x720 --fps 60 --json\n");
	return text;
}

static enum zi_option_outcome check(struct settings *s)
{
	if (s->form.json && s->form.csv)
		return zi_option_usage_error(&command, "--json and --csv: one of them");
	if (s->plan.runs > TURNS_MAX_RUNS)
		return zi_option_usage_error(&command, "option --runs: at most 100");
	if (s->plan.fps > 10000)
		return zi_option_usage_error(&command, "option --fps: at most 10000");
	if (s->plan.frames > 1000000)
		return zi_option_usage_error(&command, "option --frames: at most 1000000");
	if (!s->plan.sizes.n) {
		sizes_add(&s->plan.sizes, 1920, 1080);
		sizes_add(&s->plan.sizes, 3840, 2160);
	}
	return ZI_OPTION_RUN;
}

static int run(struct peer_plan *plan, const struct report_form *form)
{
	const struct way *missing;
	int error = peer_plan_open(plan, &missing);
	if (!error && missing)
		return bench_fail("%s is not available: %s", missing->name, ways_line(&plan->session, missing));
	if (!error)
		error = turns_run(plan->turns, plan->n_turns, plan->settings.runs);
	if (error)
		return error == -EINTR ? 1 : bench_fail("%s", strerror(-error));
	struct report *report = peer_plan_report(plan);
	if (!report || report_print(report, form, stdout))
		error = bench_fail("out of memory");
	report_destroy(&report);
	return error || peer_plan_failure(plan) ? 1 : 0;
}

int bench_peers(int argc, char **argv)
{
	struct settings settings = { .plan = { .frames = 60, .fps = 100, .runs = 3, .limit_ns = LIMIT_NS } };
	char text[2048];
	size_t n_operands;
	command.epilogue = epilogue(text, sizeof(text));
	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &settings, NULL, &n_operands);
	if (outcome == ZI_OPTION_RUN)
		outcome = check(&settings);
	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	struct peer_plan *plan = peer_plan_create(&settings.plan);
	int status = plan ? run(plan, &settings.form) : bench_fail("out of memory");
	bench_progress_end();
	peer_plan_destroy(&plan);
	return status;
}

/* 0; -EINTR; 1 with the reason. */
static int measure_pairs(struct peer_plan *plan, char why[TARGETS_WHY_BYTES])
{
	const struct way *missing;
	int error = peer_plan_open(plan, &missing);
	if (!error && missing) {
		snprintf(why, TARGETS_WHY_BYTES, "%s", ways_line(&plan->session, missing));
		return 1;
	}
	if (!error)
		error = turns_run(plan->turns, plan->n_turns, plan->settings.runs);
	const struct way_turn *failure = peer_plan_failure(plan);
	if (failure)
		snprintf(why, TARGETS_WHY_BYTES, "%s", failure->why);
	return error == -EINTR ? error : error || failure;
}

int peers_pairs(const char *peer, uint32_t runs, uint32_t frames, double *ours, double *theirs,
	char why[TARGETS_WHY_BYTES])
{
	struct peer_settings settings = { .frames = frames, .fps = TARGETS_FPS, .runs = runs, .limit_ns = LIMIT_NS };
	const char *expected;
	sizes_add(&settings.sizes, 1920, 1080);
	snprintf(why, TARGETS_WHY_BYTES, "there is no way to send frames called %s", peer);
	if (only_option(peer, settings.only, &expected))
		return 1;
	struct peer_plan *plan = peer_plan_create(&settings);
	snprintf(why, TARGETS_WHY_BYTES, "out of memory");
	int error = plan ? measure_pairs(plan, why) : 1;
	/* Ours is the first of the table, and so of the turns. */
	for (uint32_t i = 0; !error && i < runs; i++) {
		ours[i] = plan->turns[0].figures[FIGURE_P50][i];
		theirs[i] = plan->turns[1].figures[FIGURE_P50][i];
	}
	peer_plan_destroy(&plan);
	return error;
}
