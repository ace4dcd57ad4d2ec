/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A snapshot in Prometheus' text format. Counts are since the pool, or the seat, began: Prometheus itself
 * makes rates and quantiles of them. No label says which life of a pool or of a reader it is about, so that
 * series go on through restarts, which are resets of counters.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program/text.h"
#include "source.h"
#include "top.h"

/* Room for a text of so many bytes with a backslash before each, and the end. */
#define ESCAPED(bytes) (2 * (bytes) + 1)

/* A label's value: printable, with what would end it escaped. */
static void escape(char *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			*to++ = '\\';
		*to++ = *text;
	}
	*to = '\0';
}

static void write_head(FILE *stream, const char *name, const char *type, const char *help)
{
	fprintf(stream, "# HELP zoetrope_%s %s\n# TYPE zoetrope_%s %s\n", name, help, name, type);
}

/* Of the stream what is known. */
static void write_stream(FILE *stream, const struct zoe_frame_info *info)
{
	char format[ZOE_FORMAT_BYTES], escaped[ESCAPED(ZOE_FORMAT_BYTES)];

	if (info->format[0]) {
		zi_text_printable(format, sizeof(format), info->format);
		escape(escaped, format);
		fprintf(stream, "format=\"%s\",", escaped);
	}
	if (info->width_px)
		fprintf(stream, "width=\"%u\",height=\"%u\",", info->width_px, info->height_px);
}

static void write_infos(FILE *stream, const struct top_snapshot *snapshot)
{
	write_head(stream, "pool_info", "gauge", "What is in the pool and how it is made; always 1.");
	for (size_t i = 0; i < snapshot->n_pools; i++) {
		const struct zoe_pool_info *info = &snapshot->pools[i]->info;

		if (info->error)
			continue;
		fprintf(stream, "zoetrope_pool_info{pool=\"%s\",", info->name);
		write_stream(stream, &info->stream);
		fprintf(stream, "mailbox=\"%s\",cond=\"%s\"} 1\n", top_mailbox(info), top_cond(info));
	}
}

static void write_states(FILE *stream, const struct top_snapshot *snapshot)
{
	static const char *const states[] = {
		"live",
		"source lost",
		"stalled",
		"ended",
		"stale",
		"no pool",
		"unknown",
	};

	write_head(stream, "pool_state", "gauge", "1 for the state that the pool is in, 0 for the others.");
	for (size_t i = 0; i < snapshot->n_pools; i++) {
		const struct zoe_pool_info *info = &snapshot->pools[i]->info;

		for (size_t s = 0; s < sizeof(states) / sizeof(states[0]); s++)
			fprintf(stream, "zoetrope_pool_state{pool=\"%s\",state=\"%s\"} %d\n", info->name, states[s],
				strcmp(states[s], top_state(info)) == 0);
	}
}

/* One number of a pool. False: it is not known. To Prometheus all numbers are doubles. */
#define OF_POOL(name, known, value) \
	static bool name(const struct top_pool *pool, double *to) \
	{ \
		const struct zoe_pool_info *info = &pool->info; \
		*to = (double)(value); \
		return (known); \
	}

OF_POOL(pool_memory, true, info->shm_bytes)
OF_POOL(pool_created, !info->error && info->created_wall_ns > 0, (double)info->created_wall_ns / 1e9)
OF_POOL(source_lag, info->source, info->source ? (double)info->source->lag_ns / 1e9 : 0)
OF_POOL(source_bits, info->source && info->source->bits_per_s > 0, info->source ? info->source->bits_per_s : 0)
OF_POOL(source_keys, info->source && info->source->key_interval > 0, info->source ? info->source->key_interval : 0)
OF_POOL(source_lost, top_lost_s(info, pool->at_ns) >= 0, top_lost_s(info, pool->at_ns))
OF_POOL(source_tries, info->source, info->source ? info->source->n_tries : 0)
OF_POOL(pool_published, !info->error, info->published)
OF_POOL(pool_copied, !info->error, info->copied)
OF_POOL(pool_slots, !info->error, info->n_slots)
OF_POOL(pool_max_slots, !info->error, info->max_slots)
OF_POOL(pool_held, !info->error && !info->readers_error, info->n_held)
OF_POOL(pool_readers, !info->error && !info->readers_error, info->n_readers)
OF_POOL(pool_seats, !info->error && !info->readers_error, info->max_seats)

