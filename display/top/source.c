/* SPDX-License-Identifier: BSD-2-Clause */
#include "source.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "program/text.h"

/* Of why it is lost, so that the rest has room in a line. */
#define WHY_BYTES 100

#define AT(member) offsetof(struct zoe_source, member)

const struct top_source_count top_source_counts[] = {
	{ "decoded", NULL, "Pictures that came out of the source.", AT(decoded) },
	{ "dropped", "dropped", "Of these, those for which there was no slot.", AT(dropped) },
	{ "dropped_full", NULL, "Of these, those for which shared memory was full.", AT(dropped_full) },
	{ "damaged", "damaged and left out", "Pictures left out since something was lacking.", AT(damaged) },
	{ "skipped", "skipped", "Packets that were not decoded, to keep up.", AT(skipped) },
	{ "corrupt", "corrupt", "Frames published though something was lacking.", AT(corrupt) },
	{ "decode_errors", "decode errors", "Packets that the decoder refused.", AT(decode_errors) },
	{ "restamped", "restamped", "Frames whose time could not be the source's.", AT(restamped) },
	{ "reconnects", "reconnects", "Times that the source went away and came back.", AT(reconnects) },
};
const size_t top_n_source_counts = sizeof(top_source_counts) / sizeof(top_source_counts[0]);

uint64_t top_source_get(const struct zoe_source *source, const struct top_source_count *count)
{
	uint64_t value;

	memcpy(&value, (const char *)source + count->offset, sizeof(value));
	return value;
}

const char *top_end(const struct zoe_pool_info *info)
{
	static const char *const words[] = {
		[ZOE_END_INPUT] = "input",
		[ZOE_END_STOPPED] = "stopped",
		[ZOE_END_FAILED] = "failed",
	};

	return !info->error && info->state == ZOE_STATE_ENDED ? words[info->end] : NULL;
}

double top_lost_s(const struct zoe_pool_info *info, int64_t now_ns)
{
	if (info->error || info->stale || info->state != ZOE_STATE_SOURCE_LOST)
		return -1;
	return now_ns > info->since_ns ? (double)(now_ns - info->since_ns) / 1e9 : 0;
}

static void __attribute__((format(printf, 3, 4))) append(char *to, size_t bytes, const char *format, ...)
{
	size_t used = strlen(to);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(to + used, bytes - used, format, arguments);
	va_end(arguments);
}

void top_source_line(char *to, size_t bytes, const struct zoe_pool_info *info, int64_t now_ns)
{
	const struct zoe_source *source = info->source;
	double lost_s = top_lost_s(info, now_ns);
	char why[WHY_BYTES];

	to[0] = '\0';
	if (lost_s > 0)
		append(to, bytes, ", lost for %.0f s", lost_s);
	if (source && source->why[0]) {
		zi_text_printable(why, sizeof(why), source->why);
		append(to, bytes, ": %s", why);
	}
	if (source && source->n_tries)
		append(to, bytes, ", %" PRIu32 " tr%s", source->n_tries, source->n_tries == 1 ? "y" : "ies");
	for (size_t i = 0; source && i < top_n_source_counts; i++) {
		uint64_t count = top_source_get(source, &top_source_counts[i]);
		if (count && top_source_counts[i].words)
			append(to, bytes, ", %s %" PRIu64, top_source_counts[i].words, count);
	}
	if (source && source->lag_ns >= INT64_C(100000000))
		append(to, bytes, ", %.1f s behind", (double)source->lag_ns / 1e9);
	/* A line that begins with what joins its parts has none before it. */
	if (to[0])
		memmove(to, to + 2, strlen(to + 2) + 1);
}
