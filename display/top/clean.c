/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-top --clean: the removal of what dead writers left. */
#include <errno.h>
#include <string.h>

#include "program/message.h"
#include "program/output.h"
#include "top.h"

/* What was stale in the snapshot may be a living pool by now, or gone. */
static int clean_one(const char *name, bool json, unsigned *n_removed)
{
	struct zoe_cleaned cleaned;
	char size[32];
	int error = zoe_pool_clean(name, &cleaned), output_error = 0;

	if (cleaned.n_objects > 0) {
		(*n_removed)++;
		top_bytes(size, sizeof(size), cleaned.bytes);
		if (json)
			output_error = top_json_cleaned(name, &cleaned);
		else
			printf("removed pool '%s': %u %s, %s\n", name, cleaned.n_objects,
				cleaned.n_objects == 1 ? "object" : "objects", size);
	}
	if (error && error != -ENOENT)
		return zi_message_error("%s", zoe_error());
	return output_error ? zi_output_fail(output_error) : 0;
}

int top_clean(const struct top_settings *settings)
{
	struct top_snapshot *snapshot;
	unsigned n_removed = 0;
	int status = 0, error = top_snapshot_take(&snapshot, NULL, settings->name);

	if (error)
		return top_snapshot_complain(error);
	for (size_t i = 0; i < snapshot->n_pools; i++)
		if (snapshot->pools[i]->info.stale)
			status |= clean_one(snapshot->pools[i]->info.name, settings->json, &n_removed);
	top_snapshot_destroy(&snapshot);
	/* A pool that was asked for by name and is missing or alive is an error. */
	if (settings->name && n_removed == 0 && !status)
		status = clean_one(settings->name, settings->json, &n_removed);
	else if (n_removed == 0 && !settings->json)
		puts("nothing to remove");
	return status ? status : zi_output_finish();
}
