/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-top: which pools there are and who reads them, live, in print, and for machines. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "program/message.h"
#include "program/option.h"
#include "program/output.h"
#include "top.h"

#define AT(member) offsetof(struct top_settings, member)

static const struct zi_option options[] = {
	{ 0, "list", NULL, zi_option_flag, AT(list),
		"Print the tables once. What happens without an option, too, where stdout is no terminal." },
	{ 'b', "batch", NULL, zi_option_flag, AT(batch),
		"Print the tables again and again, as plain text; or, with --json, JSON." },
	{ 'd', "delay", "SECONDS", zi_option_seconds_ns, AT(delay_ns), "Take a snapshot every so often (default: 1)." },
	{ 'n', "iterations", "N", zi_option_u32, AT(iterations), "End after N snapshots (default: never)." },
	{ 0, "json", NULL, zi_option_flag, AT(json), "Print one line of JSON for each pool." },
	{ 0, "prometheus", "FILE", zi_option_text, AT(prometheus),
		"Keep FILE up to date with metrics in Prometheus' text format, as the textfile collector "
		"of its node exporter reads them; with -, print them once." },
	{ 0, "listen", "[ADDRESS:]PORT", top_endpoint_parse, AT(listen),
		"Serve the same at /metrics over HTTP, on 127.0.0.1 unless an address is given (0.0.0.0 and [::] are "
		"all of them; there is no authentication). Port 0 is any that is free." },
	{ 0, "clean", NULL, zi_option_flag, AT(clean),
		"Remove the pools that dead writers left behind, and say so. A living writer's pool, and "
		"what is no pool, stay." },
};

static const struct zi_command command = {
	.name = "zoe-top",
	.usage = "[options] [NAME]",
	.summary =
		"Show the pools of this machine, or the pool NAME alone, and who reads them: on a\n"
		"terminal live, elsewhere as they are now.",
	.epilogue =
		"Keys of the live table: q ends it, h explains the others.\n"
		"\n"
		"Examples:\n"
		"  zoe-top\n"
		"  zoe-top --batch -d 5 -n 12 cam0\n"
		"  zoe-top --json cam0\n"
		"  zoe-top --prometheus /var/lib/prometheus/node-exporter/zoetrope.prom -d 15\n"
		"  zoe-top --listen 9099\n"
		"  zoe-top --clean\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.max_arguments = 1,
};

static bool to_a_file(const struct top_settings *settings)
{
	return settings->prometheus && strcmp(settings->prometheus, "-") != 0;
}

static bool has_suffix(const char *text, const char *suffix)
{
	size_t n = strlen(text), n_suffix = strlen(suffix);

	return n >= n_suffix && strcmp(text + n - n_suffix, suffix) == 0;
}

static bool listens(const struct top_settings *settings)
{
	return settings->listen.bytes > 0;
}

