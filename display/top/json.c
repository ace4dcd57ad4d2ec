/* SPDX-License-Identifier: BSD-2-Clause */
/* One object per pool, a line each. */
#include "top.h"

#include <inttypes.h>
#include <string.h>

#include "program/json_line.h"
#include "source.h"

static int print(json_t *object, FILE *stream)
{
	return zi_json_line(stream, object, 9);
}

static json_t *quantiles_json(const struct top_quantiles *quantiles)
{
	bool known = quantiles->count > 0;

	return json_pack("{s:o, s:o, s:I}", "p50", zi_json_real_if(known, (double)quantiles->p50_ns / 1e3), "p99",
		zi_json_real_if(known, (double)quantiles->p99_ns / 1e3), "count", (json_int_t)quantiles->count);
}

static json_t *measured_json(const struct top_reader *reader)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "fps", zi_json_real_if(reader->compared, reader->fps),
		"displaced_per_s", zi_json_real_if(reader->compared, reader->drops_per_s), "age_us",
		quantiles_json(&reader->age), "hold_us", quantiles_json(&reader->hold));
}

static json_t *reader_json(const struct zoe_pool_info *pool, const struct top_reader *reader)
{
	const struct zoe_reader_info *info = reader->info;
	json_t *object = json_pack(
		"{s:I, s:o, s:I, s:s, s:o, s:I, s:I, s:I, s:f, s:o, "
		"s:I, s:I, s:I, s:I, s:I, s:I}",
		"seat", (json_int_t)info->seat, "label", zi_json_text(info->label), "pid", (json_int_t)info->pid,
		"policy", top_policy(info), "alive",
		top_alive_known(pool, info) ? json_boolean(info->alive) : json_null(), "hold", (json_int_t)info->hold,
		"depth", (json_int_t)info->depth, "every", (json_int_t)info->every, "max_fps", info->max_fps, "group",
		zi_json_text_or_null(info->group), "held", (json_int_t)info->n_held, "waiting",
		(json_int_t)info->n_waiting, "received", (json_int_t)info->received, "displaced",
		(json_int_t)info->displaced, "withheld", (json_int_t)info->withheld, "posted",
		(json_int_t)info->posted);

	json_object_update_new(object, measured_json(reader));
	return object;
}

static void add_stream(json_t *object, const struct top_pool *pool)
{
	const struct zoe_pool_info *info = &pool->info;
	const struct zoe_frame_info *stream = &info->stream;

	json_object_update_new(object,
		json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I}", "format",
			zi_json_text_or_null(stream->format), "width",
			zi_json_integer_if(stream->width_px > 0, stream->width_px), "height",
			zi_json_integer_if(stream->height_px > 0, stream->height_px), "fps",
			zi_json_real_if(pool->fps_known, pool->fps), "interval_s",
			zi_json_real_if(pool->compared, pool->interval_s), "published", (json_int_t)info->published,
			"copied", (json_int_t)info->copied, "slots", (json_int_t)info->n_slots, "max_slots",
			(json_int_t)info->max_slots, "slot_bytes", (json_int_t)info->slot_bytes));
}

static void add_writer(json_t *object, const struct zoe_pool_info *info)
{
	char epoch[32], program[64];

	snprintf(epoch, sizeof(epoch), "%016" PRIx64, info->epoch);
	top_program(program, sizeof(program), info);
	json_object_update_new(object,
		json_pack("{s:s, s:I, s:o, s:o, s:s, s:s, s:b, s:o, s:o}", "epoch", epoch, "writer_pid",
			(json_int_t)info->writer_pid, "writer", zi_json_text_or_null(program), "libc",
			zi_json_text_or_null(info->libc), "mailbox", top_mailbox(info), "cond", top_cond(info),
			"lossless", (int)info->lossless, "created_wall_ns",
			zi_json_integer_if(info->created_wall_ns > 0, info->created_wall_ns), "since_ns",
			zi_json_integer_if(info->since_ns > 0, info->since_ns)));
}

