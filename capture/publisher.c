/* SPDX-License-Identifier: BSD-2-Clause */
#include "publisher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "epoch_list.h"
#include "info.h"
#include "program/message.h"
#include "program/signals.h"
#include "report.h"
#include "settings.h"

/* How often a wait looks up, and how long the last frame may take to reach a busy seat. */
#define STEP_MS 100
#define END_MS 2000

struct publisher {
	const struct settings *settings;
	struct report *report;
	struct epoch_list epochs;
	struct placer placer;
	struct zoe_source source; /* as readers know it; guarded by the list's lock */
	bool open;                /* the pool has its name */
};

struct publisher *publisher_create(const struct settings *settings, struct report *report)
{
	struct publisher *publisher = calloc(1, sizeof(*publisher));

	if (!publisher)
		return NULL;
	publisher->settings = settings;
	publisher->report = report;
	epoch_list_init(&publisher->epochs, settings);
	if (placer_init(&publisher->placer, settings, report, &publisher->epochs) < 0)
		publisher_destroy(&publisher);
	return publisher;
}

void publisher_set_stream(struct publisher *publisher, AVRational time_base, AVRational sample_aspect)
{
	publisher->epochs.stream.time_base_num = time_base.num;
	publisher->epochs.stream.time_base_den = time_base.den;
	publisher->epochs.stream.sar_num = sample_aspect.num;
	publisher->epochs.stream.sar_den = sample_aspect.den ? sample_aspect.den : 1;
}

void publisher_set_live(struct publisher *publisher)
{
	publisher->epochs.end = ZOE_END_STOPPED;
}

int publisher_get_buffer(AVCodecContext *codec, AVFrame *frame, int flags)
{
	struct publisher *publisher = codec->opaque;

	return placer_get_buffer(&publisher->placer, codec, frame, flags);
}

enum picture_outcome publisher_get_frame(struct publisher *publisher, AVFrame *frame)
{
	return placer_get_frame(&publisher->placer, frame);
}

static enum picture_outcome pool_failed(struct publisher *publisher)
{
	report_pool_failure(publisher->report);
	return PICTURE_FAILED;
}

/* Announce the epochs before this one that nobody got to see, so that it can take the name. */
static int announce_before(struct publisher *publisher, const struct epoch *until)
{
	for (struct epoch *epoch = publisher->epochs.first; epoch != until; epoch = epoch->next) {
		int error = epoch->announced ? 0 : zoe_writer_announce(epoch->writer);
		if (error < 0)
			return error;
		epoch->announced = true;
	}
	return 0;
}

static enum picture_outcome wait_for_readers(struct publisher *publisher, struct epoch *epoch)
{
	uint32_t n = publisher->settings->wait_readers;

	if (n == 0)
		return PICTURE_OK;
	zi_message("pool (%s): waiting for %u reader%s", publisher->settings->name, n, n == 1 ? "" : "s");
	while (!zi_signals_stopped()) {
		int error = zoe_writer_wait_readers(epoch->writer, n, zoe_deadline_in_ms(STEP_MS));
		/* A pool that was damaged while it waited begins anew with its first picture. */
		if (error == 0 || error == -EBADMSG)
			return PICTURE_OK;
		if (error != -ETIMEDOUT)
			return pool_failed(publisher);
	}
	return PICTURE_STOPPED;
}

static enum picture_outcome open_pool(struct publisher *publisher, struct epoch *epoch)
{
	if (announce_before(publisher, epoch) < 0 || zoe_writer_announce(epoch->writer) < 0)
		return pool_failed(publisher);
	epoch->announced = true;
	publisher->open = true;
	if (!report_start(publisher->report))
		return PICTURE_FAILED;
	return wait_for_readers(publisher, epoch);
}

enum picture_outcome publisher_place(struct publisher *publisher, const struct picture *picture, struct placed *placed)
{
	enum picture_outcome outcome = placer_place(&publisher->placer, picture, placed);

	if (outcome != PICTURE_OK || publisher->open)
		return outcome;
	return open_pool(publisher, placed->epoch);
}

/* The epoch's first frame is out: it has the name, those before it are done. */
static void take_over(struct publisher *publisher, struct placed *placed)
{
	struct zoe_writer_stats stats;

	placed->epoch->announced = true;
	if (atomic_load(&publisher->epochs.first->is_damaged))
		zi_message(
			"pool (%s): a member or another process of this user cut it short or wrote over it; "
			"it goes on in a new epoch",
			publisher->settings->name);
	zoe_writer_get_stats(publisher->epochs.first->writer, &stats);
	report_pool(publisher->report, &stats);
	epoch_list_lock(&publisher->epochs);
	epoch_list_advance(&publisher->epochs, placed->epoch);
	epoch_list_unlock(&publisher->epochs);
}

static void sweep(struct publisher *publisher)
{
	epoch_list_lock(&publisher->epochs);
	epoch_list_sweep(&publisher->epochs);
	epoch_list_unlock(&publisher->epochs);
}

static void count_published(struct publisher *publisher, struct placed *placed)
{
	struct counters *counters = &publisher->report->counters;
	const struct zoe_frame_info *info = &placed->info;
	struct zoe_writer_stats stats;

	counters->published++;
	counters->copied += (info->flags & ZOE_FRAME_COPIED) != 0;
	counters->converted += placed->converted;
	counters->repeated += (info->flags & ZOE_FRAME_REPEAT) != 0;
	counters->corrupt += (info->flags & ZOE_FRAME_CORRUPT) != 0;
	if (placed->epoch->reported)
		return;
	placed->epoch->reported = true;
	zoe_writer_get_stats(placed->epoch->writer, &stats);
	report_epoch(publisher->report, &stats, info);
}

