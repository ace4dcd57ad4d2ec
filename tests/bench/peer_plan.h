/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run of zoe-bench peers measures, and what came of it. */
#ifndef BENCH_PEER_PLAN_H
#define BENCH_PEER_PLAN_H

#include "peer_ways.h"
#include "report.h"
#include "sizes.h"
#include "turns.h"

struct peer_settings {
	struct sizes sizes;
	uint32_t frames, fps, runs;
	int64_t limit_ns;
	const char *place;
	bool only[N_WAYS]; /* none: all */
};

/* Each size by each way, and the floors, which have no size. */
struct peer_plan {
	struct peer_settings settings;
	struct ways_session session;
	bool wanted[N_WAYS];
	struct way_turn way_turns[SIZES_MAX * N_WAYS];
	struct turn *turns; /* each of the way_turn of the same number, in the order of sizes and of ways[] */
	size_t n_turns;
};

/* NULL on no memory. */
struct peer_plan *peer_plan_create(const struct peer_settings *settings);
void peer_plan_destroy(struct peer_plan **plan);

/*
 * See what is available here, start what it needs, and make the turns. 0, or -EINTR. *missing is a way that
 * was asked for by name and is not available, or NULL.
 */
int peer_plan_open(struct peer_plan *plan, const struct way **missing);

/* The first turn that failed, or NULL. */
const struct way_turn *peer_plan_failure(const struct peer_plan *plan);

/* NULL on no memory. */
struct report *peer_plan_report(const struct peer_plan *plan);

#endif
