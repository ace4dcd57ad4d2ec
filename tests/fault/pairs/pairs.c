/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pairs of preemptions: a reader is stopped at instruction i of what it does, the writer
 * at instruction j; the reader goes on to its end and keeps what it got; the writer goes
 * on and laps the pool. Or the writer is stopped first, and goes on first.
 *
 * Whatever i and j are: no frame that the reader holds changes, none is torn or comes out
 * of order, the newest reaches it without a further publish (housekeeping does no more
 * than what the doorbell asks for), it does not sleep past a frame, no slot is ever wanting,
 * and what it has returned is granted no more. scenarios.c has what the two do.
 */
#include <stdio.h>

#if !defined(__x86_64__)

int main(void)
{
	puts("SKIPPED: single steps are written for x86_64");
	return 77;
}

#else

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pairs.h"
#include "support/child.h"
#include "support/pool_options.h"
#include "program/option.h"
#include "fault/step/trace.h"

#define HANG_S 20  /* no round takes that long */
#define MAX_BAD 20 /* then it is clear that something is wrong */
/* Within so many instructions of the first one, the other goes the same way: it is recorded once for them. */
#define NEAR 32

struct settings {
	struct pool_options pool;
	uint32_t stride, stride_i, stride_j, libc, jobs;
	const char *scenario;
};

/* The places of a path; those on the grid are tried with those of the other. */
struct place {
	uint32_t k;
	bool on_grid;
};

struct places {
	struct pairs_path path;
	struct place *at;
	uint32_t n;
};

/* One is stopped first, at this place; the other at each of those that it comes by then. */
struct row {
	uint32_t scenario;
	bool writer_first;
	uint32_t i;
};

struct results {
	_Atomic uint32_t next;
	_Atomic uint32_t points, bad, moved;
};

static struct {
	struct settings settings;
	struct places first[PAIRS_SCENARIOS][2]; /* undisturbed: the reader's, the writer's */
	struct places second;                    /* with the first one stopped */
	struct row *rows;
	uint32_t n_rows;
	struct results *results;
	struct pairs_director director;
	struct pairs_point point; /* that is tried just now */
} run = { .settings = { .stride = 1, .libc = 8 } };

static void report(void)
{
	const struct pairs_point *point = &run.point;
	const char *who[] = { point->writer_first ? "writer" : "reader", point->writer_first ? "reader" : "writer" };
	char first[400], second[400] = "on its way";
	atomic_fetch_add(&run.results->bad, 1);
	step_name(point->first->places[point->i].rip, first, sizeof(first));
	if (point->j < point->second->n)
		step_name(point->second->places[point->j].rip, second, sizeof(second));
	printf("bad: %s, %s %u (%s), %s %u (%s): %s\n", point->scenario->name, who[0], point->i, first, who[1],
		point->j, second, run.director.scene.stage.fault);
}

/* Somebody goes round and round, or waits for what turns.c does not know. */
static void hang(int signal)
{
	char text[160];
	(void)signal;
	int n = snprintf(text, sizeof(text), "bad: %s: somebody hangs, i=%u, j=%u\n", run.director.scene.scenario->name,
		run.point.i, run.point.j);
	step_clean(&run.director.scene.stage);
	atomic_fetch_add(&run.results->bad, 1);
	_exit(write(STDOUT_FILENO, text, (size_t)n) == n);
}

/*
 * The grid has every stride-th instruction of libzoetrope; of what is not in libzoetrope
 * (libc, the test itself) one of `libc` counts as much.
 */
static void choose(struct places *places, uint32_t stride)
{
	uint32_t n[2] = { 0 };
	if (!places->at)
		places->at = step_pages(PAIRS_MAX_PLACES * sizeof(places->at[0]));
	places->n = 0;
	for (uint32_t k = 0; k < places->path.n; k++) {
		bool inside = places->path.places[k].inside;
		uint32_t every = inside ? 1 : run.settings.libc, nth = n[inside]++;
		if (nth % every == 0)
			places->at[places->n++] = (struct place){ k, nth % (every * stride) == 0 };
	}
}

static void do_point(void)
{
	alarm(HANG_S);
	atomic_fetch_add(&run.results->points, 1);
	if (!pairs_try(&run.director, &run.point))
		report();
}

/* Reader and writer of a scenario are done with it, and leave nothing. */
static void leave(void)
{
	if (pairs_leave(&run.director))
		return;
	atomic_fetch_add(&run.results->bad, 1);
	printf("bad: at the end of a scenario: %s\n", run.director.scene.stage.fault);
}

/* Records where the other one comes by while the first is at this row's place. */
static bool record_second(const struct row *row)
{
	run.point = (struct pairs_point){
		.scenario = &pairs_scenarios[row->scenario],
		.writer_first = row->writer_first,
		.i = row->i,
		.first = &run.first[row->scenario][row->writer_first].path,
		.second = &run.second.path,
	};
	alarm(HANG_S);
	if (!pairs_record_second(&run.director, &run.point, &run.second.path)) {
		report();
		return false;
	}
	choose(&run.second, row->writer_first ? run.settings.stride_i : run.settings.stride_j);
	return true;
}

/*
 * Where the first one has not begun the other is tried at every place, on the grid or not:
 * that is one of them stopped somewhere and the other run whole.
 */
