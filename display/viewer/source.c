/* SPDX-License-Identifier: BSD-2-Clause */
/* Attaching in short steps, so that the window stays alive, and telling errors apart. */
#include "source.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include <zoetrope/pool.h>

#include "program/message.h"
#include "program/signals.h"
#include "program/text.h"
#include "settings.h"

#define ATTACH_MS 50
#define RETRY_MS 1000

void source_init(struct source *source, const struct settings *settings, uint32_t n_frames)
{
	*source = (struct source){
		.name = settings->name,
		.no_wait = settings->no_wait,
		.waiting.pool = settings->name,
		.last = SOURCE_NOTHING,
		.options = {
			.policy = settings->lossless ? ZOE_LOSSLESS : ZOE_LATEST,
			.hold = n_frames,
			.depth = n_frames,
			.owner = settings->owner,
			.follow = settings->follow,
		},
	};
}

/* The library's sentence names the pool. */
static enum source_event failed(void)
{
	zi_message_error("%s", zoe_error());
	return SOURCE_FAILED;
}

/* An end or a death, with the library's word for it. */
static enum source_event over(struct source *source, enum source_event event)
{
	snprintf(source->why, sizeof(source->why), "%s", zoe_error());
	return source->last = event;
}

/* Nothing there yet, which is no error unless --no-wait makes it one. */
static enum source_event not_yet(struct source *source, int error, int64_t deadline_ns)
{
	if (source->no_wait && error == -ENOENT) {
		zi_message_error("%s; start it with zoe-capture --name %s, or wait for it without --no-wait",
			zoe_error(), source->name);
		return SOURCE_FAILED;
	}
	if (source->no_wait)
		return failed();
	if (error == -ENOENT)
		zi_waiting_for_pool(&source->waiting);
	if (error == -ETIMEDOUT)
		source->retry_ns = zoe_deadline_in_ms(RETRY_MS);
	/* The library may have answered at once. */
	zi_signals_wait_until(deadline_ns);
	return SOURCE_NOTHING;
}

static enum source_event attach(struct source *source)
{
	int64_t deadline_ns = zoe_deadline_in_ms(ATTACH_MS);
	int error;

	if (zoe_now_ns() < source->retry_ns) {
		zi_signals_wait_until(deadline_ns);
		return SOURCE_NOTHING;
	}
	error = zoe_reader_attach(&source->reader, source->name, &source->options,
		source->no_wait ? ZOE_POLL : deadline_ns);
	if (error == -ENOENT || error == -ETIMEDOUT)
		return not_yet(source, error, deadline_ns);
	return error ? failed() : SOURCE_NOTHING;
}

enum source_event source_next(struct source *source, const struct zoe_frame **frame, int64_t wait_ms)
{
	int64_t deadline_ns = zoe_deadline_in_ms(wait_ms);

	if (!source->reader)
		return attach(source);
	switch (zoe_reader_acquire(source->reader, frame, deadline_ns)) {
	case 0:
		source->n_held++;
		source->last = SOURCE_NOTHING;
		zi_waiting_is_over(&source->waiting);
		return SOURCE_FRAME;
	case -EAGAIN:
		return SOURCE_NOTHING;
	case -ETIMEDOUT:
		/* A new epoch whose writer does not answer yet. */
		return SOURCE_NOTHING;
	case -ENODATA:
		return over(source, SOURCE_ENDED);
	case -EOWNERDEAD:
		return over(source, SOURCE_WRITER_GONE);
	default:
		return failed();
	}
}

void source_return(struct source *source, const struct zoe_frame *frame)
{
	assert(source->n_held > 0);
	source->n_held--;
	zoe_reader_release(source->reader, frame);
}

enum source_state source_get_state(struct source *source, int64_t *since_ns, enum zoe_end *end)
{
	struct zoe_status status;

	*since_ns = 0;
	*end = ZOE_END_INPUT;
	if (!source->reader)
		return SOURCE_IS_WAITING;
	zoe_reader_get_status(source->reader, &status);
	*since_ns = status.since_ns;
	*end = status.end;
	bool is_over = status.state == ZOE_STATE_ENDED || status.state == ZOE_STATE_WRITER_GONE;
	if (source->last == SOURCE_ENDED)
		return SOURCE_HAS_ENDED;
	if (source->last == SOURCE_WRITER_GONE && is_over)
		return status.state == ZOE_STATE_ENDED ? SOURCE_HAS_ENDED : SOURCE_LOST_WRITER;
	if (status.state == ZOE_STATE_SOURCE_LOST || status.state == ZOE_STATE_STALLED)
		return SOURCE_IS_SILENT;
	/* The next one is there, and has no frame yet. */
	return source->last == SOURCE_WRITER_GONE ? SOURCE_IS_WAITING : SOURCE_IS_LIVE;
}

void source_get_why(struct source *source, char *why, size_t n_bytes)
{
	struct zoe_source of_pool;

	why[0] = '\0';
	if (source->reader && zoe_reader_get_source(source->reader, &of_pool) == 0)
		zi_text_printable(why, n_bytes, of_pool.why);
}

const char *source_state_name(enum source_state state)
{
	static const char *const names[] = {
		[SOURCE_IS_WAITING] = "waiting",
		[SOURCE_IS_LIVE] = "live",
		[SOURCE_IS_SILENT] = "no signal",
		[SOURCE_HAS_ENDED] = "ended",
		[SOURCE_LOST_WRITER] = "writer gone",
	};

	return names[state];
}

const char *source_over_text(enum source_state state, enum zoe_end end)
{
	static const char *const texts[] = {
		[ZOE_END_INPUT] = "the input has ended: waiting for the next",
		[ZOE_END_STOPPED] = "capture was stopped: waiting for the next",
		[ZOE_END_FAILED] = "capture failed: waiting for the next",
	};

	return state == SOURCE_LOST_WRITER ? "capture died: waiting for the next" : texts[end];
}

uint64_t source_skipped(struct source *source)
{
	struct zoe_status status;

	if (!source->reader)
		return 0;
	zoe_reader_get_status(source->reader, &status);
	return status.skipped;
}

void source_finish(struct source *source)
{
	assert(source->n_held == 0);
	zoe_reader_detach(&source->reader);
}
