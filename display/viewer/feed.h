/* SPDX-License-Identifier: BSD-2-Clause */
/* The next frame to be shown, and what a worker saw in it. */
#ifndef DISPLAY_FEED_H
#define DISPLAY_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "match.h"
#include "settings.h"
#include "source.h"
#include "verify.h"
#include "worker_results.h"

struct feed {
	struct source source;
	struct worker_results results;
	struct match match;     /* unused without a worker to match with */
	struct verify *verify;  /* NULL: frames are not checked */
	enum source_event last; /* an end, reported after the frames that wait; else SOURCE_NOTHING */
};

/* With --verify, frames are checked by `verify`. */
void feed_init(struct feed *feed, const struct settings *settings, struct verify *verify);

/*
 * The next frame, to be given back with feed_return(), and with what the worker saw in it;
 * waits for about wait_ms. Takes in results only if `with_results` or frames are matched.
 */
enum source_event feed_next(struct feed *feed, struct match_pair *pair, int64_t wait_ms, bool with_results);

/* Give a frame back, checking it once more. The result stays the caller's. */
void feed_return(struct feed *feed, const struct match_pair *pair);

void feed_finish(struct feed *feed);

#endif
