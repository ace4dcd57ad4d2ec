/* SPDX-License-Identifier: BSD-2-Clause */
/* Listing and cleaning, of this process's pool among those that happen to be there. */
#include "countdown.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct zoe_writer *writer;

static void prepare_stale(void)
{
	kill_writer_process(start_writer_process());
}

static void prepare_orphan(void)
{
	char path[160];
	prepare_stale();
	snprintf(path, sizeof(path), "/dev/shm/zoe.%s", pool);
	unlink(path);
}

static void prepare_living(void)
{
	writer = make_writer(NAMED | WITH_THREAD, NULL);
	publish_frame(writer);
}

static int clean(void)
{
	struct zoe_cleaned cleaned;
	return zoe_pool_clean(pool, &cleaned);
}

/* Whatever could not be removed is removed by the next try; what was removed already is no error then. */
static int clean_until_gone(void)
{
	int error = clean();
	return error == -ENOENT ? 0 : error;
}

static int clean_in_vain(void)
{
	int error = clean();
	return error == -EBUSY ? 0 : error ? error : -EEXIST;
}

/* A living pool is never said to be stale, whatever fails. */
static int list_all(void)
{
	struct zoe_list *list;
	const struct zoe_pool_info *info;
	int error = zoe_list_open(&list);
	if (error)
		return error;
	while (zoe_list_next(list, &info) == 0)
		if (strcmp(info->name, pool) == 0 && info->stale)
			error = -EEXIST;
	zoe_list_close(&list);
	return error;
}

static void tear_down(void)
{
	zoe_writer_destroy(&writer);
	clean_name();
}

/* EBUSY: where it cannot be learned whether the writer lives, it does. */
static const int clean_errors[] = { EBUSY, EACCES, EPERM, EMFILE, ENFILE, ENOMEM, ENOSPC, ENOLCK, EIO, 0 };
static const int list_errors[] = { EACCES, EMFILE, ENFILE, ENOMEM, 0 };

const struct scenario list_scenarios[] = {
	{ "clean a stale pool", clean_errors, prepare_stale, clean_until_gone, NULL, tear_down, false },
	{ "clean seats alone", clean_errors, prepare_orphan, clean_until_gone, NULL, tear_down, false },
	{ "clean a living pool", clean_errors, prepare_living, clean_in_vain, NULL, tear_down, false },
	{ "list a living pool", list_errors, prepare_living, list_all, NULL, tear_down, false },
};
const unsigned n_list_scenarios = sizeof(list_scenarios) / sizeof(list_scenarios[0]);
