/* SPDX-License-Identifier: BSD-2-Clause */
/* A histogram by percentiles, for plotters. */
#ifndef BENCH_HGRM_H
#define BENCH_HGRM_H

#include <stdio.h>

#include "turns.h"

/*
 * HdrHistogram's percentile output: Value (µs), Percentile, TotalCount, 1/(1-Percentile), a line for
 * each value that was counted, as https://hdrhistogram.github.io/HdrHistogram/plotFiles.html reads it.
 */
void hgrm_print(const struct zoe_histogram *histogram, FILE *out);

/* Can hgrm_plot() work: is gnuplot there, and can the file be written? If not, a line on stderr says so; negative. */
int hgrm_plot_ready(const char *file);

/* Draw the turns' latencies by percentile into a PNG file. 0, or -1 and a line on stderr. */
int hgrm_plot(const struct turn *turns, size_t n_turns, const char *file);

#endif
