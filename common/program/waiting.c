/* SPDX-License-Identifier: BSD-2-Clause */
#include "program/waiting.h"

#include <stdio.h>
#include <string.h>

#include <zoetrope/list.h>

#include "program/message.h"
#include "program/text.h"

/* Names, one after the other. */
struct names {
	char text[512];
	size_t used;
};

void zi_waiting_for_pool(struct zi_waiting *waiting)
{
	if (!waiting->is_said)
		zi_message("waiting for pool '%s': zoe-capture --name %s INPUT makes it", waiting->pool, waiting->pool);
	waiting->is_said = true;
}

void zi_waiting_for_next(struct zi_waiting *waiting, const char *why)
{
	if (!waiting->is_said)
		zi_message("%s; waiting for the next one of that name", why);
	waiting->is_said = true;
}

void zi_waiting_is_over(struct zi_waiting *waiting)
{
	if (waiting->is_said)
		zi_message("pool '%s' is there", waiting->pool);
	waiting->is_said = false;
}

/* A worker may have several seats. Its name may begin another's. */
static bool has_name(const struct names *names, const char *printable)
{
	size_t length = strlen(printable);

	for (const char *at = names->text; (at = strstr(at, printable)); at += length)
		if (at[length] == '\0' || at[length] == ',')
			return true;
	return false;
}

static void add_name(struct names *names, const char *name)
{
	char printable[ZOE_LABEL_BYTES + 4];

	snprintf(printable, sizeof(printable), ", ");
	zi_text_printable(printable + 2, sizeof(printable) - 2, name);
	if (names->used + strlen(printable) >= sizeof(names->text) || has_name(names, printable))
		return;
	memcpy(names->text + names->used, printable, strlen(printable) + 1);
	names->used += strlen(printable);
}

/* Those who have posted. False: it is not to be known. */
static bool find_workers(const char *pool, struct names *names)
{
	const struct zoe_pool_info *info;
	struct zoe_list *list;
	bool is_known = false;

	if (zoe_list_open(&list))
		return false;
	while (!is_known && zoe_list_next(list, &info) == 0) {
		if (strcmp(info->name, pool) != 0)
			continue;
		if (info->error || info->readers_error)
			break;
		is_known = true;
		for (uint32_t i = 0; i < info->n_readers; i++)
			if (info->readers[i].posted > 0)
				add_name(names, info->readers[i].label);
	}
	zoe_list_close(&list);
	return is_known;
}

void zi_waiting_for_workers(struct zi_waiting *waiting, const char *const *workers, size_t n)
{
	struct names wanted = { .used = 0 }, there = { .used = 0 };

	if (waiting->workers != ZI_WORKERS_UNSAID)
		return;
	waiting->workers = ZI_WORKERS_MISSED;
	for (size_t i = 0; i < n; i++)
		add_name(&wanted, workers[i]);
	if (!find_workers(waiting->pool, &there))
		return;
	if (there.used == 0)
		zi_message("waiting for %s: nobody posts in pool '%s' yet", n ? wanted.text + 2 : "results",
			waiting->pool);
	else if (n > 0)
		zi_message("waiting for %s: those who post in pool '%s' are %s", wanted.text + 2, waiting->pool,
			there.text + 2);
}

void zi_waiting_worker_came(struct zi_waiting *waiting, const char *worker)
{
	struct names name = { .used = 0 };

	add_name(&name, worker);
	if (waiting->workers == ZI_WORKERS_MISSED)
		zi_message("%s posts in pool '%s'", name.text + 2, waiting->pool);
	waiting->workers = ZI_WORKERS_CAME;
}
