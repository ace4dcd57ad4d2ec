/* SPDX-License-Identifier: BSD-2-Clause */
/* What was shown, and how old it was when it reached the screen. */
#ifndef DISPLAY_STATISTICS_H
#define DISPLAY_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zoetrope/frame.h>
#include <zoetrope/histogram.h>

#include "stages.h"
#include "verify.h"

struct statistics {
	uint64_t shown;
	uint64_t converted;          /* of them, through libswscale */
	uint64_t matched, unmatched; /* with --match: with their result, without one */
	uint64_t epochs;
	uint64_t epoch;
	uint64_t seq;
	struct zoe_frame_info info; /* of the last frame shown */
	int64_t acquired_ns;
	struct zoe_histogram age; /* from published to presented */
	struct stage_ages stages;
	struct history history;

	/* Of the last full second, for the window. */
	int64_t second_began_ns;
	uint64_t second_shown;
	struct zoe_histogram second_age;
	struct stage_ages second_stages;
	double fps;
	int64_t p50_ns, p99_ns;
	struct stage_figures second_figures;
};

/* What the last line says beside the statistics. */
struct statistics_end {
	const char *pool;
	const char *state;
	const char *display;
	uint64_t skipped;
	uint64_t late; /* results that came when their frame had gone */
	const struct verify *verify;
	int status;
};

/* This frame, acquired at acquired_ns, is presented next. */
void statistics_frame(struct statistics *statistics, const struct zoe_frame *frame, bool converted,
	int64_t acquired_ns);

/* That frame is on the screen. */
void statistics_presented(struct statistics *statistics, int64_t now_ns);

/* It was paused for so long, which is no time in which frames could have come. */
void statistics_resume(struct statistics *statistics, int64_t paused_ns);

/* Lines for the window's corner. */
void statistics_describe(struct statistics *statistics, int64_t now_ns, const char *pool, const char *display,
	uint64_t skipped, char *lines, size_t n_bytes);

/* One line of JSON on stdout. Errors, said on stderr: those of zi_json_line(). */
int statistics_print_json(const struct statistics *statistics, const struct statistics_end *end);

/* One line on stderr. */
void statistics_say(const struct statistics *statistics, const struct statistics_end *end);

#endif