static const struct {
	const char *name, *type, *help;
	bool (*get)(const struct top_pool *pool, double *to);
} pool_metrics[] = {
	{ "pool_memory_bytes", "gauge", "Shared memory of the pool.", pool_memory },
	{ "pool_created_timestamp_seconds", "gauge",
		"When this life of the pool began, in Unix time: it changes with each restart of capture.",
		pool_created },
	{ "pool_frames_published_total", "counter", "Frames published.", pool_published },
	{ "pool_frames_copied_total", "counter", "Of them, those copied or converted into their slots.", pool_copied },
	{ "pool_slots", "gauge", "Slots in use.", pool_slots },
	{ "pool_slots_limit", "gauge", "Slots that may be in use.", pool_max_slots },
	{ "pool_slots_held", "gauge", "Slots that readers have in their hands.", pool_held },
	{ "pool_readers", "gauge", "Seats taken.", pool_readers },
	{ "pool_seats", "gauge", "Seats that there are.", pool_seats },
	{ "source_lag_seconds", "gauge", "How far a live source is behind.", source_lag },
	{ "source_bits_per_second", "gauge", "Of what is decoded, over the last second or so.", source_bits },
	{ "source_key_interval_frames", "gauge", "From one key frame to the next.", source_keys },
	{ "source_lost_seconds", "gauge", "For how long it has been lost; none where it is not.", source_lost },
	{ "source_tries", "gauge", "That failed to open it since it was lost; 0: it is there.", source_tries },
};

/* What writers say of their sources. Counts are of the run of a capture. */
static void write_sources(FILE *stream, const struct top_snapshot *snapshot)
{
	for (size_t c = 0; c < top_n_source_counts; c++) {
		const struct top_source_count *count = &top_source_counts[c];
		char name[64];

		snprintf(name, sizeof(name), "source_%s_total", count->key);
		write_head(stream, name, "counter", count->help);
		for (size_t i = 0; i < snapshot->n_pools; i++) {
			const struct zoe_pool_info *info = &snapshot->pools[i]->info;

			if (info->source)
				fprintf(stream, "zoetrope_%s{pool=\"%s\"} %" PRIu64 "\n", name, info->name,
					top_source_get(info->source, count));
		}
	}
}

/* Sixteen digits: whole numbers up to 2^53 as they are, times to the microsecond. */
static void write_pool_metrics(FILE *stream, const struct top_snapshot *snapshot)
{
	double value;

	for (size_t m = 0; m < sizeof(pool_metrics) / sizeof(pool_metrics[0]); m++) {
		const char *name = pool_metrics[m].name;

		write_head(stream, name, pool_metrics[m].type, pool_metrics[m].help);
		for (size_t i = 0; i < snapshot->n_pools; i++)
			if (pool_metrics[m].get(snapshot->pools[i], &value))
				fprintf(stream, "zoetrope_%s{pool=\"%s\"} %.16g\n", name, snapshot->pools[i]->info.name,
					value);
	}
}

/* No two series may have the same labels: `nth` is what tells namesakes apart; 0: not known. */
static void write_labels(char *to, size_t bytes, const struct top_pool *pool, const char *label, uint32_t nth)
{
	char escaped[ESCAPED(ZOE_LABEL_BYTES)], number[32] = "";

	escape(escaped, label);
	if (nth > 0)
		snprintf(number, sizeof(number), ",nth=\"%u\"", nth);
	snprintf(to, bytes, "pool=\"%s\",reader=\"%s\"%s", pool->info.name, escaped, number);
}

static void write_labels_of(char *to, size_t bytes, const struct top_pool *pool, const struct top_reader *reader)
{
	write_labels(to, bytes, pool, reader->label, reader->nth);
}

/* The number of the reader that is waited for; 0 where the seats may not be read, or another has its seat by now. */
static uint32_t nth_of(const struct top_pool *pool, uint32_t seat, const char *label)
{
	for (uint32_t r = 0; r < pool->info.n_readers; r++)
		if (pool->readers[r]->info->seat == seat && strcmp(pool->readers[r]->label, label) == 0)
			return pool->readers[r]->nth;
	return 0;
}

