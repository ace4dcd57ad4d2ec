/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any process may die or stop at any instruction: a reader or a writer goes through one
 * whole cycle, and is killed, or stopped for a while, after each single instruction of
 * it, the libc's included. After each the others must be as well as ever (step_reader.c,
 * step_writer.c say what that means).
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
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/clock.h"
#include "pool_options.h"
#include "program/option.h"
#include "step_play.h"

/* A point that takes longer than this hangs. */
#define POINT_S 20
/* The director itself had no processor for so long: what was late then says nothing. */
#define GAP_NS (100 * ZI_MS)
#define TRIES 5

enum action { KILL, STOP };

struct settings {
	struct pool_options pool;
	const struct step_play *play;
	enum action action;
	uint32_t stride, jobs;
	uint64_t from, to;
	bool inside, once, list;
};

/* One point of the path. */
struct point {
	uint32_t k;
	bool asleep;            /* in the sleep of the system call there, not before it */
};

/* What the jobs share. */
struct results {
	_Atomic uint32_t next;          /* point to be tried */
	_Atomic uint32_t tried, bad;
	_Atomic uint32_t moved;         /* points where the victim stood near by: it did not come there again */
	_Atomic uint32_t repeated;      /* tries that were made again since the machine stood still */
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
	int sleep_after;                /* the mark before a point that is in a sleep; -1 */
};

static void at_mark(void *director, int mark)
{
	struct run *run = director;
	/* For a point in a sleep, nobody wakes the victim from it. */
	run->stage->linger = run->sleep_after == mark;
	run->stage->mark = mark;
	run->settings.play->at_mark(run->stage, mark);
}

/* Everybody on the stage, the victim stopped before its first mark. */
static bool begin(struct run *run)
{
	const struct settings *settings = &run->settings;
	struct step_stage like = { .mailbox = settings->pool.mailbox, .cond = settings->pool.cond };
	struct step_stage *stage = run->stage;

	step_watchdog(POINT_S);
	step_stage_reset(stage, &like);
	stage->max_seats = settings->play->max_seats;
	stage->patience_ms = settings->play->patience_ms[settings->action];
	run->victim = (struct step_victim){ .at_mark = at_mark, .director = run };
	if (!settings->play->open(stage))
		return false;
	step_begin(&run->victim, settings->play->cycle, stage);
	atomic_store(&stage->victim, run->victim.pid);
	return !run->victim.over;
}

/* Whoever is still there goes. */
static void sweep(struct run *run)
{
	step_kill(&run->victim);
	step_remove(&run->stage->capture);
	for (int i = 0; i < STEP_WATCHERS; i++)
		step_remove(&run->stage->watch[i].pid);
	step_clean(run->stage);
	alarm(0);
}

static bool resume_victim(struct run *run)
{
	run->sleep_after = -1;
	int status = step_finish(&run->victim);
	return status == 0 || step_fault(run->stage, "the victim went on and ended with status 0x%x", (unsigned)status);
}

/* Bring the victim there; if the way was another one this time, once more by single steps. */
static bool reach(struct run *run, const struct point *point)
{
	run->sleep_after = point->asleep ? run->path.places[point->k].mark : -1;
	if (!begin(run))
		return false;
	if (step_reach(&run->victim, &run->path, point->k, point->asleep, false))
		return true;
	sweep(run);
	if (!begin(run))
		return false;
	if (!step_reach(&run->victim, &run->path, point->k, point->asleep, true))
		atomic_fetch_add(&run->results->moved, 1);
	return !run->victim.over || step_fault(run->stage, "the victim ended by itself");
}

static bool try_point(struct run *run, const struct point *point)
{
	struct step_stage *stage = run->stage;
	const struct step_play *play = run->settings.play;
	struct step_most *most = &run->results->most;

	if (!reach(run, point))
		return false;
	stage->strict = false;
	if (run->settings.action == KILL) {
		step_kill(&run->victim);
		return play->killed(stage, most, point->k) && play->close(stage, most);
	}
	return play->stopped(stage, most, point->k) && resume_victim(run) && play->close(stage, most);
}

static void report(const struct run *run, const struct point *point)
{
	char where[400];
	step_name(run->path.places[point->k].rip, where, sizeof where);
	printf("bad: k=%u%s mark=%d %s: %s\n", point->k, point->asleep ? " asleep" : "",
		run->path.places[point->k].mark, where, run->stage->fault);
	fflush(stdout);
}

static void do_point(struct run *run, const struct point *point)
{
	struct results *results = run->results;
	bool good = false, again = true;
	for (int i = 0; i < TRIES && !good && again; i++) {
		good = try_point(run, point) && !atomic_load(&run->stage->faulty);
		sweep(run);
		again = atomic_load(&run->stage->gap_ns) > GAP_NS;
		if (!good && again)
			atomic_fetch_add(&results->repeated, 1);
	}
	atomic_fetch_add(&results->tried, 1);
	if (good)
		return;
	atomic_fetch_add(&results->bad, 1);
	report(run, point);
}

/* A /dev/shm of one's own, where that is permitted: the writer's look around it is the same each time. */
static void own_shared_memory(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return;
	mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

static void job(struct run *run)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	own_shared_memory();
	run->stage = step_pages(sizeof *run->stage);
	for (uint32_t i; (i = atomic_fetch_add(&run->results->next, 1)) < run->n_points;)
		do_point(run, &run->points[i]);
	exit(0);
}

