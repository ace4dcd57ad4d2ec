/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any process may die or stop at any instruction: a reader or a writer goes through one
 * whole cycle, and is killed, or stopped for a while, after each single instruction of
 * it, the libc's included. After each the others must be as well as ever (reader.c,
 * writer.c say what that means).
 */
#include <stdio.h>

#if !defined(__x86_64__)

int main(void)
{
	puts("SKIPPED: single steps are written for x86_64");
	return 77;
}

#else

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/system/clock.h"
#include "support/child.h"
#include "support/pool_options.h"
#include "program/option.h"
#include "machine.h"
#include "scenario.h"

/* A point that takes longer than this hangs. */
#define POINT_S 20
/* So many single steps may take longer. */
#define RECORD_S 120
/* Somebody on the stage had no processor for so long: the point is tried again. */
#define STARVED_NS (150 * ZI_MS)
#define TRIES 20
/* And the cycle is recorded so often for a way that comes twice; each takes seconds. */
#define RECORDINGS 5

enum action { KILL, STOP };

struct settings {
	struct pool_options pool;
	const struct step_scenario *scenario;
	enum action action;
	uint32_t stride, inside, first, jobs;
	uint64_t from, to;
	bool list;
};

/* One point of the path. */
struct point {
	uint32_t k;
	bool asleep; /* in the sleep of the system call there, not before it */
};

/* What the jobs share. */
struct results {
	_Atomic uint32_t next; /* point to be tried */
	_Atomic uint32_t tried, bad;
	_Atomic uint32_t moved;    /* points where the victim stood near by: it did not come there again */
	_Atomic uint32_t repeated; /* tries that were made again since somebody had been starved */
	struct step_machine machine;
	struct step_most most;
};

struct run {
	struct settings settings;
	struct step_path path;
	struct point *points;
	uint32_t n_points;
	struct results *results;
	struct step_stage *stage;
	struct step_victim victim;
	bool there;      /* at the point, not merely near by */
	bool starved;    /* somebody on the stage was, in this try */
	int sleep_after; /* the mark before a point that is in a sleep; -1 */
};

static void at_mark(void *director, int mark)
{
	struct run *run = director;
	/* For a point in a sleep, nobody wakes the victim from it. */
	run->stage->linger = run->sleep_after == mark;
	run->stage->mark = mark;
	run->settings.scenario->at_mark(run->stage, mark);
}

/* Everybody on the stage, the victim stopped before its first mark. */
static bool begin(struct run *run)
{
	const struct settings *settings = &run->settings;
	struct step_stage like = { .mailbox = settings->pool.mailbox, .cond = settings->pool.cond };
	struct step_stage *stage = run->stage;

	step_watchdog(run->path.n ? POINT_S : RECORD_S);
	step_stage_reset(stage, &like);
	stage->max_seats = settings->scenario->max_seats;
	/* A recording is slow: nobody shall come back from a call meanwhile, who would not when it is fast. */
	stage->patience_ms = settings->scenario->patience_ms[run->path.n ? settings->action : KILL];
	run->victim = (struct step_victim){ .at_mark = at_mark, .director = run };
	if (!settings->scenario->open(stage))
		return false;
	step_begin(&run->victim, settings->scenario->cycle, stage);
	atomic_store(&stage->victim, run->victim.pid);
	return !run->victim.over;
}

/* Whoever is still there goes. */
static void sweep(struct run *run)
{
	step_kill(&run->victim);
	child_kill(&run->stage->capture);
	for (int i = 0; i < STEP_WATCHERS; i++)
		child_kill(&run->stage->watch[i].pid);
	step_clean(run->stage);
	alarm(0);
}

static bool resume_victim(struct run *run)
{
	run->sleep_after = -1;
	int status = step_finish(&run->victim);
	return status == 0 || step_fault(run->stage, "the victim went on and ended with status 0x%x", (unsigned)status);
}

/* Bring the victim there; if the way was another one this time, again, the second time by single steps. */
static bool reach(struct run *run, const struct point *point)
{
	run->sleep_after = point->asleep ? run->path.places[point->k].mark : -1;
	run->there = false;
	for (int i = 0; i < TRIES && !run->there; i++) {
		if (i > 0)
			sweep(run);
		if (!begin(run))
			return false;
		run->there = step_reach(&run->victim, &run->path, point->k, point->asleep, i == 1);
	}
	return !run->victim.over || step_fault(run->stage, "the victim ended by itself");
}

static bool try_point(struct run *run, const struct point *point, struct step_most *most)
{
	struct step_stage *stage = run->stage;
	const struct step_scenario *scenario = run->settings.scenario;

	run->starved = false;
	if (!reach(run, point))
		return false;
	stage->strict = false;
	bool kills = run->settings.action == KILL, good;
	if (kills) {
		step_kill(&run->victim);
		good = scenario->killed(stage, most, point->k);
	} else {
		good = scenario->stopped(stage, most, point->k);
	}
	/* Asked while they are still there. */
	run->starved = step_starved(stage) > STARVED_NS;
	return good && (kills || resume_victim(run)) && scenario->close(stage, most);
}

