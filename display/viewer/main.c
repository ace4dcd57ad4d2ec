/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-display: a window on a pool. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include <libavutil/log.h>

#include "say.h"
#include "settings.h"
#include "viewer.h"

static volatile sig_atomic_t stop;

static void ask_to_stop(int signal)
{
	(void)signal;
	stop = 1;
}

/* A second signal ends the program the hard way. */
static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = ask_to_stop, .sa_flags = (int)SA_RESETHAND };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

int main(int argc, char **argv)
{
	struct settings settings;
	struct viewer *viewer = NULL;
	enum zi_option_outcome outcome = settings_parse(&settings, argc, argv);
	int error, status = 1;

	if (outcome != ZI_OPTION_RUN)
		return outcome == ZI_OPTION_DONE ? 0 : 2;
	say_quietly(settings.quiet);
	av_log_set_level(AV_LOG_QUIET);
	catch_signals();
	error = viewer_create(&viewer, &settings);
	if (error == -ENOMEM)
		say_error("out of memory");
	if (!error)
		status = viewer_conclude(viewer, viewer_run(viewer, &stop));
	viewer_destroy(&viewer);
	return status;
}
