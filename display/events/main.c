/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-events: what the workers of a pool see, as JSON Lines. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "events.h"

#define LOOK_MS 100 /* between two looks at signals and limits */

static volatile sig_atomic_t stop;

static void ask_to_stop(int signal)
{
	(void)signal;
	stop = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = ask_to_stop, .sa_flags = (int)SA_RESETHAND };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	/* A reader of ours that has had enough, as head, is told from a full disk by EPIPE. */
	signal(SIGPIPE, SIG_IGN);
}

static int complain(const char *what)
{
	fprintf(stderr, "zoe-events: error: %s\n", what);
	return 1;
}

struct run {
	const struct events_settings *settings;
	struct zoe_results *results;
	int64_t end_ns;
	uint64_t n_printed;
};

static bool is_over(const struct run *run)
{
	const struct events_settings *settings = run->settings;

	return stop || (settings->count > 0 && run->n_printed >= settings->count) || zoe_now_ns() >= run->end_ns;
}

static int64_t next_look(const struct run *run)
{
	int64_t at = zoe_deadline_in_ms(LOOK_MS);

	return at < run->end_ns ? at : run->end_ns;
}

/* 0, also when it was over before the pool came, or 1. */
static int open_results(struct run *run)
{
	const struct events_settings *settings = run->settings;
	int error;

	do {
		error = zoe_results_open(&run->results, settings->pool, settings->no_wait ? ZOE_POLL : next_look(run));
	} while (error == -ENOENT && !settings->no_wait && !is_over(run));
	if (error == -ENOENT && settings->no_wait) {
		fprintf(stderr,
			"zoe-events: error: %s; start it with zoe-capture --name %s, or wait for it "
			"without --no-wait\n",
			zoe_error(), settings->pool);
		return 1;
	}
	return error && error != -ENOENT ? complain(zoe_error()) : 0;
}

/* 0 to go on, 1 after an error, -1 when nobody reads any more. */
static int print(struct run *run, const struct zoe_result *result)
{
	int error;

	if (!events_wanted(run->settings, result))
		return 0;
	errno = 0;
	error = events_print(run->settings, result);
	if (error && errno == EPIPE)
		return -1;
	if (error)
		return complain(error == -ENOMEM ? "out of memory" : "cannot write to stdout");
	run->n_printed++;
	return 0;
}

static int read_all(struct run *run)
{
	const struct zoe_result *result;
	int status = 0;

	while (run->results && !status && !is_over(run)) {
		int error = zoe_results_next(run->results, &result, next_look(run));

		if (!error)
			status = print(run, result);
		else if (error == -ENODATA && run->settings->exit_at_end)
			return 0;
		else if (error == -EOWNERDEAD && run->settings->exit_at_end)
			return complain(zoe_error());
		else if (error != -EAGAIN && error != -ENODATA && error != -EOWNERDEAD)
			return complain(zoe_error());
	}
	return status > 0;
}

int main(int argc, char **argv)
{
	struct events_settings settings;
	struct run run = { .settings = &settings, .end_ns = INT64_MAX };
	enum zi_option_outcome outcome = events_parse(&settings, argc, argv);
	int status;

	if (outcome != ZI_OPTION_RUN)
		return outcome == ZI_OPTION_DONE ? 0 : 2;
	if (settings.run_ns >= 0 && __builtin_add_overflow(zoe_now_ns(), settings.run_ns, &run.end_ns))
		run.end_ns = INT64_MAX;
	catch_signals();
	status = open_results(&run);
	if (!status)
		status = read_all(&run);
	zoe_results_close(&run.results);
	return status;
}
