/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-display: a window on a pool. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <libavutil/log.h>

#include "program/message.h"
#include "program/signals.h"
#include "settings.h"
#include "viewer.h"

static int open_viewer(struct viewer **viewer, const struct settings *settings)
{
	int error = zi_signals_catch(ZI_SIGNALS_ONCE);

	if (error) {
		zi_message_error("cannot wait for signals: %s", strerror(-error));
		return error;
	}
	error = viewer_create(viewer, settings);
	if (error == -ENOMEM)
		zi_message_error("out of memory");
	return error;
}

int main(int argc, char **argv)
{
	struct settings settings;
	struct viewer *viewer = NULL;
	enum zi_option_outcome outcome = settings_parse(&settings, argc, argv);
	int status = 1;

	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	zi_message_init("zoe-display", settings.quiet);
	av_log_set_level(AV_LOG_QUIET);
	if (open_viewer(&viewer, &settings) == 0)
		status = viewer_conclude(viewer, viewer_run(viewer));
	viewer_destroy(&viewer);
	return status;
}
