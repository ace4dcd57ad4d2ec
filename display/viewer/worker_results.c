/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the boards, sorting by worker, growing faint. */
#include "worker_results.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "program/signals.h"

#define RETRY_MS 500
#define MOST_AT_ONCE 256 /* so that the window stays alive whatever workers do */
#define FRESH_NS INT64_C(500000000)
#define GONE_NS INT64_C(2000000000)

void worker_results_init(struct worker_results *results, const char *name, const char *owner, const char *worker,
	struct match *match)
{
	*results = (struct worker_results){ .name = name, .owner = owner, .worker = worker, .match = match };
}

/* The one of this worker, else a free place, else the oldest. */
static struct worker_result **place_of(struct worker_results *results, const char *worker)
{
	struct worker_result **place = &results->newest[0];

	for (int i = 0; i < ZOE_MAX_SEATS; i++) {
		struct worker_result **at = &results->newest[i];

		if (*at && strcmp((*at)->worker, worker) == 0)
			return at;
		if (*place && (!*at || (*at)->posted_ns < (*place)->posted_ns))
			place = at;
	}
	return place;
}

static void take(struct worker_results *results, const struct zoe_result *result)
{
	struct worker_result *copy = worker_result_copy(result), **place;

	if (!copy)
		return;
	/* A worker may write any time into its board: one that cannot be becomes now. */
	if (copy->posted_ns < 0 || copy->posted_ns > zoe_now_ns())
		copy->posted_ns = zoe_now_ns();
	if (results->worker && strcmp(results->worker, copy->worker) == 0) {
		match_add_result(results->match, copy);
		return;
	}
	place = place_of(results, copy->worker);
	free(*place);
	*place = copy;
}

static bool is_open(struct worker_results *results)
{
	int64_t now_ns = zoe_now_ns();

	if (results->open || now_ns < results->retry_ns)
		return results->open;
	if (zoe_results_open_owned(&results->open, results->name, results->owner, ZOE_POLL) == 0)
		return true;
	results->open = NULL;
	results->retry_ns = now_ns + RETRY_MS * INT64_C(1000000);
	return false;
}

/* Ends are the source's to report; any other error closes the results, which are opened again later. */
static void note_error(struct worker_results *results, int error)
{
	if (error == -EAGAIN || error == -ENODATA || error == -EOWNERDEAD)
		return;
	zoe_results_close(&results->open);
	results->retry_ns = zoe_deadline_in_ms(RETRY_MS);
}

bool worker_results_poll(struct worker_results *results, int64_t wait_ms)
{
	const struct zoe_result *result;
	int64_t deadline_ns = wait_ms > 0 ? zoe_deadline_in_ms(wait_ms) : ZOE_POLL;
	int n = 0, error = 0;

	while (n < MOST_AT_ONCE && is_open(results)) {
		error = zoe_results_next(results->open, &result, n == 0 ? deadline_ns : ZOE_POLL);
		if (error)
			break;
		take(results, result);
		n++;
	}
	if (error)
		note_error(results, error);
	/* Who waits for results that cannot be had waits all the same. */
	if (!results->open)
		zi_signals_wait_until(deadline_ns);
	return n > 0;
}

static uint8_t opacity_at(int64_t age_ns)
{
	if (age_ns <= FRESH_NS)
		return 255;
	return (uint8_t)(255 * (GONE_NS - age_ns) / (GONE_NS - FRESH_NS));
}

void worker_results_get_layers(struct worker_results *results, const struct worker_result *on_frame, int64_t now_ns,
	struct layers *layers)
{
	layers->n = 0;
	for (int i = 0; i < ZOE_MAX_SEATS; i++) {
		struct worker_result **at = &results->newest[i];

		if (*at && now_ns - (*at)->posted_ns >= GONE_NS) {
			free(*at);
			*at = NULL;
		}
		if (*at)
			layers->of[layers->n++] = (struct layer){ *at, opacity_at(now_ns - (*at)->posted_ns) };
	}
	if (on_frame)
		layers->of[layers->n++] = (struct layer){ on_frame, 255 };
}

void worker_results_finish(struct worker_results *results)
{
	zoe_results_close(&results->open);
	for (int i = 0; i < ZOE_MAX_SEATS; i++)
		free(results->newest[i]);
	memset(results->newest, 0, sizeof(results->newest));
}
