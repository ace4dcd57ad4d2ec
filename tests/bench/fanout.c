/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-bench fanout: what a publish costs as readers grow, and what a reader's calls cost. */
#include <stddef.h>
#include <stdlib.h>

#include "bench.h"
#include "crowd.h"
#include "handover.h"
#include "program/option.h"
#include "report.h"
#include "turns.h"

#define ROUNDS 20000 /* of acquire and release, in each run */

static const uint32_t all_readers[] = { 1, 2, 4, 8, 16, 32, 64 };

#define MAX_CROWDS (sizeof(all_readers) / sizeof(all_readers[0]))
#define KINDS 3

struct settings {
	uint32_t readers, frames, fps, runs;
	enum zoe_mailbox mailbox;
	enum zoe_cond cond;
	struct report_form form;
};

#define AT(member) offsetof(struct settings, member)

static const struct zi_option options[] = {
	{ 0, "readers", "N", zi_option_u32, AT(readers), "This many readers, 1 to 64 (1, 2, 4, 8, 16, 32 and 64)." },
	{ 0, "fps", "N", zi_option_u32, AT(fps),
		"Frames a second (100): all must be asleep again when the next one comes." },
	{ 0, "frames", "N", zi_option_u32, AT(frames), "Frames in each turn (100)." },
	{ 0, "runs", "N", zi_option_u32, AT(runs), "Turns that each thing measured has, 1 to 100 (5)." },
	{ 0, "mailbox", "KIND", zi_option_mailbox, AT(mailbox), "mutex (default) or atomic." },
	{ 0, "cond", "KIND", zi_option_cond, AT(cond), "futex (default) or pthread." },
	{ 0, "json", NULL, zi_option_flag, AT(form.json), "Print one JSON object." },
	{ 0, "csv", NULL, zi_option_flag, AT(form.csv), "Print comma-separated values." },
};

static const struct zi_command command = {
	.name = "zoe-bench fanout",
	.usage = "[options]",
	.summary =
		"Measure the cost of one publish with all readers asleep, and with none asleep, beside as many "
		"bare futex wakes; and the cost of acquire and release, and of a poll in vain.",
	.epilogue =
		"Examples:\n"
		"  zoe-bench fanout\n"
		"  zoe-bench fanout --readers 16 --runs 9\n"
		"  zoe-bench fanout --mailbox atomic --csv\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
};

static enum zi_option_outcome check(const struct settings *s)
{
	if (s->readers > ZOE_MAX_SEATS)
		return zi_option_usage_error(&command, "option --readers: at most %d", ZOE_MAX_SEATS);
	if (s->runs > TURNS_MAX_RUNS)
		return zi_option_usage_error(&command, "option --runs: at most %d", TURNS_MAX_RUNS);
	if (s->fps > 100000 || s->frames > 100000000)
		return zi_option_usage_error(&command, "options --fps, --frames: at most 100000, 100000000");
	if (s->form.json && s->form.csv)
		return zi_option_usage_error(&command, "--json and --csv: one of them");
	return ZI_OPTION_RUN;
}

/* Turn 0 is acquire and release; then for each number of readers asleep, awake and bare. */
struct plan {
	struct handover handover;
	struct crowd crowds[MAX_CROWDS * KINDS];
	struct turn *turns;
	size_t n_crowds;
};

static int make_plan(struct plan *plan, const struct settings *s)
{
	*plan = (struct plan){ .handover = { ROUNDS, s->mailbox, s->cond } };
	plan->turns = calloc(1 + MAX_CROWDS * KINDS, sizeof(*plan->turns));
	if (!plan->turns)
		return -1;
	handover_turn(&plan->turns[0], &plan->handover);
	for (size_t i = 0; i < (s->readers ? 1 : MAX_CROWDS); i++) {
		for (int kind = 0; kind < KINDS; kind++) {
			struct crowd *crowd = &plan->crowds[plan->n_crowds];
			*crowd = (struct crowd){ (enum crowd_kind)kind, s->readers ? s->readers : all_readers[i],
				s->frames, s->fps, s->mailbox, s->cond };
			crowd_turn(&plan->turns[1 + plan->n_crowds++], crowd);
		}
	}
	return 0;
}

