/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The countdown: see countdown.h. Each public function is called with its first system or
 * pthread call failing, then its second, and so on, in each of the ways in which that
 * call can fail, once and from then on. After each: the error is one that its header
 * lists, zoe_error() is about it, nothing is left over of the failed call, and the same
 * call without faults succeeds.
 *
 * Usage: countdown [PART]: only scenarios whose name contains PART.
 */
#include "countdown.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "state.h"
#include "support/child.h"
#include "support/name.h"

/* Most scenarios wait for something now and then; a hang is one that takes longer than this. */
#define PATIENCE_S 90
#define AT_ONCE 10

/* Which call fails in a try, and how. */
struct fault {
	unsigned n, which;
	bool always;
};

/* What a try found out; in memory shared with the process that makes the tries. */
struct finding {
	struct fault_report report;
	unsigned bad;
};

static const char *const kinds[N_KINDS] = {
	[KIND_FUTEX] = "futex",
	[KIND_PTHREAD] = "pthread",
	[KIND_ATOMIC] = "atomic",
};

/* For complaints, and for what ends the process on the way. */
static void describe(const struct scenario *scenario, const struct fault *fault, const struct fault_report *report)
{
	snprintf(trying, sizeof(trying), "%s (%s): call %u, %s, fails with %s%s", scenario->name, kinds[pool_kind],
		fault->n, report->call ? report->call : "none",
		report->call ? strerrorname_np(report->error) : "nothing", fault->always ? " from then on" : "");
}

static void complain(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void complain(struct finding *finding, const char *format, ...)
{
	char line[1024];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	printf("BAD: %s: %s\n", trying, line);
	finding->bad++;
}

static bool listed(const int *errors, int error)
{
	while (*errors && *errors != error)
		errors++;
	return *errors != 0;
}

/*
 * After a failure there may be less than before, and under a temporary name what the next try needs; in
 * the end all is as at first.
 */
static void compare(struct finding *finding, const struct state *is, const struct state *was, const char *when,
	bool in_the_end)
{
	for (int i = 0; i < N_STATES; i++)
		if (in_the_end ? is->n[i] != was->n[i] : is->n[i] > was->n[i] && i != STATE_TEMP)
			complain(finding, "%ld %s %s, before %ld", is->n[i], state_names[i], when, was->n[i]);
}

static void check_failure(const struct scenario *scenario, struct finding *finding, int error, const char *stale)
{
	if (!listed(scenario->errors, -error))
		complain(finding, "an error that may not come of it: %s: %s", strerrorname_np(-error), zoe_error());
	else if (strcmp(zoe_error(), stale) == 0)
		complain(finding, "%s, and zoe_error() does not say why", strerrorname_np(-error));
	if (scenario->again)
		scenario->again();
	error = scenario->call();
	if (error)
		complain(finding, "without faults it failed again: %s: %s", strerrorname_np(-error), zoe_error());
}

static void try_once(const struct scenario *scenario, const struct fault *fault, struct finding *finding)
{
	struct state first, before, after;
	struct zoe_reader *none;
	char stale[512];

	state_take(&first, pool);
	if (scenario->setup)
		scenario->setup();
	state_take(&before, pool);
	zoe_reader_attach(&none, "", NULL, ZOE_POLL);
	snprintf(stale, sizeof(stale), "%s", zoe_error());

	fault_arm(fault->n, fault->which, fault->always);
	int error = scenario->call();
	finding->report = fault_disarm();
	describe(scenario, fault, &finding->report);
	if (error) {
		state_settle(&after, pool, &before);
		compare(finding, &after, &before, "after the call failed", false);
		check_failure(scenario, finding, error, stale);
	}
	scenario->teardown();
	state_settle(&after, pool, &first);
	compare(finding, &after, &first, "in the end", true);
}

/* The same in a process of its own, where the library was never used. */
static void try_afresh(const struct scenario *scenario, const struct fault *fault, struct finding *finding)
{
	int status = 0;
	fflush(stdout);
	pid_t pid = child_fork();
	if (pid == 0) {
		try_once(scenario, fault, finding);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		complain(finding, "the process ended badly (status %x)", (unsigned)status);
}

/* All tries of one scenario, in a process of its own. */
static int run(const struct scenario *scenario, enum pool_kind kind)
{
	struct finding *finding = mmap(NULL, sizeof(*finding), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		0);
	unsigned tries = 0;

	if (finding == MAP_FAILED)
		abort();
	pool_kind = kind;
	own_pool_name(pool, "countdown");
	alarm(PATIENCE_S);
	struct fault fault = { .n = 1 };
	for (;; fault.n++) {
		for (fault.which = 0; fault.which == 0 || fault.which < finding->report.n_errors; fault.which++) {
			for (int always = 0; always < 2; always++) {
				fault.always = always;
				(scenario->fresh ? try_afresh : try_once)(scenario, &fault, finding);
				tries++;
			}
		}
		if (!finding->report.call)
			break;
	}
	printf("%-32s %-8s calls=%u faults=%u bad=%u\n", scenario->name, kinds[kind], fault.n - 1, tries - 2,
		finding->bad);
	return finding->bad > 0;
}

static int reap(void)
{
	int status = 0;
	pid_t pid = wait(&status);
	if (WIFSIGNALED(status))
		printf("BAD: process %d ended with signal %d\n", (int)pid, WTERMSIG(status));
	return status != 0;
}

static void start(const struct scenario *scenario, enum pool_kind kind)
{
	fflush(stdout);
	if (child_fork() == 0)
		exit(run(scenario, kind));
}

/* Start a group's scenarios, a few at once: most of their time they wait. */
static int run_group(const struct scenario *scenarios, unsigned n, const char *part, int *running)
{
	int bad = 0;
	for (unsigned i = 0; i < n * N_KINDS; i++) {
		if (!strstr(scenarios[i % n].name, part))
			continue;
		if (*running == AT_ONCE) {
			bad += reap();
			(*running)--;
		}
		start(&scenarios[i % n], (enum pool_kind)(i / n));
		(*running)++;
	}
	return bad;
}

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";
	int running = 0, bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!fault_share())
		return 1;
	bad += run_group(writer_scenarios, n_writer_scenarios, part, &running);
	bad += run_group(reader_scenarios, n_reader_scenarios, part, &running);
	bad += run_group(observer_scenarios, n_observer_scenarios, part, &running);
	bad += run_group(results_scenarios, n_results_scenarios, part, &running);
	bad += run_group(list_scenarios, n_list_scenarios, part, &running);
	while (running-- > 0)
		bad += reap();
	unsigned never = fault_count(true);
	printf("scenarios failed=%d, functions that never failed=%u\n", bad, never);
	return bad > 0 || (never > 0 && !*part);
}