/* 0, -ETIMEDOUT when somebody asked to stop while it waited, or what zoe_writer_publish() fails with. */
static int publish(struct publisher *publisher, struct placed *placed)
{
	struct zoe_wait wait;
	int error;

	do {
		error = epoch_publish(placed->epoch, placed->picture.frame, placed->buffer, &placed->info,
			publisher->settings->lossless ? zoe_deadline_in_ms(STEP_MS) : ZOE_POLL);
		if (error != -ETIMEDOUT) {
			report_wait_end(publisher->report);
			return error;
		}
		zoe_writer_get_wait(placed->epoch->writer, &wait);
		report_wait(publisher->report, &wait);
	} while (!zi_signals_stopped());
	return error;
}

/* The writer of the epoch that has the name, NULL before; the list's lock held. */
static struct zoe_writer *named_writer(struct publisher *publisher)
{
	struct epoch *first = publisher->epochs.first;

	return first && first->announced ? first->writer : NULL;
}

int publisher_source_lost(struct publisher *publisher, const char *why, unsigned n_tries)
{
	struct zoe_source *source = &publisher->source;

	epoch_list_lock(&publisher->epochs);
	int error = why ? epoch_list_announce_empty(&publisher->epochs) : 0;
	struct zoe_writer *writer = named_writer(publisher);
	snprintf(source->why, sizeof(source->why), "%s", why ? why : "");
	source->n_tries = n_tries;
	if (why)
		source->bits_per_s = 0;
	if (writer) {
		zoe_writer_source_lost(writer, why != NULL);
		zoe_writer_set_source(writer, source);
	}
	epoch_list_unlock(&publisher->epochs);
	return error;
}

/* With each frame: what was counted, for those who look. */
void publisher_tell_source(struct publisher *publisher)
{
	const struct counters *counters = &publisher->report->counters;
	struct zoe_source *source = &publisher->source;

	epoch_list_lock(&publisher->epochs);
	source->decoded = counters->decoded;
	source->dropped = counters->dropped;
	source->dropped_full = counters->dropped_shm_full;
	source->damaged = counters->damaged;
	source->corrupt = counters->corrupt;
	source->decode_errors = counters->decode_errors;
	source->skipped = counters->skipped;
	source->restamped = counters->restamped;
	source->reconnects = counters->reconnects;
	source->lag_ns = counters->lag_ns;
	source->bits_per_s = counters->bits_per_s;
	source->key_interval = counters->key_interval;
	struct zoe_writer *writer = named_writer(publisher);
	if (writer)
		zoe_writer_set_source(writer, source);
	epoch_list_unlock(&publisher->epochs);
}

enum picture_outcome publisher_publish(struct publisher *publisher, struct placed *placed)
{
	int error = announce_before(publisher, placed->epoch);

	if (error < 0)
		return pool_failed(publisher);
	info_set_picture(&placed->info, &placed->picture);
	error = publish(publisher, placed);
	placer_release(&publisher->placer);
	if (error == -ETIMEDOUT)
		return PICTURE_STOPPED;
	/* The next picture begins another epoch. */
	if (error == -EBADMSG) {
		publisher->report->counters.dropped++;
		return PICTURE_DROPPED;
	}
	if (error < 0)
		return pool_failed(publisher);
	if (placed->epoch != publisher->epochs.first)
		take_over(publisher, placed);
	else if (publisher->epochs.retired)
		sweep(publisher);
	count_published(publisher, placed);
	publisher_tell_source(publisher);
	return PICTURE_OK;
}

bool publisher_get_stats(struct publisher *publisher, struct zoe_writer_stats *stats)
{
	epoch_list_lock(&publisher->epochs);
	struct zoe_writer *writer = named_writer(publisher);
	if (writer)
		zoe_writer_get_stats(writer, stats);
	epoch_list_unlock(&publisher->epochs);
	return writer != NULL;
}

void publisher_end(struct publisher *publisher, enum zoe_end end)
{
	struct zoe_writer_stats stats;
	struct epoch *first = publisher->epochs.first;

	if (!first || !first->announced)
		return;
	/* The next one may have the name, and no frame yet. */
	epoch_list_lock(&publisher->epochs);
	for (struct epoch *epoch = first; epoch; epoch = epoch->next)
		zoe_writer_set_end(epoch->writer, end);
	epoch_list_unlock(&publisher->epochs);
	zoe_writer_end(publisher->epochs.first->writer, zoe_deadline_in_ms(END_MS));
	zoe_writer_get_stats(publisher->epochs.first->writer, &stats);
	report_pool(publisher->report, &stats);
}

void publisher_abandon(struct publisher *publisher)
{
	epoch_list_lock(&publisher->epochs);
	epoch_list_drop_prepared(&publisher->epochs);
	epoch_list_advance(&publisher->epochs, NULL);
}

void publisher_destroy(struct publisher **pointer)
{
	struct publisher *publisher = *pointer;

	if (!publisher)
		return;
	placer_finish(&publisher->placer);
	epoch_list_finish(&publisher->epochs);
	free(publisher);
	*pointer = NULL;
}
