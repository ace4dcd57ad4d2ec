/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of zoe-display. */
#ifndef DISPLAY_SETTINGS_H
#define DISPLAY_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/pool.h>

#include "program/option.h"

struct settings {
	const char *name;
	const char *owner;      /* whose pool it may be, too; NULL: nobody's */
	const char *title;      /* NULL: the pool's name */
	const char *screenshot; /* NULL: none */
	const char *font;       /* NULL: look for one */
	const char *match;      /* the worker whose results frames are shown with; NULL: none */
	uint32_t match_frames;
	struct zi_size size; /* 0: as the picture is */
	uint64_t n_frames;   /* 0: no limit */
	int64_t run_ns;      /* below 0: no limit */
	enum zoe_follow follow;
	bool fullscreen;
	bool json;
	bool lossless;
	bool no_wait;
	bool overlay;
	bool quiet;
	bool verify;
};

/* Fill the settings from the command line; they point into argv. */
enum zi_option_outcome settings_parse(struct settings *settings, int argc, char **argv);

#endif
