/* SPDX-License-Identifier: BSD-2-Clause */
#include "figures.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

void figures_latency(const struct zoe_histogram *latency, double figures[TURNS_FIGURES])
{
	static const double quantiles[] = { 0.5, 0.9, 0.99, 0.999, 1 };
	for (int i = 0; i < 5; i++)
		figures[FIGURE_P50 + i] = stats_quantile_us(latency, quantiles[i]);
}

static int measure_stream(struct turn *turn, double figures[TURNS_FIGURES])
{
	const struct stream *stream = turn->what;
	struct stream_outcome outcome;
	int error = stream_measure(stream, &outcome);
	if (error)
		return error;
	zoe_histogram_merge(&turn->latency, &outcome.latency);
	figures_latency(&outcome.latency, figures);
	figures[FIGURE_AGE_P50] = stats_quantile_us(&outcome.age, 0.5);
	figures[FIGURE_AGE_P99] = stats_quantile_us(&outcome.age, 0.99);
	figures[FIGURE_COST_P50] = stats_quantile_us(&outcome.cost, 0.5);
	figures[FIGURE_COST_P99] = stats_quantile_us(&outcome.cost, 0.99);
	figures[FIGURE_WRITER_CPU] = outcome.writer_cpu;
	figures[FIGURE_READER_CPU] = outcome.reader_cpu;
	figures[FIGURE_PUBLISHED] = (double)outcome.published;
	figures[FIGURE_RECEIVED] = (double)outcome.received;
	return 0;
}

void figures_stream_turn(struct turn *turn, const struct stream *stream)
{
	static const char *const ways[] = { "asleep", "polling", "spinning" };
	turn->measure = measure_stream;
	turn->what = stream;
	snprintf(turn->name, sizeof(turn->name), "%ux%u, %u %s %s%s", stream->width_px, stream->height_px,
		stream->readers, stream->readers == 1 ? "reader" : "readers", ways[stream->way],
		stream->stopped ? ", one more stopped" : "");
}

static int measure_floor(struct turn *turn, double figures[TURNS_FIGURES])
{
	const struct figures_floor *floor = turn->what;
	struct zoe_histogram latency;
	int error = floor_measure(floor->kind, floor->frames, floor->fps, &latency);
	if (error) {
		if (error != -EINTR)
			bench_fail("%s: %s", turn->name, strerror(-error));
		return error;
	}
	zoe_histogram_merge(&turn->latency, &latency);
	figures_latency(&latency, figures);
	figures[FIGURE_PUBLISHED] = floor->frames;
	figures[FIGURE_RECEIVED] = (double)zoe_histogram_total(&latency);
	return 0;
}

void figures_floor_turn(struct turn *turn, const struct figures_floor *floor)
{
	turn->measure = measure_floor;
	turn->what = floor;
	snprintf(turn->name, sizeof(turn->name), "floor: %s",
		floor->kind == FLOOR_FUTEX ? "futex sleep and wake" : "spinning on a word");
}

uint64_t figures_sum(const struct turn *turn, enum figure figure, uint32_t runs)
{
	double sum = 0;
	for (uint32_t run = 0; run < runs; run++)
		sum += turn->figures[figure][run];
	return (uint64_t)sum;
}
