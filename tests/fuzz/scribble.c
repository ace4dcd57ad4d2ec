/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bytes over everything that a reader can write, while the pool runs: a writer at
 * a thousand frames a second, a healthy reader that looks at every byte it is given, and one
 * scribbler after the other, each of which takes a seat, writes over it and the doorbell page (which
 * is all that libzoetrope maps writable), goes on as a reader for half of the time, and dies.
 * Nobody else is hurt: each frame comes whole and in order, the writer never wants for a
 * slot, and what the dead had is there for the next.
 *
 * With the atomic mailbox that is all of the seat. With the mutex mailbox it is all but the
 * mutex itself, whose pointers harm whoever has it locked while they change (see mutex_bytes).
 *
 * With --over all they map the whole of the seats object on purpose, as no reader does, and
 * write over header and everybody's seats. Then the healthy reader may lose its seat, its
 * frames and what is reserved of them; but it lives, and the writer goes on as before.
 */
#include "scribble.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/system/clock.h"
#include "program/option.h"
#include "support/child.h"
#include "support/name.h"
#include "support/wait.h"

/* So many seats that do not come back are enough. */
#define MOST_LOST 3

/* A scribbler writes so many bytes at most. */
#define MOST_LIFE 1000000

/* Nothing takes longer, on however busy a machine: what hangs, hangs for good. */
#define BOUND_NS (10 * ZI_S)

static pid_t start(int (*run)(void))
{
	pid_t pid = child_fork();
	if (pid == 0)
		_exit(run());
	return pid;
}

