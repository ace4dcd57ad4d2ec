/* SPDX-License-Identifier: BSD-2-Clause */
/* One stream of frames through a pool, from this process to its readers, measured. */
#ifndef BENCH_STREAM_H
#define BENCH_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/zoetrope.h>

#define STREAM_MAX_READERS 64

/* What readers do until a frame comes. */
enum stream_way {
	STREAM_SLEEP, /* zoe_reader_acquire() with a deadline */
	STREAM_POLL,  /* zoe_reader_acquire() with ZOE_POLL, again and again */
	STREAM_SPIN,  /* as STREAM_SLEEP, with zoe_reader_options.spin */
};

struct stream {
	uint32_t width_px, height_px; /* yuv420p; nobody touches the pixels */
	uint32_t readers;
	enum stream_way way;
	bool stopped;         /* one more reader, stopped (SIGSTOP) while it holds a frame */
	uint32_t frames, fps; /* measured frames; some more go before, to warm up */
	enum zoe_mailbox mailbox;
	enum zoe_cond cond;
};

/* What was seen, all readers together. */
struct stream_outcome {
	struct zoe_histogram latency;  /* from just before zoe_writer_publish() to just after zoe_reader_acquire() */
	struct zoe_histogram age;      /* from published_ns to the same */
	struct zoe_histogram cost;     /* of zoe_writer_begin() and zoe_writer_publish() together */
	uint64_t published, received;  /* received: of published times readers */
	double writer_cpu, reader_cpu; /* percent of a core; of the readers, the mean */
};

/* 0, or a negative errno and a line on stderr. -EINTR: told to stop, no line. */
int stream_measure(const struct stream *stream, struct stream_outcome *outcome);

#endif
