/* SPDX-License-Identifier: BSD-2-Clause */
#include "turns.h"

#include <math.h>
#include <unistd.h>

#include "bench.h"

static int take(struct turn *turn, uint32_t run)
{
	double figures[TURNS_FIGURES];
	for (uint32_t i = 0; i < TURNS_FIGURES; i++)
		figures[i] = NAN;
	int error = turn->measure(turn, figures);
	for (uint32_t i = 0; i < TURNS_FIGURES; i++)
		turn->figures[i][run] = error ? NAN : figures[i];
	return turn->may_fail && !bench_stopped() ? 0 : error;
}

int turns_run(struct turn *turns, size_t n_turns, uint32_t runs)
{
	/* A line that is written over may say more than lines that stay. */
	bool terminal = isatty(STDERR_FILENO);
	int error = 0;
	for (uint32_t run = 0; run < runs && !error; run++) {
		if (!terminal)
			bench_progress("zoe-bench: run %u of %u", run + 1, runs);
		for (size_t i = 0; i < n_turns && !error; i++) {
			struct turn *turn = &turns[run % 2 ? n_turns - 1 - i : i];
			if (terminal)
				bench_progress("zoe-bench: run %u of %u: %s", run + 1, runs, turn->name);
			error = take(turn, run);
		}
	}
	bench_progress_end();
	return error;
}

struct stats turns_figure(const struct turn *turn, uint32_t figure, uint32_t runs)
{
	return stats_of(turn->figures[figure], runs);
}

struct stats turns_ratio(const struct turn *a, const struct turn *b, uint32_t figure, uint32_t runs)
{
	return stats_ratio(a->figures[figure], b->figures[figure], runs);
}
