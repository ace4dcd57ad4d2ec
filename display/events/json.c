/* SPDX-License-Identifier: BSD-2-Clause */
/* A result as one line: what zoetrope knows of it, and what the worker says in its own words. */
#include "events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "program/json_line.h"

static const struct {
	const char *name;
	bool has_size;
} kinds[] = {
	[ZOE_MARK_BOX] = { "box", true },
	[ZOE_MARK_POINT] = { "point", false },
	[ZOE_MARK_LINE] = { "line", true },
	[ZOE_MARK_TEXT] = { "text", false },
};

/* Members that the worker did not set are left out. NULL: no memory. */
static json_t *mark_json(const struct zoe_mark *mark)
{
	json_t *json = json_pack("{s:s, s:f, s:f}", "kind", kinds[mark->kind].name, "x", (double)mark->x, "y",
		(double)mark->y);
	int failed = !json;

	if (!failed && kinds[mark->kind].has_size) {
		failed |= json_object_set_new(json, "width", json_real((double)mark->width));
		failed |= json_object_set_new(json, "height", json_real((double)mark->height));
	}
	if (!failed && mark->label[0])
		failed |= json_object_set_new(json, "label", zi_json_text(mark->label));
	if (!failed && mark->score > 0)
		failed |= json_object_set_new(json, "score", json_real((double)mark->score));
	if (!failed && mark->id)
		failed |= json_object_set_new(json, "id", json_integer(mark->id));
	if (failed) {
		json_decref(json);
		return NULL;
	}
	return json;
}

static json_t *marks_json(const struct events_settings *settings, const struct zoe_result *result)
{
	json_t *marks = json_array();

	for (uint32_t i = 0; marks && i < result->n_marks; i++) {
		const struct zoe_mark *mark = &result->marks[i];

		/* A kind of a later version has no name here. */
		if (mark->kind >= sizeof(kinds) / sizeof(kinds[0]) || !events_chooses(&settings->labels, mark->label))
			continue;
		if (json_array_append_new(marks, mark_json(mark)) < 0) {
			json_decref(marks);
			return NULL;
		}
	}
	return marks;
}

/* The same moment on the clock of the day; null for a time that cannot be, since a worker may write any. */
static json_t *wall_ns_json(int64_t monotonic_ns)
{
	struct timespec now;
	int64_t now_ns = zoe_now_ns();

	clock_gettime(CLOCK_REALTIME, &now);
	return zi_json_integer_if(monotonic_ns > 0 && monotonic_ns <= now_ns,
		now.tv_sec * INT64_C(1000000000) + now.tv_nsec - (now_ns - monotonic_ns));
}

static json_t *result_json(const struct events_settings *settings, const struct zoe_result *result)
{
	char epoch[32];

	snprintf(epoch, sizeof(epoch), "%016" PRIx64, result->epoch);
	/* json_pack() fails where a member is NULL. */
	return json_pack("{s:s, s:s, s:o, s:I, s:I, s:s, s:I, s:I, s:o, s:o}", "event", "result", "pool",
		settings->pool, "worker", zi_json_text(result->worker), "seat", (json_int_t)result->seat, "seq",
		(json_int_t)result->seq, "epoch", epoch, "number", (json_int_t)result->number, "posted_ns",
		(json_int_t)result->posted_ns, "posted_wall_ns", wall_ns_json(result->posted_ns), "marks",
		marks_json(settings, result));
}

/* The worker's text as the JSON that it should be, or as it is. NULL: no memory. */
static json_t *data_json(const char *text)
{
	json_t *json;

	if (text[0] == '\0')
		return json_object();
	json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	return json ? json_pack("{s:o}", "data", json) : json_pack("{s:o}", "text", zi_json_text(text));
}

int events_print(const struct events_settings *settings, const struct zoe_result *result)
{
	/* Seven digits are what a mark's floats have; the worker's numbers keep all of theirs. */
	const struct zi_json_part parts[] = {
		{ result_json(settings, result), 7 },
		{ data_json(result->json), 0 },
	};

	return zi_json_line_of(stdout, parts, 2);
}