/* null where it is not known who they are. */
static json_t *readers_json(const struct top_pool *pool)
{
	json_t *readers;

	if (pool->info.error || pool->info.readers_error)
		return json_null();
	readers = json_array();
	for (uint32_t i = 0; i < pool->info.n_readers; i++)
		json_array_append_new(readers, reader_json(&pool->info, pool->readers[i]));
	return readers;
}

/* Who keeps a lossless writer waiting; null: nobody does. */
static json_t *wait_json(const struct top_pool *pool)
{
	const struct zoe_wait *wait = &pool->info.wait;

	if (!wait->since_ns)
		return json_null();
	return json_pack("{s:I, s:o, s:I, s:f, s:I}", "seat", (json_int_t)wait->seat, "label",
		zi_json_text(wait->label), "pid", (json_int_t)wait->pid, "waited_s", top_waited_s(pool), "since_ns",
		(json_int_t)wait->since_ns);
}

/* null: its writer says nothing of it. */
static json_t *source_json(const struct zoe_source *source)
{
	json_t *object;

	if (!source)
		return json_null();
	object = json_object();
	for (size_t i = 0; i < top_n_source_counts; i++)
		json_object_set_new(object, top_source_counts[i].key,
			json_integer((json_int_t)top_source_get(source, &top_source_counts[i])));
	json_object_update_new(object,
		json_pack("{s:f, s:o, s:o, s:I, s:o}", "lag_s", (double)source->lag_ns / 1e9, "bits_per_s",
			zi_json_integer_if(source->bits_per_s > 0, (json_int_t)source->bits_per_s), "key_interval",
			zi_json_integer_if(source->key_interval > 0, source->key_interval), "tries",
			(json_int_t)source->n_tries, "why", zi_json_text_or_null(source->why)));
	return object;
}

static int print_pool(const struct top_pool *pool, FILE *stream)
{
	const struct zoe_pool_info *info = &pool->info;
	char owner[64];
	json_t *object = json_pack("{s:s, s:s, s:s, s:b, s:I, s:I}", "event", "pool", "pool", info->name, "state",
		top_state(info), "stale", (int)info->stale, "shm_bytes", (json_int_t)info->shm_bytes, "at_ns",
		(json_int_t)pool->at_ns);

	top_owner(owner, sizeof(owner), info);
	json_object_set_new(object, "owner", owner[0] ? json_string(owner) : json_null());

	if (info->why)
		json_object_set_new(object, "why", zi_json_text(info->why));
	if (!info->error) {
		add_stream(object, pool);
		add_writer(object, info);
		json_object_set_new(object, "end", top_end(info) ? json_string(top_end(info)) : json_null());
		json_object_set_new(object, "source", source_json(info->source));
		json_object_set_new(object, "waits_for", wait_json(pool));
		json_object_set_new(object, "max_seats", zi_json_integer_if(!info->readers_error, info->max_seats));
		json_object_set_new(object, "held_slots", zi_json_integer_if(!info->readers_error, info->n_held));
		json_object_set_new(object, "readers", readers_json(pool));
	}
	return print(object, stream);
}

int top_json(const struct top_snapshot *snapshot, FILE *stream)
{
	int error = 0;

	for (size_t i = 0; i < snapshot->n_pools && !error; i++)
		error = print_pool(snapshot->pools[i], stream);
	return error;
}

int top_json_cleaned(const char *name, const struct zoe_cleaned *cleaned)
{
	return print(json_pack("{s:s, s:s, s:I, s:I}", "event", "removed", "pool", name, "objects",
			     (json_int_t)cleaned->n_objects, "bytes", (json_int_t)cleaned->bytes),
		stdout);
}

int top_json_serving(const char *url)
{
	return print(json_pack("{s:s, s:s}", "event", "serving", "url", url), stdout);
}
