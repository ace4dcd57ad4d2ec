/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-events: what it is told to do, and how a result looks as JSON. */
#ifndef EVENTS_H
#define EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zoetrope/result.h>

#include "program/option.h"

#define EVENTS_MAX_NAMES 64

/* Names to choose by. */
struct events_names {
	size_t n; /* 0: all are chosen */
	const char *names[EVENTS_MAX_NAMES];
};

struct events_settings {
	const char *pool;
	const char *owner; /* whose pool it may be, too; NULL: nobody's */
	struct events_names workers;
	struct events_names labels;
	uint64_t count; /* results to end after; 0: no limit */
	int64_t run_ns; /* below 0: no limit */
	enum zoe_follow follow;
	bool no_wait;
};

/* Fill the settings from the command line; they point into argv. */
enum zi_option_outcome events_parse(struct events_settings *settings, int argc, char **argv);

/* True when the name is among these, or there are none. */
bool events_chooses(const struct events_names *names, const char *name);

/* True when the filters choose this result. */
bool events_wanted(const struct events_settings *settings, const struct zoe_result *result);

/* One line of JSON on stdout, of the marks only those asked for. Errors: those of zi_json_line(). */
int events_print(const struct events_settings *settings, const struct zoe_result *result);

#endif
