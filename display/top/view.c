/* SPDX-License-Identifier: BSD-2-Clause */
/* A snapshot as two tables, of pools and of readers: the same on paper and on a screen. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "program/text.h"
#include "source.h"
#include "top.h"

/* A lossless reader that is merely slower than the source is waited for with each frame, and may be. */
#define LONG_WAIT_S 1.0

#define N_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

enum pool_column {
	NAME,
	STATE,
	FORMAT,
	SIZE,
	RATE,
	FRAMES,
	COPIES,
	SLOTS,
	MEMORY,
	SYNC,
	READERS,
	WRITER,
	EPOCH,
	OWNER,
};

static const struct top_column pool_columns[] = {
	[NAME] = { "POOL", false },
	[STATE] = { "STATE", false },
	[FORMAT] = { "FORMAT", false },
	[SIZE] = { "SIZE", true },
	[RATE] = { "FPS", true },
	[FRAMES] = { "FRAMES", true },
	[COPIES] = { "COPIES", true },
	[SLOTS] = { "SLOTS", true },
	[MEMORY] = { "MEMORY", true },
	[SYNC] = { "SYNC", false },
	[READERS] = { "READERS", true },
	[WRITER] = { "WRITER", false },
	[EPOCH] = { "EPOCH", false },
	[OWNER] = { "OWNER", false },
};

enum reader_column {
	POOL,
	LABEL,
	PID,
	TAKES,
	AGE50,
	AGE99,
	HOLD50,
	HOLD99,
	DROPPING,
	DROPS,
	HELD,
	WAITING,
	ALIVE,
	POLICY,
	WITHHELD,
	RECEIVED,
	POSTED,
};

static const struct top_column reader_columns[] = {
	[POOL] = { "POOL", false },
	[LABEL] = { "READER", false },
	[PID] = { "PID", true },
	[TAKES] = { "FPS", true },
	[AGE50] = { "AGE p50", true },
	[AGE99] = { "AGE p99", true },
	[HOLD50] = { "HOLD p50", true },
	[HOLD99] = { "HOLD p99", true },
	[DROPPING] = { "DROPS/s", true },
	[DROPS] = { "DROPS", true },
	[HELD] = { "HELD", true },
	[WAITING] = { "WAITING", true },
	[ALIVE] = { "ALIVE", false },
	[POLICY] = { "POLICY", false },
	[WITHHELD] = { "WITHHELD", true },
	[RECEIVED] = { "RECEIVED", true },
	[POSTED] = { "POSTED", true },
};

_Static_assert(sizeof(reader_columns) / sizeof(reader_columns[0]) <= TOP_MAX_COLUMNS, "they have room");

static void put_stream(struct top_table *table, const struct zoe_pool_info *info)
{
	char format[ZOE_FORMAT_BYTES];

	if (info->stream.format[0]) {
		zi_text_printable(format, sizeof(format), info->stream.format);
		top_table_put(table, FORMAT, "%s", format);
	}
	if (info->stream.width_px)
		top_table_put(table, SIZE, "%ux%u", info->stream.width_px, info->stream.height_px);
}

static void put_known(struct top_table *table, const struct top_pool *pool)
{
	const struct zoe_pool_info *info = &pool->info;
	char program[64];

	put_stream(table, info);
	if (pool->fps_known)
		top_table_put(table, RATE, "%.1f", pool->fps);
	top_table_put(table, FRAMES, "%" PRIu64, info->published);
	top_table_put(table, COPIES, "%" PRIu64, info->copied);
	top_table_put(table, SYNC, "%s", top_sync(info));
	if (info->readers_error) {
		top_table_put(table, SLOTS, "-/%u/%u", info->n_slots, info->max_slots);
	} else {
		top_table_put(table, SLOTS, "%u/%u/%u", info->n_held, info->n_slots, info->max_slots);
		top_table_put(table, READERS, "%u/%u", info->n_readers, info->max_seats);
	}
	top_program(program, sizeof(program), info);
	top_table_put(table, WRITER, "%u%s%s", info->writer_pid, program[0] ? " " : "", program);
	/* Half of the number is enough to tell two lives apart. */
	top_table_put(table, EPOCH, "%08" PRIx32, (uint32_t)(info->epoch >> 32));
}

static bool waits_long(const struct top_pool *pool)
{
	return pool->info.wait.since_ns && top_waited_s(pool) >= LONG_WAIT_S;
}

static void add_wait(struct top_table *table, const struct top_pool *pool)
{
	const struct zoe_wait *wait = &pool->info.wait;
	char label[ZOE_LABEL_BYTES];

	zi_text_printable(label, sizeof(label), wait->label);
	top_table_alarm(table, STATE);
	top_table_line(table, "  waiting for lossless reader '%s' (pid %u, seat %u) for %.1f s", label, wait->pid,
		wait->seat, top_waited_s(pool));
}