/* Only of pools that wait. */
static void write_waits(FILE *stream, const struct top_snapshot *snapshot)
{
	char label[ZOE_LABEL_BYTES], labels[256];

	write_head(stream, "pool_waiting_seconds", "gauge",
		"How long the frame under way has waited for this lossless reader; none where it does not.");
	for (size_t i = 0; i < snapshot->n_pools; i++) {
		const struct top_pool *pool = snapshot->pools[i];
		const struct zoe_wait *wait = &pool->info.wait;

		if (!wait->since_ns)
			continue;
		zi_text_printable(label, sizeof(label), wait->label);
		write_labels(labels, sizeof(labels), pool, label, nth_of(pool, wait->seat, label));
		fprintf(stream, "zoetrope_pool_waiting_seconds{%s} %.9g\n", labels, top_waited_s(pool));
	}
}

#define OF_READER(name, value) \
	static uint64_t name(const struct zoe_reader_info *info) \
	{ \
		return (value); \
	}

OF_READER(reader_held, info->n_held)
OF_READER(reader_hold, info->hold)
OF_READER(reader_waiting, info->n_waiting)
OF_READER(reader_depth, info->depth)
OF_READER(reader_received, info->received)
OF_READER(reader_displaced, info->displaced)
OF_READER(reader_withheld, info->withheld)
OF_READER(reader_posted, info->posted)

static const struct {
	const char *name, *type, *help;
	uint64_t (*get)(const struct zoe_reader_info *info);
} reader_metrics[] = {
	{ "reader_held_frames", "gauge", "Frames that it has in its hands.", reader_held },
	{ "reader_held_frames_limit", "gauge", "Frames that it may hold.", reader_hold },
	{ "reader_waiting_frames", "gauge", "Frames in its mailbox.", reader_waiting },
	{ "reader_waiting_frames_limit", "gauge", "Frames that its mailbox has room for.", reader_depth },
	{ "reader_frames_received_total", "counter", "Frames that it took.", reader_received },
	{ "reader_frames_displaced_total", "counter", "Frames that newer ones replaced before it took them.",
		reader_displaced },
	{ "reader_frames_withheld_total", "counter", "Frames that its policy kept from it.", reader_withheld },
	{ "reader_results_posted_total", "counter", "Results that it posted.", reader_posted },
};

/* Of those of whom it is known. */
static void write_alive(FILE *stream, const struct top_snapshot *snapshot)
{
	char labels[256];

	write_head(stream, "reader_alive", "gauge",
		"0: it died just now; none where the pool is stale, and who has gone on to wait for the next is not told "
		"from who died.");
	for (size_t i = 0; i < snapshot->n_pools; i++)
		for (uint32_t r = 0; r < snapshot->pools[i]->info.n_readers; r++) {
			const struct top_reader *reader = snapshot->pools[i]->readers[r];

			write_labels_of(labels, sizeof(labels), snapshot->pools[i], reader);
			if (top_alive_known(&snapshot->pools[i]->info, reader->info))
				fprintf(stream, "zoetrope_reader_alive{%s} %d\n", labels, reader->info->alive);
		}
}

static void write_reader_metrics(FILE *stream, const struct top_snapshot *snapshot)
{
	char labels[256];

	for (size_t m = 0; m < sizeof(reader_metrics) / sizeof(reader_metrics[0]); m++) {
		const char *name = reader_metrics[m].name;

		write_head(stream, name, reader_metrics[m].type, reader_metrics[m].help);
		for (size_t i = 0; i < snapshot->n_pools; i++)
			for (uint32_t r = 0; r < snapshot->pools[i]->info.n_readers; r++) {
				const struct top_reader *reader = snapshot->pools[i]->readers[r];

				write_labels_of(labels, sizeof(labels), snapshot->pools[i], reader);
				fprintf(stream, "zoetrope_%s{%s} %" PRIu64 "\n", name, labels,
					reader_metrics[m].get(reader->info));
			}
	}
}

/* 1, 2 and 5 of each power of ten, from 1 us to 10 s: as fine as a dashboard needs, few enough to store. */
static const struct {
	const char *le;
	int64_t ns;
} ladder[] = {
	{ "1e-06", 1000 },
	{ "2e-06", 2000 },
	{ "5e-06", 5000 },
	{ "1e-05", 10000 },
	{ "2e-05", 20000 },
	{ "5e-05", 50000 },
	{ "0.0001", 100000 },
	{ "0.0002", 200000 },
	{ "0.0005", 500000 },
	{ "0.001", 1000000 },
	{ "0.002", 2000000 },
	{ "0.005", 5000000 },
	{ "0.01", 10000000 },
	{ "0.02", 20000000 },
	{ "0.05", 50000000 },
	{ "0.1", 100000000 },
	{ "0.2", 200000000 },
	{ "0.5", 500000000 },
	{ "1", 1000000000 },
	{ "2", 2000000000 },
	{ "5", 5000000000 },
	{ "10", 10000000000 },
};

