/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of options, and what the filters among them choose. */
#include "events.h"

#include <string.h>

static int parse_name(const char *value, void *into, const char **why)
{
	struct events_names *names = into;

	*why = "a label of 1 to 31 bytes, up to 64 times";
	if (value[0] == '\0' || strlen(value) >= ZOE_LABEL_BYTES || names->n == EVENTS_MAX_NAMES)
		return -1;
	names->names[names->n++] = value;
	return 0;
}

#define AT(member) offsetof(struct events_settings, member)

static const struct zi_option options[] = {
	{ 0, "worker", "NAME", parse_name, AT(workers), "Only what this worker posts. May be given several times." },
	{ 0, "label", "LABEL", parse_name, AT(labels),
		"Only marks of this label, and only results that have one. May be given several times." },
	{ 0, "count", "N", zi_option_positive, AT(count), "End after N results were printed." },
	{ 0, "seconds", "T", zi_option_seconds_ns, AT(run_ns), "End after this time." },
	{ 0, "follow", "WHEN", zi_option_follow, AT(follow),
		"What to go on with: restarts (default): a capture that was stopped, failed or died is waited for, and the "
		"end of its input is the end; always: after that, too; never: end with this capture, exit 1 if it failed "
		"or died." },
	{ 0, "exit-at-end", NULL, zi_option_follow_never, AT(follow), "The same as --follow never." },
	{ 0, "no-wait", NULL, zi_option_flag, AT(no_wait), "Fail at once if there is no such pool." },
	{ 0, "owner", "USER", zi_option_owner, AT(owner),
		"Enter a pool of this user, too, by name or number, or of anybody (any). Without it: your own, root's, "
		"and what a group of yours was given. Who owns a pool decides what is seen in it." },
};

static const struct zi_command command = {
	.name = "zoe-events",
	.usage = "[options] [NAME]",
	.summary = "Print what the workers of the pool NAME (default: main) see, a line of JSON a result.",
	.epilogue =
		"Examples:\n"
		"  zoe-events cam0\n"
		"  zoe-events --worker people --label person cam0 | jq -c '[.seq, (.marks | length)]'\n"
		"  zoe-events cam0 | jq -c '.seq as $seq | .marks[] | select(.score > 0.8) | [$seq, .label, .x, .y]'\n"
		"  zoe-events --count 1 cam0 | jq .data\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.max_arguments = 1,
};

enum zi_option_outcome events_parse(struct events_settings *settings, int argc, char **argv)
{
	*settings = (struct events_settings){ .pool = "main", .run_ns = -1 };
	return zi_option_parse_pool(&command, argc, argv, settings, &settings->pool);
}

bool events_chooses(const struct events_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->names[i], name) == 0)
			return true;
	return names->n == 0;
}

bool events_wanted(const struct events_settings *settings, const struct zoe_result *result)
{
	if (!events_chooses(&settings->workers, result->worker))
		return false;
	if (settings->labels.n == 0)
		return true;
	for (uint32_t i = 0; i < result->n_marks; i++)
		if (events_chooses(&settings->labels, result->marks[i].label))
			return true;
	return false;
}