static void describe(const struct run *run, const struct point *point)
{
	char where[400];
	const struct step_place *place = &run->path.places[point->k];
	step_name(place->rip, where, sizeof(where));
	printf("k=%u%s mark=%d %s %s", point->k, point->asleep ? " asleep" : "", place->mark,
		place->inside ? "inside" : "outside", where);
}

/* By a child: the naming allocates memory, and the victims to come shall find the heap as it was. */
static void report(const struct run *run, const struct point *point)
{
	pid_t pid = fork();
	if (pid == 0) {
		printf("bad: ");
		describe(run, point);
		printf("%s: %s\n", run->there ? "" : " (near by)", run->stage->fault);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/* What took long because of the machine is no figure of ours. */
static void merge(struct step_most *into, const struct step_most *most)
{
	step_most(&into->publish_ns, most->publish_ns);
	step_most(&into->back_ns, most->back_ns);
	step_most(&into->learn_ns, most->learn_ns);
	step_most(&into->follow_ns, most->follow_ns);
	step_most(&into->late_ns, most->late_ns);
}

/* True when the machine has kept somebody on the stage from running since then. */
static bool was_starved(struct run *run, int64_t begin_ns, bool good)
{
	if (run->starved || step_starved(run->stage) > STARVED_NS)
		return true;
	if (good)
		return atomic_load(&run->results->machine.stalled_ns) > begin_ns;
	return step_stood_still(&run->results->machine, begin_ns);
}

static void do_point(struct run *run, const struct point *point)
{
	struct results *results = run->results;
	bool good = false, again = true;
	for (int i = 0; i < TRIES && !good && again; i++) {
		struct step_most most = { 0 };
		int64_t begin_ns = zoe_now_ns();
		good = try_point(run, point, &most) && !atomic_load(&run->stage->faulty);
		bool starved = was_starved(run, begin_ns, good);
		again = !good && starved;
		sweep(run);
		if (again)
			atomic_fetch_add(&results->repeated, 1);
		if (good && !starved)
			merge(&results->most, &most);
	}
	atomic_fetch_add(&results->tried, 1);
	atomic_fetch_add(&results->moved, !run->there);
	if (good)
		return;
	atomic_fetch_add(&results->bad, 1);
	report(run, point);
}

static void job(struct run *run)
{
	step_own_shared_memory();
	run->stage = step_pages(sizeof(*run->stage));
	for (uint32_t i; (i = atomic_fetch_add(&run->results->next, 1)) < run->n_points;)
		do_point(run, &run->points[i]);
	exit(0);
}

static bool record_once(struct run *run)
{
	run->path.n = 0;
	run->starved = false;
	run->sleep_after = -1;
	bool good = begin(run) && step_record(&run->victim, &run->path) && !atomic_load(&run->stage->faulty);
	run->stage->strict = false;
	good = good && run->settings.scenario->close(run->stage, &run->results->most);
	run->starved = step_starved(run->stage) > STARVED_NS;
	if (!good)
		printf("%s: undisturbed: status 0x%x after %u instructions, mark %d: %s\n",
			run->starved ? "again" : "bad", (unsigned)run->victim.status, run->path.n, run->victim.mark,
			run->stage->fault);
	sweep(run);
	return good;
}

/* Once, or as often as the machine makes it necessary. */
static bool record_well(struct run *run)
{
	bool good = false;
	run->starved = true;
	for (int i = 0; i < TRIES && !good && run->starved; i++)
		good = record_once(run);
	return good;
}

static bool same(const struct step_path *a, const struct step_path *b)
{
	bool all = a->n == b->n;
	for (uint32_t k = 0; k < a->n && all; k++)
		all = a->places[k].rip == b->places[k].rip;
	return all;
}

/*
 * Until the way is the same twice, or several times: a number that chance gave one digit less, or a watcher
 * that was just then awake, takes the victim another way.
 */
static bool record(struct run *run)
{
	bool good = record_well(run), agreed = false;
	for (int i = 1; i < RECORDINGS && good && !agreed; i++) {
		struct step_path before = run->path;
		good = record_well(run);
		agreed = good && same(&before, &run->path);
		step_forget(&before);
	}
	return good;
}

/* True for a place that is to be tried. */
static bool chosen(const struct settings *settings, const struct step_place *place, uint32_t k)
{
	if (settings->inside && place->inside && k % (place->again ? settings->inside : settings->first) == 0)
		return true;
	return k % settings->stride == 0;
}

static void choose_points(struct run *run)
{
	const struct settings *settings = &run->settings;
	const struct step_path *path = &run->path;
	run->points = step_pages(2 * ((size_t)path->n + 1) * sizeof(run->points[0]));
	for (uint32_t k = 0; k < path->n; k++) {
		const struct step_place *place = &path->places[k];
		if (k < settings->from || k > settings->to)
			continue;
		if (chosen(settings, place, k))
			run->points[run->n_points++] = (struct point){ k, false };
		if (place->sleeps)
			run->points[run->n_points++] = (struct point){ k, true };
	}
}

/* Several points at once: most of a point's time is waiting. */
static bool try_all(struct run *run)
{
	uint32_t started = 0;
	bool good = true;
	fflush(NULL);
	step_start_metronomes(&run->results->machine, STARVED_NS);
	pid_t *jobs = step_pages(run->settings.jobs * sizeof(*jobs));
	while (started < run->settings.jobs && started < run->n_points) {
		/* The pages are shared: only we write there. */
		pid_t pid = child_fork();
		if (pid == 0)
			job(run);
		if (pid < 0)
			break;
		jobs[started++] = pid;
	}
	for (uint32_t i = 0; i < started; i++) {
		int status;
		good = waitpid(jobs[i], &status, 0) == jobs[i] && status == 0 && good;
	}
	step_stop_metronomes(&run->results->machine);
	if (!good || run->results->tried != run->n_points)
		printf("bad: %u of %u points were tried\n", run->results->tried, run->n_points);
	return good && run->results->tried == run->n_points;
}

static void summary(const struct run *run)
{
	static const char *const actions[] = { "kill", "stop" };
	const struct results *results = run->results;
	const struct step_most *most = &results->most;
	printf("victim=%s action=%s mailbox=%s cond=%s instructions=%u inside=%u\n", run->settings.scenario->name,
		actions[run->settings.action], mailbox_name(&run->settings.pool), cond_name(&run->settings.pool),
		run->path.n, run->path.n_inside);
	printf("longest: publish=%.3fms seat_back=%.1fms learned=%.1fms followed=%.1fms late=%.1fms\n",
		(double)most->publish_ns / 1e6, (double)most->back_ns / 1e6, (double)most->learn_ns / 1e6,
		(double)most->follow_ns / 1e6, (double)most->late_ns / 1e6);
	printf("moved=%u repeated=%u machine_stood_still=%.1fms\n", results->moved, results->repeated,
		(double)results->machine.longest_ns / 1e6);
	printf("points=%u bad=%u\n", results->tried, results->bad);
}

static int parse_victim(const char *value, void *into, const char **why)
{
	*why = "reader or writer";
	const struct step_scenario *const scenarios[] = { &step_reader_scenario, &step_writer_scenario };
	for (int i = 0; i < 2; i++) {
		if (strcmp(value, scenarios[i]->name))
			continue;
		*(const struct step_scenario **)into = scenarios[i];
		return 0;
	}
	return -1;
}

static int parse_action(const char *value, void *into, const char **why)
{
	*why = "kill or stop";
	*(enum action *)into = strcmp(value, "stop") ? KILL : STOP;
	return strcmp(value, "kill") && strcmp(value, "stop") ? -1 : 0;
}

#define AT(field) offsetof(struct settings, field)
static const struct zi_option options[] = {
	{ 0, "victim", "WHO", parse_victim, AT(scenario), "reader or writer (reader)" },
	{ 0, "action", "WHAT", parse_action, AT(action), "kill or stop (kill)" },
	POOL_OPTIONS(AT(pool)),
	{ 0, "stride", "N", zi_option_u32, AT(stride), "only every Nth instruction (1)" },
	{ 0, "inside", "N", zi_option_u32, AT(inside), "and every Nth inside libzoetrope" },
	{ 0, "first", "N", zi_option_u32, AT(first),
		"there, every Nth of those that it comes to for the first time (1)" },
	{ 0, "from", "K", zi_option_count, AT(from), "from this instruction" },
	{ 0, "to", "K", zi_option_count, AT(to), "to this one" },
	{ 0, "jobs", "N", zi_option_u32, AT(jobs), "so many points at once (8 for each processor)" },
	{ 0, "list", NULL, zi_option_flag, AT(list), "say where each point is, and try none" },
};

static const struct zi_command command = {
	.name = "every-instruction",
	.usage = "[options]",
	.summary =
		"Kill or stop a reader or a writer after each single instruction of its cycle, and see that "
		"nobody else is the worse for it.",
	.epilogue = "The last line is \"points=N bad=N\"; the exit status is 1 if any point is bad.\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
};

static void list(const struct run *run)
{
	for (uint32_t i = 0; i < run->n_points; i++) {
		describe(run, &run->points[i]);
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	static struct run run = {
		.settings = { .scenario = &step_reader_scenario, .stride = 1, .first = 1, .to = UINT64_MAX },
	};
	size_t n_operands;
	const char *why;

	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &run.settings, NULL, &n_operands);
	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	if (!step_possible(&why)) {
		printf("SKIPPED: ptrace: %s\n", why);
		return 77;
	}
	if (!run.settings.jobs)
		run.settings.jobs = 8 * (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	static char buffer[BUFSIZ];
	setvbuf(stdout, buffer, _IOLBF, sizeof(buffer));
	step_be_root();
	step_own_shared_memory();
	run.stage = step_pages(sizeof(*run.stage));
	run.results = step_pages(sizeof(*run.results));
	if (!record(&run))
		return 1;
	choose_points(&run);
	if (run.settings.list) {
		list(&run);
		return 0;
	}
	bool complete = try_all(&run);
	summary(&run);
	return !complete || run.results->bad > 0;
}
#endif