static void do_row(const struct row *row)
{
	run.point.i = row->i;
	for (uint32_t j = 0; j < run.second.n && atomic_load(&run.results->bad) < MAX_BAD; j++) {
		run.point.j = run.second.at[j].k;
		if (row->i == 0 || run.second.at[j].on_grid)
			do_point();
	}
}

static void do_rows(uint32_t from, uint32_t to)
{
	for (uint32_t r = from; r < to; r++) {
		const struct row *row = &run.rows[r];
		if (run.director.scene.scenario != &pairs_scenarios[row->scenario])
			leave();
		/* The first one of a scenario, or of an order, has i = 0. */
		if ((r == from || row->i == 0) && !record_second(row))
			return;
		do_row(row);
	}
}

static void job(void)
{
	uint32_t i = run.settings.stride_i, j = run.settings.stride_j, stride = i > j ? i : j;
	uint32_t n = stride < NEAR ? NEAR / stride : 1;
	for (uint32_t from; (from = atomic_fetch_add(&run.results->next, n)) < run.n_rows;)
		do_rows(from, from + n < run.n_rows ? from + n : run.n_rows);
	leave();
	atomic_fetch_add(&run.results->moved, run.director.moved);
	exit(0);
}

static bool try_all(void)
{
	uint32_t started = 0;
	bool good = true;
	int status;
	fflush(NULL);
	for (; started < run.settings.jobs; started++)
		if (child_fork() == 0)
			job();
	for (uint32_t i = 0; i < started; i++)
		good = wait(&status) > 0 && status == 0 && good;
	if (!good)
		puts("bad: a job ended early");
	return good;
}

static void add_rows(uint32_t scenario, bool writer_first)
{
	struct places *first = &run.first[scenario][writer_first];
	choose(first, writer_first ? run.settings.stride_j : run.settings.stride_i);
	for (uint32_t i = 0; i < first->n; i++)
		if (first->at[i].on_grid)
			run.rows[run.n_rows++] = (struct row){ scenario, writer_first, first->at[i].k };
}

static bool record(void)
{
	run.rows = step_pages(sizeof(run.rows[0]) * 2 * PAIRS_SCENARIOS * PAIRS_MAX_PLACES);
	for (uint32_t scenario = 0; scenario < PAIRS_SCENARIOS; scenario++) {
		struct pairs_path *reads = &run.first[scenario][0].path, *writes = &run.first[scenario][1].path;
		if (run.settings.scenario && strcmp(run.settings.scenario, pairs_scenarios[scenario].name))
			continue;
		alarm(HANG_S);
		if (!pairs_record(&run.director, &pairs_scenarios[scenario], reads, writes)) {
			printf("bad: undisturbed %s: %s\n", pairs_scenarios[scenario].name,
				run.director.scene.stage.fault);
			return false;
		}
		alarm(0);
		printf("%s: reader %u instructions, %u inside; writer %u, %u\n", pairs_scenarios[scenario].name,
			reads->n, reads->n_inside, writes->n, writes->n_inside);
		add_rows(scenario, false);
		add_rows(scenario, true);
	}
	return run.n_rows > 0;
}

#define AT(field) offsetof(struct settings, field)
static const struct zi_option options[] = {
	POOL_OPTIONS(AT(pool)),
	{ 0, "stride", "N", zi_option_u32, AT(stride), "a grid of every Nth instruction of both (1)," },
	{ 0, "stride-i", "N", zi_option_u32, AT(stride_i), "of the reader," },
	{ 0, "stride-j", "N", zi_option_u32, AT(stride_j), "of the writer" },
	{ 0, "libc", "N", zi_option_u32, AT(libc), "outside libzoetrope only every Nth counts (8)" },
	{ 0, "scenario", "NAME", zi_option_text, AT(scenario), "keep, return, next or look alone (all four)" },
	{ 0, "jobs", "N", zi_option_u32, AT(jobs), "so many pairs at once (one for each processor)" },
};

static const struct zi_command command = {
	.name = "pairs",
	.usage = "[options]",
	.summary = "Stop a reader at each instruction and the writer at each of its own, and let them go on.",
	.epilogue = "The last line is \"points=N bad=N\"; the exit status is 1 if any pair is bad.\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
};

static void fill_in(struct settings *settings)
{
	if (!settings->stride_i)
		settings->stride_i = settings->stride;
	if (!settings->stride_j)
		settings->stride_j = settings->stride;
	if (!settings->jobs)
		settings->jobs = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
}

int main(int argc, char **argv)
{
	struct settings *settings = &run.settings;
	size_t n_operands;

	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, settings, NULL, &n_operands);
	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	if (settings->pool.mailbox == ZOE_MAILBOX_MUTEX && settings->pool.cond == ZOE_COND_PTHREAD) {
		puts("SKIPPED: the libc's condition variable sleeps where no other turn can be taken");
		return 77;
	}
	if (!pairs_prepare()) {
		puts("SKIPPED: code may not be made writable here");
		return 77;
	}
	fill_in(settings);
	signal(SIGALRM, hang);
	setvbuf(stdout, NULL, _IOLBF, 0);
	run.director.mailbox = settings->pool.mailbox;
	run.results = step_pages(sizeof(*run.results));
	bool complete = record() && try_all();
	printf("mailbox=%s moved=%u\n", mailbox_name(&settings->pool), run.results->moved);
	printf("points=%u bad=%u\n", run.results->points, run.results->bad + !complete);
	return !complete || run.results->bad > 0;
}
#endif