enum { READERS, OVER_BARE, ASLEEP, AWAKE, BARE, ASLEEP_P99, AWAKE_P99, BARE_P99, NS, N_COLUMNS };

static const struct report_column columns[N_COLUMNS] = {
	[READERS] = { "readers", NULL, 0, false, false },
	[OVER_BARE] = { "asleep_over_bare", "asleep/bare", 2, true, true },
	[ASLEEP] = { "asleep_p50_us", "asleep µs", 2, true, true },
	[AWAKE] = { "awake_p50_us", "awake µs", 2, true, true },
	[BARE] = { "bare_p50_us", "bare wakes µs", 2, true, true },
	[ASLEEP_P99] = { "asleep_p99_us", NULL, 2, true, false },
	[AWAKE_P99] = { "awake_p99_us", NULL, 2, true, false },
	[BARE_P99] = { "bare_p99_us", NULL, 2, true, false },
	[NS] = { "ns", "ns", 0, true, true },
};

/* turns: asleep, awake, bare of one number of readers. */
static int add_crowd(struct report *report, const struct turn *turns, uint32_t runs)
{
	const struct crowd *crowd = turns[0].what;
	double received = 0, expected = (double)crowd->frames * crowd->readers * runs;
	struct report_row *row = report_row(report, "publish to %u reader%s", crowd->readers,
		crowd->readers == 1 ? "" : "s");
	if (!row)
		return -1;
	row->cells[READERS] = stats_one(crowd->readers);
	row->cells[OVER_BARE] = turns_ratio(&turns[CROWD_ASLEEP], &turns[CROWD_BARE], CROWD_P50, runs);
	for (int kind = 0; kind < KINDS; kind++) {
		row->cells[ASLEEP + kind] = turns_figure(&turns[kind], CROWD_P50, runs);
		row->cells[ASLEEP_P99 + kind] = turns_figure(&turns[kind], CROWD_P99, runs);
	}
	for (uint32_t run = 0; run < runs; run++)
		received += turns[CROWD_ASLEEP].figures[CROWD_RECEIVED][run];
	if (received < expected)
		report_note(report, "%s: received %.0f of %.0f, so not all were asleep each time", turns[0].name,
			received, expected);
	return 0;
}

static int add_handover(struct report *report, const struct turn *turn, uint32_t figure, const char *name,
	uint32_t runs)
{
	struct report_row *row = report_row(report, "%s", name);
	if (row)
		row->cells[NS] = turns_figure(turn, figure, runs);
	return row ? 0 : -1;
}

static int show(const struct plan *plan, const struct settings *s)
{
	struct report *report = report_create("fanout", columns, N_COLUMNS);
	if (!report)
		return -1;
	report_about(report, "fps", json_integer(s->fps));
	report_about(report, "frames", json_integer(s->frames));
	report_about(report, "runs", json_integer(s->runs));
	report_about(report, "mailbox", json_string(s->mailbox == ZOE_MAILBOX_ATOMIC ? "atomic" : "mutex"));
	report_about(report, "cond", json_string(s->cond == ZOE_COND_PTHREAD ? "pthread" : "futex"));
	int error = 0;
	for (size_t i = 0; i < plan->n_crowds; i += KINDS)
		error |= add_crowd(report, &plan->turns[1 + i], s->runs);
	error |= add_handover(report, &plan->turns[0], HANDOVER_FRAME, "acquire and release, a frame waiting", s->runs);
	error |= add_handover(report, &plan->turns[0], HANDOVER_POLL, "a poll in vain", s->runs);
	if (!error)
		error = report_print(report, &s->form, stdout);
	report_destroy(&report);
	return error;
}

int bench_fanout(int argc, char **argv)
{
	struct settings settings = { .frames = 100, .fps = 100, .runs = 5 };
	struct plan plan;
	size_t n_operands;
	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &settings, NULL, &n_operands);
	if (outcome == ZI_OPTION_RUN)
		outcome = check(&settings);
	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	if (make_plan(&plan, &settings))
		return bench_fail("out of memory");
	int status = turns_run(plan.turns, 1 + plan.n_crowds, settings.runs) ? 1 : 0;
	if (!status && show(&plan, &settings))
		status = bench_fail("out of memory");
	free(plan.turns);
	return status;
}
