/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-events: what the workers of a pool see, as JSON Lines. */
#include <errno.h>
#include <string.h>

#include "events.h"
#include "program/message.h"
#include "program/output.h"
#include "program/signals.h"
#include "program/waiting.h"

#define CHECK_MS 100                    /* between two checks of signals and limits */
#define PATIENCE_NS INT64_C(1000000000) /* with workers who do not post */

struct run {
	const struct events_settings *settings;
	struct zoe_results *results;
	int64_t end_ns;
	int64_t opened_ns;
	uint64_t n_printed;
	struct zi_waiting waiting;
};

static bool is_over(const struct run *run)
{
	const struct events_settings *settings = run->settings;

	return zi_signals_stopped() || (settings->count > 0 && run->n_printed >= settings->count) ||
		zoe_now_ns() >= run->end_ns;
}

static int64_t next_check(const struct run *run)
{
	int64_t at = zoe_deadline_in_ms(CHECK_MS);

	return at < run->end_ns ? at : run->end_ns;
}

/* 0, also when it was over before the pool came, or 1. */
static int open_results(struct run *run)
{
	const struct events_settings *settings = run->settings;
	int error;

	do {
		error = zoe_results_open_owned(&run->results, settings->pool, settings->owner,
			settings->no_wait ? ZOE_POLL : next_check(run));
		if (error == -ENOENT && !settings->no_wait)
			zi_waiting_for_pool(&run->waiting);
	} while (error == -ENOENT && !settings->no_wait && !is_over(run));
	if (error == -ENOENT && settings->no_wait)
		return zi_message_error("%s; start it with zoe-capture --name %s, or wait for it without --no-wait",
			zoe_error(), settings->pool);
	if (error && error != -ENOENT)
		return zi_message_error("%s", zoe_error());
	if (!error) {
		zoe_results_set_follow(run->results, settings->follow);
		zi_waiting_is_over(&run->waiting);
	}
	run->opened_ns = zoe_now_ns();
	return 0;
}

/* 0 to go on, 1 after an error, -1 when nobody reads any more. */
static int print(struct run *run, const struct zoe_result *result)
{
	int error;

	if (!events_wanted(run->settings, result))
		return 0;
	error = events_print(run->settings, result);
	/* What reads our output, such as head, has ended: that is no error. */
	if (error == -EPIPE)
		return -1;
	if (error)
		return error == -ENOMEM ? zi_message_error("out of memory") : zi_output_fail(error);
	run->n_printed++;
	zi_waiting_worker_came(&run->waiting, result->worker);
	return 0;
}

/* The pool may be back, and nobody have posted in it yet. */
static void look_for_next(struct run *run)
{
	struct zoe_results *next = NULL;

	if (run->waiting.is_said &&
		zoe_results_open_owned(&next, run->settings->pool, run->settings->owner, ZOE_POLL) == 0)
		zi_waiting_is_over(&run->waiting);
	zoe_results_close(&next);
}

/* What came of waiting for a result. 0 to go on, 1 after an error, -1 at the end. */
static int take(struct run *run, int error, const struct zoe_result *result)
{
	const struct events_settings *settings = run->settings;

	switch (error) {
	case 0:
		zi_waiting_is_over(&run->waiting);
		return print(run, result);
	case -EAGAIN:
		look_for_next(run);
		break;
	case -ENODATA:
		return -1;
	case -EOWNERDEAD:
		if (settings->follow != ZOE_FOLLOW_NEVER) {
			zi_waiting_for_next(&run->waiting, zoe_error());
			break;
		}
		/* fall through */
	default:
		return zi_message_error("%s", zoe_error());
	}
	return 0;
}

static int read_all(struct run *run)
{
	const struct zoe_result *result;
	int status = 0;

	while (run->results && !status && !is_over(run)) {
		int error = zoe_results_next(run->results, &result, next_check(run));

		status = take(run, error, result);
		if (run->n_printed == 0 && zoe_now_ns() - run->opened_ns > PATIENCE_NS)
			zi_waiting_for_workers(&run->waiting, run->settings->workers.names, run->settings->workers.n);
	}
	return status > 0;
}

int main(int argc, char **argv)
{
	struct events_settings settings;
	struct run run = { .settings = &settings, .end_ns = INT64_MAX };
	enum zi_option_outcome outcome = events_parse(&settings, argc, argv);
	int status, error;

	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	if (settings.run_ns >= 0 && __builtin_add_overflow(zoe_now_ns(), settings.run_ns, &run.end_ns))
		run.end_ns = INT64_MAX;
	run.waiting.pool = settings.pool;
	zi_message_init("zoe-events", false);
	error = zi_signals_catch(ZI_SIGNALS_ONCE | ZI_SIGNALS_IGNORE_PIPE);
	if (error)
		return zi_message_error("cannot wait for signals: %s", strerror(-error));
	status = open_results(&run);
	if (!status)
		status = read_all(&run);
	zoe_results_close(&run.results);
	return status;
}
