/* SPDX-License-Identifier: BSD-2-Clause */
#include "peer_plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "figures.h"
#include "program/json_line.h"

/* Those asked for, or all; and ours of the same kind, to compare them with. */
static void choose(struct peer_plan *plan)
{
	bool chosen = false;
	for (size_t i = 0; i < N_WAYS; i++)
		chosen |= plan->settings.only[i];
	for (size_t i = 0; i < N_WAYS; i++)
		plan->wanted[i] = plan->settings.only[i] || !chosen;
	for (size_t i = 0; i < N_WAYS; i++)
		if (plan->wanted[i] && ways[i].program)
			plan->wanted[ways[i].polls ? WAY_ZOETROPE_POLL : WAY_ZOETROPE] = true;
}

struct peer_plan *peer_plan_create(const struct peer_settings *settings)
{
	struct peer_plan *plan = calloc(1, sizeof(*plan));
	if (!plan)
		return NULL;
	plan->settings = *settings;
	plan->session = (struct ways_session){
		.place = settings->place,
		.limit_ns = settings->limit_ns,
		.frames = settings->frames,
		.fps = settings->fps,
	};
	plan->turns = calloc(SIZES_MAX * N_WAYS, sizeof(*plan->turns));
	if (!plan->turns)
		peer_plan_destroy(&plan);
	else
		choose(plan);
	return plan;
}

void peer_plan_destroy(struct peer_plan **plan)
{
	if (!*plan)
		return;
	ways_close(&(*plan)->session);
	free((*plan)->turns);
	free(*plan);
	*plan = NULL;
}

static void add_turn(struct peer_plan *plan, const struct way *way, uint32_t width_px, uint32_t height_px)
{
	struct way_turn *way_turn = &plan->way_turns[plan->n_turns];
	*way_turn = (struct way_turn){
		.session = &plan->session,
		.way = way,
		.width_px = width_px,
		.height_px = height_px,
	};
	ways_turn(&plan->turns[plan->n_turns++], way_turn);
}

/* The floors, which have no size, or all others. */
static void add_turns(struct peer_plan *plan, bool floors, uint32_t width_px, uint32_t height_px)
{
	for (size_t i = 0; i < N_WAYS; i++)
		if (plan->wanted[i] && floors == !ways[i].program && ways_available(&plan->session, &ways[i]))
			add_turn(plan, &ways[i], width_px, height_px);
}

int peer_plan_open(struct peer_plan *plan, const struct way **missing)
{
	const struct sizes *sizes = &plan->settings.sizes;
	struct ways_session *session = &plan->session;
	for (uint32_t i = 0; i < sizes->n; i++)
		if (bench_picture_bytes(sizes->size[i].width_px, sizes->size[i].height_px) >
			bench_picture_bytes(session->width_px, session->height_px)) {
			session->width_px = sizes->size[i].width_px;
			session->height_px = sizes->size[i].height_px;
		}
	int error = ways_open(session, plan->wanted);
	*missing = NULL;
	for (size_t i = 0; i < N_WAYS; i++)
		if (plan->settings.only[i] && !ways_available(session, &ways[i]))
			*missing = &ways[i];
	add_turns(plan, true, 0, 0);
	for (uint32_t i = 0; i < sizes->n; i++)
		add_turns(plan, false, sizes->size[i].width_px, sizes->size[i].height_px);
	return error;
}

const struct way_turn *peer_plan_failure(const struct peer_plan *plan)
{
	for (size_t i = 0; i < plan->n_turns; i++)
		if (plan->way_turns[i].failed)
			return &plan->way_turns[i];
	return NULL;
}

/* The turn of this way, of that size if it has one; NULL: there is none. */
static const struct turn *find_turn(const struct peer_plan *plan, const struct way *way, const struct way_turn *size)
{
	for (size_t i = 0; i < plan->n_turns; i++) {
		const struct way_turn *turn = &plan->way_turns[i];
		if (turn->way == way &&
			(!way->program || (turn->width_px == size->width_px && turn->height_px == size->height_px)))
			return &plan->turns[i];
	}
	return NULL;
}

enum { P50, P90, P99, OVER_P50, OVER_P99, OVER_FLOOR, RECEIVED, MISSED, N_COLUMNS };