/*
 * A bucket of ours that reaches across a step is counted above it, so that quantiles are never too
 * low. The pool has no sum of durations: it is reckoned from the buckets' middles, off by 1/64 at most.
 */
static void write_histogram(FILE *stream, const char *name, const char *labels, const struct zoe_histogram *histogram)
{
	uint64_t count = 0;
	uint32_t bucket = 0;
	double sum_s = 0;

	for (uint32_t i = 0; i < ZOE_HISTOGRAM_BUCKETS; i++) {
		int64_t low = i > 0 ? zoe_histogram_bucket_ns(i - 1) + 1 : 0;

		sum_s += (double)histogram->count[i] * (double)(low + zoe_histogram_bucket_ns(i)) / 2e9;
	}
	for (size_t step = 0; step < sizeof(ladder) / sizeof(ladder[0]); step++) {
		for (; zoe_histogram_bucket_ns(bucket) <= ladder[step].ns; bucket++)
			count += histogram->count[bucket];
		fprintf(stream, "zoetrope_%s_bucket{%s,le=\"%s\"} %" PRIu64 "\n", name, labels, ladder[step].le, count);
	}
	count = zoe_histogram_total(histogram);
	fprintf(stream, "zoetrope_%s_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", name, labels, count);
	fprintf(stream, "zoetrope_%s_sum{%s} %.9g\n", name, labels, sum_s);
	fprintf(stream, "zoetrope_%s_count{%s} %" PRIu64 "\n", name, labels, count);
}

static void write_histograms(FILE *stream, const struct top_snapshot *snapshot, bool age, const char *name,
	const char *help)
{
	char labels[256];

	write_head(stream, name, "histogram", help);
	for (size_t i = 0; i < snapshot->n_pools; i++)
		for (uint32_t r = 0; r < snapshot->pools[i]->info.n_readers; r++) {
			const struct top_reader *reader = snapshot->pools[i]->readers[r];

			write_labels_of(labels, sizeof(labels), snapshot->pools[i], reader);
			write_histogram(stream, name, labels, age ? &reader->all_age : &reader->all_hold);
		}
}

void top_prometheus(const struct top_snapshot *snapshot, FILE *stream)
{
	write_infos(stream, snapshot);
	write_states(stream, snapshot);
	write_pool_metrics(stream, snapshot);
	write_sources(stream, snapshot);
	write_waits(stream, snapshot);
	write_alive(stream, snapshot);
	write_reader_metrics(stream, snapshot);
	write_histograms(stream, snapshot, true, "reader_age_seconds",
		"How old frames were when the reader took them; of those that it gave back.");
	write_histograms(stream, snapshot, false, "reader_hold_seconds", "How long the reader held frames.");
}

/*
 * The collector reads at any time: the rename gives it the old file or the new one, never half
 * of one. It takes names that end in .prom alone, and so never the temporary file.
 */
/* A device or a pipe is written to; a file is replaced in one step, so that a collector never reads half of it. */
static bool is_replaced(const char *path)
{
	struct stat status;

	return stat(path, &status) || S_ISREG(status.st_mode);
}

int top_prometheus_file(const struct top_snapshot *snapshot, const char *path)
{
	bool replaced = is_replaced(path);
	char *temporary;
	int fd = -1, error = 0;

	if (asprintf(&temporary, "%s.%d.tmp", path, (int)getpid()) < 0)
		return -ENOMEM;
	fd = replaced ? open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666)
		      : open(path, O_WRONLY | O_CLOEXEC);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "w");

	if (!stream) {
		error = -errno;
		goto out;
	}
	top_prometheus(snapshot, stream);
	fd = -1;
	if (ferror(stream))
		error = -EIO;
	if ((fclose(stream) || (replaced && rename(temporary, path))) && !error)
		error = -errno;
	if (error && replaced)
		unlink(temporary);
out:
	if (fd >= 0)
		close(fd);
	free(temporary);
	return error;
}