static bool on_a_terminal(const struct top_settings *settings)
{
	bool in_print = settings->list || settings->batch || settings->json || settings->prometheus ||
		listens(settings);

	return !in_print && !settings->clean && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static bool again_and_again(const struct top_settings *settings)
{
	return settings->batch || to_a_file(settings);
}

static enum zi_option_outcome check(struct top_settings *settings)
{
	if (settings->list + settings->batch + settings->clean > 1)
		return zi_option_usage_error(&command, "--list, --batch and --clean: one of them");
	if (settings->prometheus && (settings->json || settings->clean || settings->list))
		return zi_option_usage_error(&command, "--prometheus goes with --batch alone");
	if (to_a_file(settings) && !has_suffix(settings->prometheus, ".prom"))
		return zi_option_usage_error(&command,
			"--prometheus (%s): its name must end in .prom, or the node exporter does not read it",
			settings->prometheus);
	if (listens(settings) && (settings->prometheus || settings->list || settings->batch || settings->clean))
		return zi_option_usage_error(&command, "--listen goes with --json alone");
	if ((settings->delay_ns >= 0 || settings->iterations) && !again_and_again(settings) && !on_a_terminal(settings))
		return zi_option_usage_error(&command, "-d and -n: expected with --batch");
	if (settings->delay_ns < 0)
		settings->delay_ns = TOP_DELAY_NS;
	if (settings->delay_ns < TOP_SHORTEST_DELAY_NS)
		return zi_option_usage_error(&command, "-d: expected at least 20ms");
	return ZI_OPTION_RUN;
}

static enum zi_option_outcome parse(struct top_settings *settings, int argc, char **argv)
{
	enum zi_option_outcome outcome;

	*settings = (struct top_settings){ .delay_ns = -1 };
	outcome = zi_option_parse_pool(&command, argc, argv, settings, &settings->name);
	return outcome == ZI_OPTION_RUN ? check(settings) : outcome;
}

static void mention_stale(const struct top_snapshot *snapshot)
{
	unsigned n = 0;

	for (size_t i = 0; i < snapshot->n_pools; i++)
		n += snapshot->pools[i]->info.stale;
	if (n > 0)
		zi_message("%u %s left behind by dead writers; zoe-top --clean removes %s", n,
			n == 1 ? "pool was" : "pools were", n == 1 ? "it" : "them");
}

static int print_tables(const struct top_settings *settings, struct top_snapshot *snapshot)
{
	struct top_paper paper = top_paper(stdout);
	char summary[160];
	int error = 0;

	top_snapshot_sort(snapshot, TOP_BY_NAME, false);
	if (settings->batch) {
		top_view_summary(summary, sizeof(summary), snapshot);
		puts(summary);
	}
	if (snapshot->n_pools > 0)
		error = top_view_tables(snapshot, false, &paper.canvas);
	else
		puts("no pools");
	if (settings->batch)
		putchar('\n');
	return error;
}

static int print_snapshot(const struct top_settings *settings, struct top_snapshot *snapshot)
{
	int error = 0;

	if (to_a_file(settings)) {
		error = top_prometheus_file(snapshot, settings->prometheus);
		return error ? zi_message_error("%s: %s", settings->prometheus, strerror(-error)) : 0;
	}
	if (settings->prometheus)
		top_prometheus(snapshot, stdout);
	else if (settings->json)
		error = top_json(snapshot, stdout);
	else
		error = print_tables(settings, snapshot);
	if (error == -ENOMEM)
		return zi_message_error("out of memory");
	return error ? zi_output_fail(error) : zi_output_finish();
}

/* A missing pool is an error of a single snapshot only: while snapshots repeat it may still come. */
static int print_once(const struct top_settings *settings)
{
	struct top_snapshot *snapshot;
	int status, error = top_snapshot_take(&snapshot, NULL, settings->name);

	if (error)
		return top_snapshot_complain(error);
	if (settings->name && snapshot->n_pools == 0)
		status = zi_message_error("there is no pool '%s'", settings->name);
	else
		status = print_snapshot(settings, snapshot);
	if (!status && !settings->json && !settings->prometheus)
		mention_stale(snapshot);
	top_snapshot_destroy(&snapshot);
	return status;
}

/* False when asked to end. Snapshots that fell due while this process was stopped are not made up for. */
static bool wait_for_next(int64_t *next_ns, int64_t delay_ns)
{
	int64_t now_ns = zoe_now_ns();
	enum top_wake wake;

	*next_ns = *next_ns + delay_ns > now_ns ? *next_ns + delay_ns : now_ns;
	do {
		wake = top_wait(*next_ns, -1);
	} while (wake == TOP_WAKE_RESIZED);
	return wake != TOP_WAKE_END;
}

static int print_again_and_again(const struct top_settings *settings)
{
	struct top_snapshot *snapshot = NULL, *before = NULL;
	int64_t next_ns = zoe_now_ns();
	int status = top_wait_prepare();

	for (uint32_t n = 1; !status; n++) {
		int error = top_snapshot_take(&snapshot, before, settings->name);

		top_snapshot_destroy(&before);
		status = error ? top_snapshot_complain(error) : print_snapshot(settings, snapshot);
		before = snapshot;
		if (n == settings->iterations || status || !wait_for_next(&next_ns, settings->delay_ns))
			break;
	}
	top_snapshot_destroy(&before);
	return status;
}

int main(int argc, char **argv)
{
	struct top_settings settings;
	enum zi_option_outcome outcome = parse(&settings, argc, argv);
	const char *why;
	int status;

	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	zi_message_init("zoe-top", false);
	if (settings.clean)
		return top_clean(&settings);
	if (listens(&settings))
		return top_listen(&settings);
	if (again_and_again(&settings))
		return print_again_and_again(&settings);
	if (on_a_terminal(&settings)) {
		status = top_screen(&settings, &why);
		if (status != -ENOTSUP)
			return status;
		zi_message("no live table here: %s; --batch repeats this list", why);
	}
	return print_once(&settings);
}
