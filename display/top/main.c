/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-top: which pools there are, who reads them, and the removal of what dead writers left. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <zoetrope/list.h>

#include "program/option.h"
#include "top.h"

#define AT(member) offsetof(struct top_settings, member)

static const struct zi_option options[] = {
	{ 0, "list", NULL, zi_option_flag, AT(list),
		"List the pools and their readers. What happens without an option, too." },
	{ 0, "clean", NULL, zi_option_flag, AT(clean),
		"Remove the pools that dead writers left behind, and say so. A living writer's pool, and "
		"what is no pool, stay." },
	{ 0, "json", NULL, zi_option_flag, AT(json),
		"Print one line of JSON for each pool." },
};

static const struct zi_command command = {
	.name = "zoe-top",
	.usage = "[options] [NAME]",
	.summary = "List the pools of this machine, or the pool NAME alone, and who reads them.",
	.epilogue =
		"Examples:\n"
		"  zoe-top\n"
		"  zoe-top --list --json cam0\n"
		"  zoe-top --clean\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.max_arguments = 1,
};

static int complain(const char *what)
{
	fprintf(stderr, "zoe-top: error: %s\n", what);
	return 1;
}

static enum zi_option_outcome parse(struct top_settings *settings, int argc, char **argv)
{
	size_t n_names;
	enum zi_option_outcome outcome;

	*settings = (struct top_settings){ 0 };
	outcome = zi_option_parse_all(&command, argc, argv, settings, &settings->name, &n_names);
	if (outcome != ZI_OPTION_RUN)
		return outcome;
	if (settings->list && settings->clean)
		return zi_option_usage_error(&command, "--list and --clean: one of them");
	if (n_names == 0)
		settings->name = NULL;
	else if (!zoe_name_valid(settings->name))
		return zi_option_usage_error(&command,
			"pool name (%.80s): expected 1 to 64 letters, digits, '_' or '-'", settings->name);
	return ZI_OPTION_RUN;
}

/* Two captures ending at once: what was left behind a moment ago may be a living pool by now. */
static int clean_one(const char *name, bool json, unsigned *n_removed)
{
	struct zoe_cleaned cleaned;
	char size[32];
	int error = zoe_pool_clean(name, &cleaned);

	if (cleaned.n_objects > 0) {
		(*n_removed)++;
		top_bytes(size, sizeof(size), cleaned.bytes);
		if (json)
			top_json_cleaned(name, &cleaned);
		else
			printf("removed pool '%s': %u %s, %s\n", name, cleaned.n_objects,
				cleaned.n_objects == 1 ? "object" : "objects", size);
	}
	return error && error != -ENOENT ? complain(zoe_error()) : 0;
}

/* Show one pool, or remove it. 0 or 1. */
static int handle(const struct top_settings *settings, const struct zoe_pool_info *info,
	struct top_table *table, unsigned *n_stale)
{
	if (settings->clean)
		return info->stale ? clean_one(info->name, settings->json, n_stale) : 0;
	*n_stale += info->stale;
	if (settings->json ? top_json_pool(info) : top_table_add(table, info))
		return complain("out of memory");
	return 0;
}

static void conclude(const struct top_settings *settings, const struct top_table *table, unsigned n_shown,
	unsigned n_stale)
{
	if (settings->json)
		return;
	if (settings->clean && n_stale == 0)
		puts("nothing to remove");
	if (!settings->clean && n_shown == 0)
		puts("no pools");
	if (!settings->clean && n_shown > 0)
		top_table_print(table);
	if (!settings->clean && n_stale > 0)
		fprintf(stderr, "zoe-top: %u %s left behind by dead writers; zoe-top --clean removes %s\n", n_stale,
			n_stale == 1 ? "pool was" : "pools were", n_stale == 1 ? "it" : "them");
}

static int run(const struct top_settings *settings, struct top_table *table)
{
	struct zoe_list *list;
	const struct zoe_pool_info *info;
	unsigned n_shown = 0, n_stale = 0;
	int status = 0;

	if (zoe_list_open(&list))
		return complain(zoe_error());
	while (zoe_list_next(list, &info) == 0) {
		if (settings->name && strcmp(settings->name, info->name) != 0)
			continue;
		n_shown++;
		status |= handle(settings, info, table, &n_stale);
	}
	zoe_list_close(&list);
	/* Asked for one by name, and it is not there or not to be removed: that is said, not passed over. */
	if (settings->clean && settings->name && n_stale == 0 && !status)
		return clean_one(settings->name, settings->json, &n_stale);
	if (!settings->clean && settings->name && n_shown == 0) {
		fprintf(stderr, "zoe-top: error: there is no pool '%s'\n", settings->name);
		return 1;
	}
	conclude(settings, table, n_shown, n_stale);
	return status;
}

int main(int argc, char **argv)
{
	struct top_settings settings;
	enum zi_option_outcome outcome = parse(&settings, argc, argv);
	struct top_table *table;
	int status;

	if (outcome != ZI_OPTION_RUN)
		return outcome == ZI_OPTION_DONE ? 0 : 2;
	table = top_table_create();
	if (!table)
		return complain("out of memory");
	status = run(&settings, table);
	top_table_destroy(&table);
	if (fflush(stdout) || ferror(stdout))
		return complain("cannot write to stdout");
	return status;
}