static bool record(struct run *run)
{
	run->sleep_after = -1;
	bool good = begin(run) && step_record(&run->victim, &run->path) && !atomic_load(&run->stage->faulty);
	run->stage->strict = false;
	good = good && run->settings.play->close(run->stage, &run->results->most);
	if (!good)
		printf("bad: undisturbed: status 0x%x after %u instructions, mark %d: %s\n", (unsigned)run->victim.status,
			run->path.n, run->victim.mark, run->stage->fault);
	sweep(run);
	return good;
}

/* Is this place one to be tried? */
static bool chosen(const struct settings *settings, const struct step_place *place, uint32_t k)
{
	bool first = place->before == k;
	return k % settings->stride == 0 || (settings->inside && place->inside && (first || !settings->once));
}

static void choose_points(struct run *run)
{
	const struct settings *settings = &run->settings;
	const struct step_path *path = &run->path;
	run->points = step_pages(2 * ((size_t)path->n + 1) * sizeof run->points[0]);
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
static bool play_all(struct run *run)
{
	uint32_t started = 0;
	bool good = true;
	int status;
	fflush(NULL);
	while (started < run->settings.jobs && started < run->n_points) {
		pid_t pid = fork();
		if (pid == 0)
			job(run);
		if (pid < 0)
			break;
		started++;
	}
	for (uint32_t i = 0; i < started; i++)
		good = wait(&status) > 0 && status == 0 && good;
	if (!good || run->results->tried != run->n_points)
		printf("bad: %u of %u points were tried\n", run->results->tried, run->n_points);
	return good && run->results->tried == run->n_points;
}

static void summary(const struct run *run)
{
	static const char *const actions[] = { "kill", "stop" };
	const struct results *results = run->results;
	const struct step_most *most = &results->most;
	printf("victim=%s action=%s mailbox=%s cond=%s instructions=%u inside=%u\n", run->settings.play->name,
		actions[run->settings.action], mailbox_name(&run->settings.pool), cond_name(&run->settings.pool),
		run->path.n, run->path.n_inside);
	printf("longest: publish=%.1fms seat_back=%.1fms learned=%.1fms followed=%.1fms late=%.1fms\n",
		(double)most->publish_ns / 1e6, (double)most->back_ns / 1e6, (double)most->learn_ns / 1e6,
		(double)most->follow_ns / 1e6, (double)most->late_ns / 1e6);
	printf("moved=%u repeated=%u\n", results->moved, results->repeated);
	printf("points=%u bad=%u\n", results->tried, results->bad);
}

static int parse_victim(const char *value, void *into, const char **why)
{
	*why = "reader or writer";
	const struct step_play *const plays[] = { &step_reader_play, &step_writer_play };
	for (int i = 0; i < 2; i++) {
		if (strcmp(value, plays[i]->name))
			continue;
		*(const struct step_play **)into = plays[i];
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
	{ 0, "victim", "WHO", parse_victim, AT(play), "reader or writer (reader)" },
	{ 0, "action", "WHAT", parse_action, AT(action), "kill or stop (kill)" },
	POOL_OPTIONS(AT(pool)),
	{ 0, "stride", "N", zi_option_u32, AT(stride), "only every Nth instruction (1)" },
	{ 0, "inside", NULL, zi_option_flag, AT(inside), "and every one inside libzoetrope," },
	{ 0, "once", NULL, zi_option_flag, AT(once), "of those that come again after the same mark the first" },
	{ 0, "from", "K", zi_option_count, AT(from), "from this instruction" },
	{ 0, "to", "K", zi_option_count, AT(to), "to this one" },
	{ 0, "jobs", "N", zi_option_u32, AT(jobs), "so many points at once (8 for each processor)" },
	{ 0, "list", NULL, zi_option_flag, AT(list), "say where each point is, and try none" },
};

static const struct zi_command command = {
	.name = "every-instruction",
	.usage = "[options]",
	.summary = "Kill or stop a reader or a writer after each single instruction of its cycle, and see that "
		"nobody else is the worse for it.",
	.epilogue = "The last line is \"points=N bad=N\"; the exit status is 1 if any point is bad.\n",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
};

static void list(const struct run *run)
{
	char where[400];
	for (uint32_t i = 0; i < run->n_points; i++) {
		const struct step_place *place = &run->path.places[run->points[i].k];
		step_name(place->rip, where, sizeof where);
		printf("%u%s mark=%d %s\n", run->points[i].k, run->points[i].asleep ? " asleep" : "", place->mark, where);
	}
}

int main(int argc, char **argv)
{
	static struct run run = {
		.settings = { .play = &step_reader_play, .stride = 1, .to = UINT64_MAX },
	};
	size_t n_operands;
	const char *why;

	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &run.settings, NULL, &n_operands);
	if (outcome != ZI_OPTION_RUN)
		return outcome == ZI_OPTION_DONE ? 0 : 2;
	if (!step_possible(&why)) {
		printf("SKIPPED: ptrace: %s\n", why);
		return 77;
	}
	if (!run.settings.jobs)
		run.settings.jobs = 8 * (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	static char buffer[BUFSIZ];
	setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
	own_shared_memory();
	run.stage = step_pages(sizeof *run.stage);
	run.results = step_pages(sizeof *run.results);
	if (!record(&run))
		return 1;
	choose_points(&run);
	if (run.settings.list) {
		list(&run);
		return 0;
	}
	bool complete = play_all(&run);
	summary(&run);
	return !complete || run.results->bad > 0;
}
#endif
