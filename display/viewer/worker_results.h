/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the pool's workers post, as far as the window has use for it: the newest result of
 * each worker, and every one of the worker that frames are matched with. A pool whose
 * results may not be read just has none.
 */
#ifndef DISPLAY_WORKER_RESULTS_H
#define DISPLAY_WORKER_RESULTS_H

#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/result.h>

#include "match.h"
#include "result.h"

struct worker_results {
	const char *name;
	const char *owner;  /* whose pool it may be, too; NULL: nobody's */
	const char *worker; /* whose results go to `match`, and are nobody's newest; NULL: none's */
	struct match *match;
	struct zoe_results *open;                    /* NULL: not there, or not for us */
	int64_t retry_ns;                            /* do not open before */
	struct worker_result *newest[ZOE_MAX_SEATS]; /* one of each name; NULL: free */
};

void worker_results_init(struct worker_results *results, const char *name, const char *owner, const char *worker,
	struct match *match);

/* Take in what was posted; waits for at most wait_ms if nothing was. True when there was something. */
bool worker_results_poll(struct worker_results *results, int64_t wait_ms);

/*
 * The newest of each worker, the older the fainter; what is too old to be seen is let go.
 * They are valid until the next call of this or worker_results_poll(). `on_frame`, if not NULL,
 * lies on top, unfaded.
 */
void worker_results_get_layers(struct worker_results *results, const struct worker_result *on_frame, int64_t now_ns,
	struct layers *layers);

void worker_results_finish(struct worker_results *results);

#endif
