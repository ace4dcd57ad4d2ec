/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-bench: how late, how steady, at what cost. One subcommand for each question. */
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "program/option.h"
#include "program/output.h"

static const struct subcommand {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} subcommands[] = {
	{ "latency", bench_latency, "from publish to 'a reader holds it', over the floors of the same run" },
	{ "fanout", bench_fanout, "the cost of one publish as readers grow; of acquire and release" },
	{ "peers", bench_peers, "the same frames through other transports, in turn" },
	{ "decode", bench_decode, "zoe-capture's CPU time against ffmpeg's" },
	{ "stages", bench_stages, "from packet to screen, stage by stage" },
	{ "targets", bench_targets, "each figure that was aimed for: measured, target, met or not" },
};

#define N_SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static const struct subcommand *find(const char *name)
{
	for (size_t i = 0; i < N_SUBCOMMANDS; i++)
		if (strcmp(subcommands[i].name, name) == 0)
			return &subcommands[i];
	return NULL;
}

/* The end of --help: the table above. */
static const char *epilogue(char *text, size_t n_bytes)
{
	size_t n = (size_t)snprintf(text, n_bytes, "Subcommands:\n");
	for (size_t i = 0; i < N_SUBCOMMANDS && n < n_bytes; i++)
		n += (size_t)snprintf(text + n, n_bytes - n, "  %-10s %s\n", subcommands[i].name, subcommands[i].what);
	if (n < n_bytes)
		snprintf(text + n, n_bytes - n,
			"\nExamples:\n  zoe-bench latency --readers 4\n"
			"  zoe-bench targets --short\n  zoe-bench latency --help\n");
	return text;
}

int main(int argc, char **argv)
{
	char text[2048];
	size_t n_operands;
	const struct subcommand *subcommand = argc > 1 ? find(argv[1]) : NULL;
	struct zi_command command = {
		.name = "zoe-bench",
		.usage = "SUBCOMMAND [options]",
		.summary = "Measure what zoetrope does with time, beside what any transport must take.",
		.epilogue = epilogue(text, sizeof(text)),
	};

	if (subcommand) {
		bench_catch_signals();
		int status = subcommand->run(argc - 1, argv + 1);
		return status ? status : zi_output_finish();
	}
	if (argc > 1 && argv[1][0] != '-') {
		zi_option_usage_error(&command, "there is no subcommand '%.80s'", argv[1]);
		return 2;
	}
	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, NULL, NULL, &n_operands);
	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	if (argc < 2)
		zi_option_usage_error(&command, "a subcommand is needed");
	return 2;
}
