/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-capture: decode a video straight into a pool. */
#include <stdio.h>
#include <stdlib.h>

#include "devices.h"
#include "epoch.h"
#include "ffmpeg_log.h"
#include "groups.h"
#include "pace.h"
#include "program/message.h"
#include "program/signals.h"
#include "publisher.h"
#include "report.h"
#include "settings.h"
#include "source.h"
#include "ticks.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct capture {
	struct settings settings;
	struct report report;
	struct publisher *publisher;
	struct source *source;
	struct pace pace;
	uint32_t lost_flags; /* a discontinuity, of a picture that was dropped: the next has it */
	bool has_failed;     /* and is not at the end of its input: another start may do */
};

static void show_progress(struct capture *capture, const struct picture *picture)
{
	struct zoe_writer_stats stats;

	if (report_progress_due(&capture->report) && publisher_get_stats(capture->publisher, &stats))
		report_progress(&capture->report, &stats, ticks_rescale(picture->pts, picture->time_base, ticks_ns));
}

/* What a pipe gives may be live the next time. */
static bool is_paced(const struct capture *capture)
{
	return !capture->settings.fast && !capture->source->live;
}

/* From the source to the readers. */
static enum picture_outcome show(struct capture *capture, const struct picture *picture)
{
	struct placed placed;
	enum picture_outcome outcome = publisher_place(capture->publisher, picture, &placed);

	if (outcome == PICTURE_STOPPED || outcome == PICTURE_FAILED)
		return outcome;
	if (is_paced(capture) && pace_wait(&capture->pace, picture))
		return PICTURE_STOPPED;
	if (outcome == PICTURE_OK) {
		placed.picture.flags |= capture->lost_flags;
		outcome = publisher_publish(capture->publisher, &placed);
	}
	capture->lost_flags = outcome == PICTURE_OK ? 0
						    : capture->lost_flags | (picture->flags & ZOE_FRAME_DISCONTINUITY);
	show_progress(capture, picture);
	report_troubles(&capture->report);
	return outcome;
}

static bool has_enough(const struct capture *capture)
{
	return capture->settings.frames > 0 && capture->report.counters.published >= capture->settings.frames;
}

static int run(struct capture *capture)
{
	struct picture picture;
	enum source_outcome outcome = SOURCE_END;

	while (!zi_signals_stopped() && !has_enough(capture)) {
		outcome = source_next(capture->source, &picture);
		if (outcome != SOURCE_OK)
			break;
		enum picture_outcome shown = show(capture, &picture);
		if (shown == PICTURE_FAILED) {
			capture->has_failed = true;
			return EXIT_FAILED;
		}
		if (shown == PICTURE_STOPPED)
			return EXIT_OK;
	}
	if (is_paced(capture))
		pace_wait_end(&capture->pace);
	/* What a file lacks it will lack the next time; a camera may be back. */
	capture->has_failed = outcome == SOURCE_FAILED && capture->source->live;
	return outcome == SOURCE_FAILED ? EXIT_FAILED : EXIT_OK;
}

/* EXIT_OK, or what to exit with. EXIT_OK without a source: somebody asked to stop while it was opened. */
static int open_all(struct capture *capture)
{
	if (zi_signals_catch(ZI_SIGNALS_IGNORE_PIPE) < 0 ||
		!(capture->publisher = publisher_create(&capture->settings, &capture->report))) {
		report_failure(&capture->report, "start: no memory or file descriptor left for it");
		return EXIT_FAILED;
	}
	if (groups_prepare(&capture->settings) < 0) {
		report_pool_failure(&capture->report);
		return EXIT_FAILED;
	}
	switch (source_open(&capture->source, &capture->settings, capture->publisher, &capture->report)) {
	case SOURCE_OK:
		break;
	case SOURCE_END:
		break;
	case SOURCE_USAGE:
		capture->has_failed = true;
		return EXIT_USAGE;
	case SOURCE_FAILED:
		capture->has_failed = true;
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

/* Readers learn that it ends before the decoder's memory goes. */
static void close_all(struct capture *capture)
{
	if (capture->publisher)
		publisher_end(capture->publisher,
			zi_signals_stopped()          ? ZOE_END_STOPPED
				: capture->has_failed ? ZOE_END_FAILED
						      : ZOE_END_INPUT);
	source_close(&capture->source);
	publisher_destroy(&capture->publisher);
}

/* Nothing may hold a slot when decoder and publisher are gone. */
static bool has_given_all_back(struct capture *capture)
{
	if (epoch_count() == 0)
		return true;
	report_failure(&capture->report, "end: slots of %u epochs were not given back", epoch_count());
	return false;
}

static int capture_input(struct capture *capture)
{
	ffmpeg_log_init(capture->settings.verbose);
	report_init(&capture->report, &capture->settings);
	int status = open_all(capture);
	if (status == EXIT_OK && capture->source)
		status = run(capture);
	close_all(capture);
	if (!has_given_all_back(capture))
		status = EXIT_FAILED;
	if (status != EXIT_USAGE && !report_end(&capture->report))
		status = EXIT_FAILED;
	return status;
}

int main(int argc, char **argv)
{
	struct capture capture = { 0 };
	const struct settings *settings = &capture.settings;
	int status;

	enum zi_option_outcome parsed = settings_parse(&capture.settings, argc, argv);
	if (parsed == ZI_OPTION_RUN) {
		zi_message_init(capture_command.name, settings->quiet);
		status = settings->list_devices ? devices_list(settings->json) : capture_input(&capture);
	} else {
		status = zi_option_status(parsed);
	}
	settings_finish(&capture.settings);
	return status;
}
