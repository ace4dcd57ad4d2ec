/* SPDX-License-Identifier: BSD-2-Clause */
#include "groups.h"

#include <grp.h>
#include <stdio.h>

/* A pool without a name, which nobody sees, for those groups. */
static int try(const struct settings *settings)
{
	struct zoe_writer *writer;
	const struct zoe_writer_options options = {
		.slot_bytes = 1,
		.max_seats = 1,
		.members_group = settings->members_group,
		.observers_group = settings->observers_group,
		.no_thread = true,
	};

	int error = zoe_writer_create(&writer, settings->name, &options);
	zoe_writer_destroy(&writer);
	return error;
}

/* While there is one thread. A number stays what it is. */
static void look_up(const char **group, char number[GROUP_BYTES])
{
	const struct group *entry = *group ? getgrnam(*group) : NULL;

	if (!entry)
		return;
	snprintf(number, GROUP_BYTES, "%u", (unsigned)entry->gr_gid);
	*group = number;
}

int groups_prepare(struct settings *settings)
{
	int error = settings->members_group || settings->observers_group ? try(settings) : 0;

	if (error < 0)
		return error;
	look_up(&settings->members_group, settings->members_number);
	look_up(&settings->observers_group, settings->observers_number);
	return 0;
}
