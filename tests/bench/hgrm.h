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

/* 0 when gnuplot is there and the file can be written, as hgrm_plot() needs; else negative, and a line on stderr. */
int hgrm_plot_ready(const char *file);

/* Draw the turns' latencies by percentile into a PNG file. 0, or -1 and a line on stderr. */
int hgrm_plot(const struct turn *turns, size_t n_turns, const char *file);

#endif
