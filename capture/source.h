/* SPDX-License-Identifier: BSD-2-Clause */
/* Where pictures come from: one small interface for FFmpeg's inputs and the test picture. */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

#include <stdbool.h>

#include "picture.h"

struct publisher;
struct report;
struct settings;

/* What opening a source, or asking it for a picture, comes to. */
enum source_outcome {
	SOURCE_OK,     /* it is open; the picture is there */
	SOURCE_END,    /* no picture follows, or somebody asked to stop */
	SOURCE_FAILED, /* the reason was printed */
	SOURCE_USAGE,  /* a mistake in the options, and it was printed; when opening only */
};

struct source {
	const struct source_class *class;
	bool live; /* pictures come when they happen: no pacing by timestamps */
};

struct source_class {
	enum source_outcome (*open)(struct source **source, const struct settings *settings,
		struct publisher *publisher, struct report *report);
	enum source_outcome (*next)(struct source *source, struct picture *picture);
	void (*close)(struct source *source);
};

extern const struct source_class source_av, source_test;

/* Open what the settings name. SOURCE_OK: it is open. Any other outcome leaves NULL. */
enum source_outcome source_open(struct source **source, const struct settings *settings, struct publisher *publisher,
	struct report *report);

/* SOURCE_OK: the next picture. Blocks as long as the source does. */
enum source_outcome source_next(struct source *source, struct picture *picture);

/* Clears the pointer; NULL is fine. */
void source_close(struct source **source);

#endif