static void show_end(const char *who, int status, unsigned *failures)
{
	if (status == 0)
		return;
	fprintf(stderr, "FAIL: %s: %s %d\n", who, WIFSIGNALED(status) ? "signal" : "exit",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	++*failures;
}

static void expect(bool holds, const char *what, unsigned *failures)
{
	if (holds)
		return;
	fprintf(stderr, "FAIL: %s\n", what);
	++*failures;
}

/* One scribbler after the other. A scribbler that its own bytes kill, or stop, is none of our business. */
static unsigned run_scribblers(unsigned *lost)
{
	unsigned lives = 0;
	while (atomic_load(&shared->scribbled) < settings.bytes && *lost < MOST_LOST) {
		int status = 0;
		life_bytes = 1 + roll() % (settings.bytes / 20 < MOST_LIFE ? settings.bytes / 20 + 1 : MOST_LIFE);
		/* A new pool, if the last one's header was written over: nobody would look any further in that. */
		int64_t deadline_ns = zoe_deadline_in_ms(10000);
		while (settings.all && find_targets())
			if (!wait_a_little(deadline_ns)) {
				fprintf(stderr, "the writer does not go on in a new pool\n");
				*lost = MOST_LOST;
				return lives;
			}
		pid_t pid = start(scribble_a_life);
		for (int64_t end = zoe_now_ns() + 30 * ZI_S; waitpid(pid, &status, WNOHANG) == 0; usleep(1000))
			if (zoe_now_ns() > end)
				kill(pid, SIGKILL);
		/* The next one rolls other numbers. */
		roll();
		lives++;
		*lost += WIFEXITED(status) && WEXITSTATUS(status) == SEAT_LOST;
	}
	return lives;
}

/* What holds whatever anybody writes over the seats. */
static unsigned judge_writer(void)
{
	unsigned failures = 0;
	expect(atomic_load(&shared->no_slot) == 0, "the writer found no slot", &failures);
	expect(atomic_load(&shared->failed) == 0, "the writer could not publish", &failures);
	expect(atomic_load(&shared->longest_publish_ns) < BOUND_NS, "a publish took ten seconds", &failures);
	return failures;
}

/* What holds for others, when everybody writes over what is his. */
static unsigned judge_others(unsigned lost)
{
	unsigned failures = 0;
	expect(atomic_load(&shared->received) > 0, "the healthy reader got nothing", &failures);
	expect(atomic_load(&shared->torn) == 0, "a torn frame", &failures);
	expect(atomic_load(&shared->disorder) == 0, "a frame out of order", &failures);
	expect(atomic_load(&shared->errors) == 0, "the healthy reader got an error", &failures);
	expect(atomic_load(&shared->results) > 0, "no result of the healthy reader was found", &failures);
	expect(atomic_load(&shared->bad_results) == 0, "a result that nobody posted", &failures);
	expect(lost == 0, "a dead scribbler's seat did not come back", &failures);
	expect(atomic_load(&shared->n_readers) == 1, "a dead scribbler still has a seat", &failures);
	expect(atomic_load(&shared->n_held) <= HOLD + DEPTH, "a dead scribbler still has slots", &failures);
	expect(atomic_load(&shared->longest_gap_ns) < BOUND_NS, "the healthy reader waited ten seconds", &failures);
	return failures;
}

static void report(unsigned lives, unsigned lost, unsigned failures)
{
	printf("mailbox=%s over=%s bytes=%lu lives=%u published=%lu received=%lu torn=%lu disorder=%lu errors=%lu "
	       "results=%lu bad_results=%lu "
	       "attached=%lu destroyed=%lu no_slot=%lu lost_seats=%u longest_publish_us=%lu longest_gap_ms=%lu failures=%u\n",
		settings.mailbox == ZOE_MAILBOX_ATOMIC ? "atomic" : "mutex", settings.all ? "all" : "own",
		atomic_load(&shared->scribbled), lives, atomic_load(&shared->published), atomic_load(&shared->received),
		atomic_load(&shared->torn), atomic_load(&shared->disorder), atomic_load(&shared->errors),
		atomic_load(&shared->results), atomic_load(&shared->bad_results), atomic_load(&shared->attached),
		atomic_load(&shared->destroyed), atomic_load(&shared->no_slot), lost,
		atomic_load(&shared->longest_publish_ns) / 1000, atomic_load(&shared->longest_gap_ns) / 1000000,
		failures);
}

static unsigned run(void)
{
	unsigned failures = 0, lost = 0;
	int writer_status, healthy_status;

	pid_t writer = start(write_frames);
	pid_t healthy = start(read_frames);
	int64_t deadline_ns = zoe_deadline_in_ms(10000);
	while (atomic_load(&shared->received) == 0 && wait_a_little(deadline_ns))
		continue;
	unsigned lives = run_scribblers(&lost);
	expect(!settings.all || atomic_load(&shared->destroyed) > 0, "no header was written over", &failures);
	/* What the last one had comes back, if nothing else was touched. */
	deadline_ns = zoe_deadline_in_ms(10000);
	while (!settings.all && atomic_load(&shared->n_readers) != 1 && wait_a_little(deadline_ns))
		continue;
	usleep(20000);
	failures += judge_writer() + (settings.all ? lost : judge_others(lost));
	atomic_store(&shared->over, true);
	waitpid(healthy, &healthy_status, 0);
	waitpid(writer, &writer_status, 0);
	show_end("the writer", writer_status, &failures);
	show_end("the healthy reader", healthy_status, &failures);
	report(lives, lost, failures);
	return failures;
}

static int parse_over(const char *value, void *into, const char **why)
{
	*why = "own or all";
	*(bool *)into = strcmp(value, "all") == 0;
	return strcmp(value, "all") && strcmp(value, "own") ? -1 : 0;
}

static const struct zi_option options[] = {
	{ 0, "mailbox", "KIND", zi_option_mailbox, offsetof(struct settings, mailbox), "mutex or atomic" },
	{ 0, "over", "WHAT", parse_over, offsetof(struct settings, all), "own (their own seat) or all" },
	{ 0, "bytes", "N", zi_option_bytes, offsetof(struct settings, bytes), "how many to write (10000000)" },
	{ 0, "seed", "N", zi_option_count, offsetof(struct settings, seed), "of the random numbers (the time)" },
};

static const struct zi_command command = {
	.name = "scribble",
	.usage = "[options]",
	.summary = "Write random bytes over what readers can write to, while the pool runs.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
};

int main(int argc, char **argv)
{
	size_t n_operands;
	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &settings, NULL, &n_operands);
	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	if (!settings.seed)
		settings.seed = (uint64_t)zoe_now_ns();
	begin_to_roll(settings.seed);
	own_pool_name(pool_name, "scribble");
	printf("seed=%llu\n", (unsigned long long)settings.seed);
	return run() ? 1 : 0;
}
