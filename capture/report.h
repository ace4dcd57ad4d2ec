/* SPDX-License-Identifier: BSD-2-Clause */
/* What zoe-capture says about its run: lines on standard error, JSON on standard output. */
#ifndef CAPTURE_REPORT_H
#define CAPTURE_REPORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <libavutil/pixfmt.h>
#include <zoetrope/zoetrope.h>

#include "troubles.h"

struct settings;

#define REPORT_SILENT "no packets come" /* why a source is lost that is still read from */

struct counters {
	uint64_t decoded; /* pictures that came out of the source */
	uint64_t published;
	uint64_t copied;           /* of these: not decoded in place, for whatever reason */
	uint64_t converted;        /* of these: by --pix-fmt or --size */
	uint64_t repeated;         /* of these: the decoder showed a published picture again */
	uint64_t dropped;          /* no slot was free */
	uint64_t dropped_shm_full; /* of these: shared memory had no space for one more slot */
	uint64_t before_seek;      /* decoded on the way to --seek */
	uint64_t corrupt;          /* published with errors concealed */
	uint64_t decode_errors;    /* packets that gave an error */
	uint64_t damaged;          /* not published: --whole-frames, and something was lacking */
	uint64_t skipped;          /* packets of a live source that --max-lag left out */
	uint64_t restamped;        /* published with another time than the source's, which could not be */
	uint64_t reconnects;       /* that the source went away and came back */
	uint64_t left_behind;      /* calls to open or close the source that did not end (left_behind.h) */
	uint64_t bits_per_s;       /* of what was read, lately */
	uint32_t key_interval;     /* packets from one key frame to the next */
	uint64_t epochs;
	uint32_t n_slots;                     /* the most of any epoch */
	uint64_t shm_bytes;                   /* the most of any epoch */
	int64_t lag_ns;                       /* of a live source's last packet, see lag.h */
	atomic_uint_fast64_t private_buffers; /* asked for when no slot was free */
};

/* What an input turned out to be. */
struct report_input {
	const char *container; /* demuxer or device */
	const char *codec;
	const char *pix_fmt;
	int width_px, height_px;
	double rate_fps; /* 0: unknown */
	int n_threads;
	const char *threads; /* "frame", "slice" or "no" */
	bool in_place;       /* the decoder decodes into slots */
	bool live;
};

struct report {
	const struct settings *settings;
	struct counters counters;
	struct report_input input;
	int64_t begun_ns;
	int64_t first_ns;            /* of the first frame published, 0: none */
	int64_t progress_ns;         /* when the progress line was last written, 0: never, */
	uint64_t progress_published; /* and what was published by then */
	int64_t said_wait_ns;        /* it was said that a frame waits since then; 0: it was not */
	uint64_t told_troubles;      /* how many troubles with the source there had been when they were last told, */
	int64_t told_ns;             /* and when that was */
	struct troubles troubles;    /* what was said of them to people */
	char lost_why[2048];         /* what was last said of a source that is away; "" nothing */
	bool lost_output;            /* a line of JSON could not be written */
	char failure[2048];          /* why it ends early, or what else failed; "" if nothing did */
};

void report_init(struct report *report, const struct settings *settings);

/* Remember what the input turned out to be; its strings are constant. */
void report_input(struct report *report, const struct report_input *input);

/*
 * The pool has its name: say what was opened. Until then opening can fail. False: standard output
 * is there and cannot be written, which was said.
 */
bool report_start(struct report *report);

/* The first frame of a new epoch is out. */
void report_epoch(struct report *report, const struct zoe_writer_stats *stats, const struct zoe_frame_info *info);

/* True when there is a progress line and it is time to rewrite it. */
bool report_progress_due(const struct report *report);

/* Rewrite it; time_ns is how far the stream has come. */
void report_progress(struct report *report, const struct zoe_writer_stats *stats, int64_t time_ns);

/*
 * A frame waits for this reader, or without a process number for a free slot: said once, when it has
 * waited for a second. Then it goes on, and if it was said, so is that, and how long it was.
 */
void report_wait(struct report *report, const struct zoe_wait *wait);
void report_wait_end(struct report *report);

/* The source is away, and why; the next try comes after pause_ns. Each reason is said once. */
void report_lost(struct report *report, const char *why, unsigned n_tries, int64_t pause_ns);

/* It is not opened again, but nothing has come from it for 2 s. */
void report_silent(struct report *report);

/* It gives pictures again, so long after the last; without a try it was only silent. */
void report_back(struct report *report, unsigned n_tries, int64_t lost_ns);

/*
 * What is wrong with the source while it plays, and only when there was more: an event at most once a second, a line at
 * most once a minute.
 */
void report_troubles(struct report *report);

/* Say an error, and remember it for the summary. */
void report_failure(struct report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same of a pool function that failed, with zoe_error()'s reason. */
void report_pool_failure(struct report *report);

/* Remember the size of an epoch's pool. */
void report_pool(struct report *report, const struct zoe_writer_stats *stats);

/* The summary; the last thing said. False: a line of JSON could not be written, which was said. */
bool report_end(struct report *report);

#endif
