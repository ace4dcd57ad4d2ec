/* SPDX-License-Identifier: BSD-2-Clause */
/* Where pictures come from: one small interface for FFmpeg's inputs and the test picture. */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include <libavutil/frame.h>

struct report;
struct settings;
struct stage;

/* A picture on its way from the source to the pool. */
struct picture {
	AVFrame *frame; /* cropped already; the source's, until the next source_next() */
	int coded_width_px, coded_height_px;
	int crop_left_px, crop_top_px;
	AVRational time_base;
	AVRational sample_aspect;
	int64_t pts, duration;       /* in the time base; the pts is always known and rises in a loop */
	int64_t read_ns, decoded_ns; /* CLOCK_MONOTONIC; decoded_ns 0: when it is published */
	unsigned rotation_deg;
	unsigned flags; /* ZOE_FRAME_... */
};

/* source_next() */
enum source_outcome {
	SOURCE_PICTURE,
	SOURCE_END,    /* no picture follows, or somebody asked to stop */
	SOURCE_FAILED, /* the reason was printed */
	SOURCE_USAGE,  /* only source_open(): so was this one: a mistake in the options */
};

struct source {
	const struct source_class *class;
	bool live; /* pictures come when they happen: no pacing by timestamps */
};

struct source_class {
	enum source_outcome (*open)(struct source **source, const struct settings *settings, struct stage *stage,
		struct report *report);
	enum source_outcome (*next)(struct source *source, struct picture *picture);
	void (*close)(struct source *source);
};

extern const struct source_class source_av, source_test;

/* Open what the settings name. SOURCE_PICTURE: it is open. Any other outcome leaves NULL. */
enum source_outcome source_open(struct source **source, const struct settings *settings, struct stage *stage,
	struct report *report);

/* The next picture. Blocks as long as the source does. */
enum source_outcome source_next(struct source *source, struct picture *picture);

/* Clears the pointer; NULL is fine. */
void source_close(struct source **source);

#endif
