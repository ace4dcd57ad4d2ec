/* SPDX-License-Identifier: BSD-2-Clause */
/* One object per pool, a line each. */
#include "top.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

static int print(json_t *object)
{
	int error = object ? json_dumpf(object, stdout, JSON_COMPACT) : -1;

	json_decref(object);
	if (error)
		return -ENOMEM;
	putchar('\n');
	return 0;
}

static json_t *reader_json(const struct zoe_reader_info *reader)
{
	char label[ZOE_LABEL_BYTES], group[ZOE_LABEL_BYTES];

	top_printable(label, sizeof(label), reader->label);
	top_printable(group, sizeof(group), reader->group);
	return json_pack("{s:s, s:I, s:s, s:b, s:I, s:I, s:I, s:f, s:s?, s:I, s:I, s:I, s:I, s:I, s:I}",
		"label", label,
		"pid", (json_int_t)reader->pid,
		"policy", top_policy(reader),
		"alive", (int)reader->alive,
		"hold", (json_int_t)reader->hold,
		"depth", (json_int_t)reader->depth,
		"every", (json_int_t)reader->every,
		"max_fps", reader->max_fps,
		"group", group[0] ? group : NULL,
		"held", (json_int_t)reader->n_held,
		"waiting", (json_int_t)reader->n_waiting,
		"received", (json_int_t)reader->received,
		"displaced", (json_int_t)reader->displaced,
		"withheld", (json_int_t)reader->withheld,
		"posted", (json_int_t)reader->posted);
}

static void add_known(json_t *object, const struct zoe_pool_info *info)
{
	char epoch[32], format[ZOE_FORMAT_BYTES], program[64], libc[32];

	snprintf(epoch, sizeof(epoch), "%016" PRIx64, info->epoch);
	top_printable(format, sizeof(format), info->stream.format);
	top_printable(libc, sizeof(libc), info->libc);
	top_program(program, sizeof(program), info);
	json_object_update_new(object, json_pack("{s:s, s:I, s:s, s:s, s:s, s:I, s:I, s:f, s:I, s:I, s:I, s:I}",
		"epoch", epoch,
		"writer_pid", (json_int_t)info->writer_pid,
		"writer", program,
		"libc", libc,
		"format", format,
		"width", (json_int_t)info->stream.width_px,
		"height", (json_int_t)info->stream.height_px,
		"fps", info->frames_per_s,
		"published", (json_int_t)info->published,
		"slots", (json_int_t)info->n_slots,
		"max_slots", (json_int_t)info->max_slots,
		"slot_bytes", (json_int_t)info->slot_bytes));
	json_object_update_new(object, json_pack("{s:s, s:s, s:b, s:I, s:I}",
		"mailbox", info->mailbox == ZOE_MAILBOX_ATOMIC ? "atomic" : "mutex",
		"cond", info->cond == ZOE_COND_PTHREAD ? "pthread" : "futex",
		"lossless", (int)info->lossless,
		"created_wall_ns", (json_int_t)info->created_wall_ns,
		"since_ns", (json_int_t)info->since_ns));
}

/* null where it is not known who they are. */
static json_t *readers_json(const struct zoe_pool_info *info)
{
	json_t *readers;

	if (info->error || info->readers_error)
		return json_null();
	readers = json_array();
	for (uint32_t i = 0; i < info->n_readers; i++)
		json_array_append_new(readers, reader_json(&info->readers[i]));
	return readers;
}

int top_json_pool(const struct zoe_pool_info *info)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:b, s:I}",
		"event", "pool",
		"pool", info->name,
		"state", top_state(info),
		"stale", (int)info->stale,
		"shm_bytes", (json_int_t)info->shm_bytes);

	if (info->why)
		json_object_set_new(object, "why", json_string(info->why));
	if (!info->error) {
		add_known(object, info);
		json_object_set_new(object, "max_seats", json_integer((json_int_t)info->max_seats));
		json_object_set_new(object, "readers", readers_json(info));
	}
	return print(object);
}

int top_json_cleaned(const char *name, const struct zoe_cleaned *cleaned)
{
	return print(json_pack("{s:s, s:s, s:I, s:I}",
		"event", "removed",
		"pool", name,
		"objects", (json_int_t)cleaned->n_objects,
		"bytes", (json_int_t)cleaned->bytes));
}