static void add_pool(struct top_table *table, const struct top_pool *pool)
{
	const struct zoe_pool_info *info = &pool->info;
	char text[32], owner[64], source[512];

	top_table_row(table);
	top_owner(owner, sizeof(owner), info);
	top_table_put(table, OWNER, "%s", owner);
	top_table_put(table, NAME, "%s", info->name);
	top_table_put(table, STATE, "%s", top_state(info));
	if (info->stale || info->error || info->state == ZOE_STATE_STALLED || info->state == ZOE_STATE_SOURCE_LOST)
		top_table_alarm(table, STATE);
	if (info->shm_bytes) {
		top_bytes(text, sizeof(text), info->shm_bytes);
		top_table_put(table, MEMORY, "%s", text);
	}
	if (!info->error)
		put_known(table, pool);
	if (waits_long(pool))
		add_wait(table, pool);
	top_source_line(source, sizeof(source), info, pool->at_ns);
	if (source[0])
		top_table_line(table, "  source: %s", source);
	if (info->why)
		top_table_line(table, "  %s", info->why);
}

/* The median in this column, the 99th percentile in the next. */
static void put_quantiles(struct top_table *table, int first, const struct top_quantiles *quantiles)
{
	char text[32];

	if (quantiles->count == 0)
		return;
	top_duration(text, sizeof(text), quantiles->p50_ns);
	top_table_put(table, first, "%s", text);
	top_duration(text, sizeof(text), quantiles->p99_ns);
	top_table_put(table, first + 1, "%s", text);
}

static void add_reader(struct top_table *table, const struct top_pool *pool, const struct top_reader *reader)
{
	const struct zoe_reader_info *info = reader->info;
	char label[ZOE_LABEL_BYTES], policy[160];

	zi_text_printable(label, sizeof(label), info->label);
	top_policy_in_full(policy, sizeof(policy), info);
	top_table_row(table);
	top_table_put(table, POOL, "%s", pool->info.name);
	top_table_put(table, LABEL, "%s", label);
	top_table_put(table, PID, "%u", info->pid);
	put_quantiles(table, AGE50, &reader->age);
	put_quantiles(table, HOLD50, &reader->hold);
	if (reader->compared) {
		top_table_put(table, TAKES, "%.1f", reader->fps);
		top_table_put(table, DROPPING, "%.1f", reader->drops_per_s);
		/* Frames pass it by, and it takes none: stopped, or stuck. */
		if (!(reader->fps > 0) && reader->drops_per_s > 0)
			top_table_alarm(table, TAKES);
	}
	top_table_put(table, DROPS, "%" PRIu64, info->displaced);
	top_table_put(table, HELD, "%u/%u", info->n_held, info->hold);
	top_table_put(table, WAITING, "%u/%u", info->n_waiting, info->depth);
	if (top_alive_known(&pool->info, info)) {
		top_table_put(table, ALIVE, info->alive ? "yes" : "no");
		if (!info->alive)
			top_table_alarm(table, ALIVE);
	}
	if (waits_long(pool) && pool->info.wait.seat == info->seat && pool->info.wait.pid == info->pid)
		top_table_alarm(table, WAITING);
	top_table_put(table, POLICY, "%s", policy);
	top_table_put(table, WITHHELD, "%" PRIu64, info->withheld);
	top_table_put(table, RECEIVED, "%" PRIu64, info->received);
	top_table_put(table, POSTED, "%" PRIu64, info->posted);
}

int top_view_tables(const struct top_snapshot *snapshot, bool hide_idle, struct top_canvas *canvas)
{
	struct top_table *pools = top_table_create(pool_columns, N_OF(pool_columns));
	struct top_table *readers = top_table_create(reader_columns, N_OF(reader_columns));
	uint32_t n_readers = 0;
	int error;

	for (size_t i = 0; i < snapshot->n_pools; i++) {
		const struct top_pool *pool = snapshot->pools[i];

		if (hide_idle && top_pool_idle(pool))
			continue;
		add_pool(pools, pool);
		n_readers += pool->info.n_readers;
		for (uint32_t r = 0; r < pool->info.n_readers; r++)
			add_reader(readers, pool, pool->readers[r]);
	}
	error = top_table_print(pools, canvas);
	if (!error && n_readers > 0) {
		canvas->end_line(canvas);
		error = top_table_print(readers, canvas);
	}
	top_table_destroy(&pools);
	top_table_destroy(&readers);
	return error;
}

void top_view_summary(char *to, size_t bytes, const struct top_snapshot *snapshot)
{
	char clock[16] = "", memory[32];
	size_t n_live = 0;
	uint64_t n_readers = 0, n_bytes = 0;
	time_t now = time(NULL);
	struct tm local;

	for (size_t i = 0; i < snapshot->n_pools; i++) {
		const struct zoe_pool_info *info = &snapshot->pools[i]->info;

		n_live += !info->error && !info->stale && info->state == ZOE_STATE_LIVE;
		n_readers += info->n_readers;
		n_bytes += info->shm_bytes;
	}
	if (localtime_r(&now, &local))
		strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	top_bytes(memory, sizeof(memory), n_bytes);
	snprintf(to, bytes, "zoe-top %s   %zu %s, %zu live   %" PRIu64 " %s   %s", clock, snapshot->n_pools,
		snapshot->n_pools == 1 ? "pool" : "pools", n_live, n_readers, n_readers == 1 ? "reader" : "readers",
		memory);
}