static const struct report_column columns[N_COLUMNS] = {
	[P50] = { "p50_us", "p50 µs", 2, true, true },
	[P90] = { "p90_us", "p90 µs", 2, true, false },
	[P99] = { "p99_us", "p99 µs", 2, true, false },
	[OVER_P50] = { "over_zoetrope_p50", "p50/zoetrope", 2, true, true },
	[OVER_P99] = { "over_zoetrope_p99", "p99/zoetrope", 2, true, true },
	[OVER_FLOOR] = { "over_floor_p50", "p50/floor", 2, true, true },
	[RECEIVED] = { "received", "received", 0, false, false },
	[MISSED] = { "missed", "missed", 0, false, false },
};

static double received(const struct turn *turn, uint32_t runs)
{
	double sum = 0;
	for (uint32_t run = 0; run < runs; run++)
		if (!isnan(turn->figures[FIGURE_RECEIVED][run]))
			sum += turn->figures[FIGURE_RECEIVED][run];
	return sum;
}

/* Compared with ours, and with the floor, of who waits in the same manner. */
static int add_row(struct report *report, const struct peer_plan *plan, size_t i)
{
	uint32_t runs = plan->settings.runs;
	const struct turn *turn = &plan->turns[i];
	const struct way_turn *way_turn = &plan->way_turns[i];
	bool polls = way_turn->way->polls;
	const struct turn *ours = find_turn(plan, &ways[polls ? WAY_ZOETROPE_POLL : WAY_ZOETROPE], way_turn);
	const struct turn *floor = find_turn(plan, &ways[polls ? WAY_SPIN_FLOOR : WAY_FUTEX_FLOOR], way_turn);
	struct report_row *row = report_row(report, "%s", turn->name);
	if (!row)
		return -1;
	row->cells[P50] = turns_figure(turn, FIGURE_P50, runs);
	row->cells[P90] = turns_figure(turn, FIGURE_P90, runs);
	row->cells[P99] = turns_figure(turn, FIGURE_P99, runs);
	if (way_turn->way->program && ours && ours != turn) {
		row->cells[OVER_P50] = turns_ratio(turn, ours, FIGURE_P50, runs);
		row->cells[OVER_P99] = turns_ratio(turn, ours, FIGURE_P99, runs);
	}
	if (way_turn->way->program && floor)
		row->cells[OVER_FLOOR] = turns_ratio(turn, floor, FIGURE_P50, runs);
	row->cells[RECEIVED] = stats_one(received(turn, runs));
	row->cells[MISSED] = stats_one((double)way_turn->missed);
	return 0;
}

/* Append to a text of so many bytes, as much as fits. */
static void append(char *text, size_t n_bytes, const char *first, const char *second)
{
	size_t n = strlen(text);
	snprintf(text + n, n_bytes - n, "%s%s %s", n ? ", " : "", first, second);
}

/* The versions of what is measured, and what is not and why. */
static void add_versions(struct report *report, const struct peer_plan *plan)
{
	json_t *versions = json_object();
	char text[256] = "";
	for (size_t i = 0; i < N_WAYS; i++) {
		const struct way *way = &ways[i];
		const char *line = ways_line(&plan->session, way);
		bool again = i > 0 && ways[i - 1].program && way->program &&
			strcmp(ways[i - 1].program, way->program) == 0 && plan->wanted[i - 1];
		if (!plan->wanted[i] || !way->program || again)
			continue;
		if (ways_available(&plan->session, way)) {
			json_object_set_new(versions, way->program, zi_json_text(line));
			append(text, sizeof(text), way->program, line);
		} else {
			report_note(report, "not available: %s (%s)", way->program, line);
		}
	}
	report_about(report, "versions", versions);
	report_note(report, "%s", text);
}

struct report *peer_plan_report(const struct peer_plan *plan)
{
	struct report *report = report_create("peers", columns, N_COLUMNS);
	for (size_t i = 0; report && i < plan->n_turns; i++)
		if (add_row(report, plan, i))
			report_destroy(&report);
	if (!report)
		return NULL;
	report_about(report, "fps", json_integer(plan->settings.fps));
	report_about(report, "frames", json_integer(plan->settings.frames));
	report_about(report, "runs", json_integer(plan->settings.runs));
	add_versions(report, plan);
	for (size_t i = 0; i < plan->n_turns; i++)
		if (plan->way_turns[i].failed)
			report_note(report, "failed: %s (%s)", plan->turns[i].name, plan->way_turns[i].why);
	return report;
}
