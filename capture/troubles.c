/* SPDX-License-Identifier: BSD-2-Clause */
#include "troubles.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define FIRST_NS NS_PER_S        /* so that the first line has a number that says something */
#define AGAIN_NS (60 * NS_PER_S) /* from one line to the next */

static const struct {
	const char *what, *why;
} words[N_TROUBLES] = {
	[TROUBLE_SKIPPED] = { "picture", " skipped to keep up (--max-lag)" },
	[TROUBLE_CORRUPT] = { "picture", " corrupt" },
	[TROUBLE_DAMAGED] = { "picture", " damaged and left out" },
	[TROUBLE_DROPPED] = { "picture", " dropped for want of a slot" },
	[TROUBLE_ERROR] = { "decode error", "" },
	[TROUBLE_RESTAMPED] = { "picture", " restamped" },
};

static void write_line(const struct troubles *troubles, const uint64_t counts[N_TROUBLES], char *line, size_t n_bytes)
{
	line[0] = '\0';
	for (int i = 0; i < N_TROUBLES; i++) {
		uint64_t count = counts[i] - troubles->said[i];
		size_t used = strlen(line);
		if (count > 0)
			snprintf(line + used, n_bytes - used, "%s%" PRIu64 " %s%s%s", used > 0 ? ", " : "", count,
				words[i].what, count == 1 ? "" : "s", words[i].why);
	}
}

bool troubles_line(struct troubles *troubles, const uint64_t counts[N_TROUBLES], int64_t now_ns, char *line,
	size_t n_bytes)
{
	if (memcmp(counts, troubles->said, sizeof(troubles->said)) == 0)
		return false;
	if (troubles->begun_ns == 0)
		troubles->begun_ns = now_ns;
	if (now_ns - troubles->begun_ns < FIRST_NS || (troubles->said_ns > 0 && now_ns - troubles->said_ns < AGAIN_NS))
		return false;
	write_line(troubles, counts, line, n_bytes);
	memcpy(troubles->said, counts, sizeof(troubles->said));
	troubles->said_ns = now_ns;
	troubles->begun_ns = 0;
	return true;
}
