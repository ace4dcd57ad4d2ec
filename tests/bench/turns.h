/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Things that are compared are measured in turn, again and again: a busy minute is then a busy
 * minute for all of them. Each has its turn in each run; the order alternates.
 */
#ifndef BENCH_TURNS_H
#define BENCH_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report.h"
#include "stats.h"

#define TURNS_MAX_RUNS 100
#define TURNS_FIGURES 16

struct turn {
	char name[REPORT_NAME_BYTES];
	/*
	 * Measure once: 0 and the figures, by the numbers that their user gives them (those not set are NAN), or
	 * a negative errno, about which a line was printed unless it is -EINTR.
	 */
	int (*measure)(struct turn *turn, double figures[TURNS_FIGURES]);
	const void *what;             /* for measure() */
	bool may_fail;                /* the others go on without it, and its figures are NAN then */
	struct zoe_histogram latency; /* of all runs, if measure() merges it */
	double figures[TURNS_FIGURES][TURNS_MAX_RUNS];
};

/*
 * Give each turn `runs` turns (at most TURNS_MAX_RUNS), and say on stderr where one is. 0, or what measure() said
 * of one that may not fail; -EINTR at once.
 */
int turns_run(struct turn *turns, size_t n_turns, uint32_t runs);

/* Over the runs: a figure, and the ratio of a's to b's, run by run. */
struct stats turns_figure(const struct turn *turn, uint32_t figure, uint32_t runs);
struct stats turns_ratio(const struct turn *a, const struct turn *b, uint32_t figure, uint32_t runs);

#endif
