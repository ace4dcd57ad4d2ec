/* SPDX-License-Identifier: BSD-2-Clause */
/* Where frames come from: one pool's reader, attached when the pool appears. */
#ifndef DISPLAY_SOURCE_H
#define DISPLAY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zoetrope/pool.h>
#include <zoetrope/reader.h>

#include "program/waiting.h"

struct settings;

enum source_event {
	SOURCE_FRAME,
	SOURCE_NOTHING,
	SOURCE_ENDED,       /* once for each end after which nothing is to be expected */
	SOURCE_WRITER_GONE, /* once for each other: its writer was stopped, failed or died */
	SOURCE_FAILED,      /* for good; was said on stderr */
};

enum source_state {
	SOURCE_IS_WAITING, /* no such pool yet, or no frame of the next one */
	SOURCE_IS_LIVE,
	SOURCE_IS_SILENT, /* the source is lost, or the writer does not run */
	SOURCE_HAS_ENDED,
	SOURCE_LOST_WRITER,
};

struct source {
	const char *name;
	struct zoe_reader_options options;
	bool no_wait;
	struct zoe_reader *reader; /* NULL while waiting */
	uint32_t n_held;           /* frames to be returned before the end */
	enum source_event last;    /* the last end or death since a frame came; else SOURCE_NOTHING */
	char why[256];             /* how it is over, in words */
	int64_t retry_ns;          /* do not attach before: the writer did not answer */
	struct zi_waiting waiting;
};

/* n_frames: how many are held at once, and as many may wait. */
void source_init(struct source *source, const struct settings *settings, uint32_t n_frames);

/* The next frame, to be given back with source_return(); waits for at most wait_ms. */
enum source_event source_next(struct source *source, const struct zoe_frame **frame, int64_t wait_ms);

void source_return(struct source *source, const struct zoe_frame *frame);

/* What became of the pool, since when (CLOCK_MONOTONIC), and why where it has ended. */
enum source_state source_get_state(struct source *source, int64_t *since_ns, enum zoe_end *end);

/* Why the source of the pool is lost, printable; "" it is not, or nobody says. */
void source_get_why(struct source *source, char *why, size_t n_bytes);

/* The state in one word, for scripts. */
const char *source_state_name(enum source_state state);

/* How a pool is over whose next one is waited for, for people; `end` counts where it has ended. */
const char *source_over_text(enum source_state state, enum zoe_end end);

/* Frames published and not shown. */
uint64_t source_skipped(struct source *source);

void source_finish(struct source *source);

#endif
