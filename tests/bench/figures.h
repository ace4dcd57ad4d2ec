/* SPDX-License-Identifier: BSD-2-Clause */
/* What is noted of a stream or of a floor in each of its turns. */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include "floors.h"
#include "stream.h"
#include "turns.h"

/* Of a floor: the latencies and the counts. */
enum figure {
	FIGURE_P50,
	FIGURE_P90,
	FIGURE_P99,
	FIGURE_P999,
	FIGURE_MAX, /* latency, µs */
	FIGURE_AGE_P50,
	FIGURE_AGE_P99, /* from published_ns on, µs */
	FIGURE_COST_P50,
	FIGURE_COST_P99, /* of begin and publish, µs */
	FIGURE_WRITER_CPU,
	FIGURE_READER_CPU, /* percent of a core */
	FIGURE_PUBLISHED,
	FIGURE_RECEIVED,
	N_FIGURES
};

struct figures_floor {
	enum floor_kind kind;
	uint32_t frames, fps;
};

/* Fill in a turn that measures *stream or *floor, which stay the caller's. It merges the latency of all runs. */
void figures_stream_turn(struct turn *turn, const struct stream *stream);
void figures_floor_turn(struct turn *turn, const struct figures_floor *floor);

/* The p50 to max of a histogram into figures[FIGURE_P50] to figures[FIGURE_MAX]. */
void figures_latency(const struct zoe_histogram *latency, double figures[TURNS_FIGURES]);

/* Of all runs: how many frames were received, and how many should have been. */
uint64_t figures_sum(const struct turn *turn, enum figure figure, uint32_t runs);

#endif
