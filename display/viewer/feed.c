/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames from the pool, through the queue of those that wait for a result, if there is one. */
#include "feed.h"

void feed_init(struct feed *feed, const struct settings *settings, struct verify *verify)
{
	/* Unless frames are matched, one is held only while it is uploaded. */
	uint32_t n_frames = settings->match ? settings->match_frames : 1;

	feed->last = SOURCE_NOTHING;
	feed->verify = settings->verify ? verify : NULL;
	source_init(&feed->source, settings, n_frames);
	match_init(&feed->match, n_frames);
	worker_results_init(&feed->results, settings->name, settings->owner, settings->match, &feed->match);
}

static enum source_event acquire(struct feed *feed, struct match_pair *pair, int64_t wait_ms)
{
	enum source_event event = source_next(&feed->source, &pair->frame, wait_ms);

	pair->acquired_ns = zoe_now_ns();
	pair->number = -1;
	pair->result = NULL;
	if (event != SOURCE_FRAME || !feed->verify)
		return event;
	if (verify_acquired(feed->verify, pair->frame) < 0) {
		source_return(&feed->source, pair->frame);
		return SOURCE_FAILED;
	}
	pair->number = feed->verify->acquired;
	return SOURCE_FRAME;
}

/* Queue what there is; wait only if nothing is queued. */
static enum source_event fill(struct feed *feed, int64_t wait_ms)
{
	struct match *match = &feed->match;
	struct match_pair pair;

	while (!match_is_full(match)) {
		enum source_event event = acquire(feed, &pair, match->n_frames == 0 ? wait_ms : 0);

		if (event != SOURCE_FRAME)
			return event;
		match_add_frame(match, &pair);
	}
	return SOURCE_NOTHING;
}

static enum source_event next_matched(struct feed *feed, struct match_pair *pair, int64_t wait_ms)
{
	struct match *match = &feed->match;

	/* After an end the frames from before it leave first. */
	if (feed->last == SOURCE_NOTHING)
		feed->last = fill(feed, wait_ms);
	if (feed->last == SOURCE_FAILED)
		return SOURCE_FAILED;
	worker_results_poll(&feed->results, 0);
	if (match_next(match, zoe_now_ns(), pair))
		return SOURCE_FRAME;
	if (match->n_frames > 0) {
		worker_results_poll(&feed->results, wait_ms);
		return match_next(match, zoe_now_ns(), pair) ? SOURCE_FRAME : SOURCE_NOTHING;
	}
	enum source_event event = feed->last;
	feed->last = SOURCE_NOTHING;
	return event;
}

enum source_event feed_next(struct feed *feed, struct match_pair *pair, int64_t wait_ms, bool with_results)
{
	enum source_event event;

	if (feed->results.worker)
		return next_matched(feed, pair, wait_ms);
	event = acquire(feed, pair, wait_ms);
	if (with_results && feed->source.reader)
		worker_results_poll(&feed->results, 0);
	return event;
}

void feed_return(struct feed *feed, const struct match_pair *pair)
{
	if (feed->verify)
		verify_released(feed->verify, pair->frame, pair->number);
	source_return(&feed->source, pair->frame);
}

void feed_finish(struct feed *feed)
{
	struct match *match = &feed->match;

	worker_results_finish(&feed->results);
	for (uint32_t i = 0; i < match->n_frames; i++)
		source_return(&feed->source, match->frames[i].frame);
	match_finish(match);
	source_finish(&feed->source);
}
