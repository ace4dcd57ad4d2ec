/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The soak proves what single steps cannot show: forks, threads that end, descriptors that
 * somebody closes, writers and readers that die and come back, in a random order over a
 * long life. After each event everybody gets frames, every frame is whole and nothing of
 * the dead is left; in between no process has more descriptors, mappings or memory than
 * before. The same seed makes the same events; when exactly they hit is the machine's
 * business. A death or a stop at a chosen instruction is step/every_instruction.c's.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "processes.h"
#include "support/name.h"

/* Events between two moments of calm. */
#define CALM_EVERY 50

struct settings {
	uint64_t seed, events;
	uint32_t readers;
	struct pool_options pool;
};

#define AT(member) offsetof(struct settings, member)

static const struct zi_option options[] = {
	{ 0, "seed", "N", zi_option_count, AT(seed), "The same events as another run (default: by the clock)." },
	{ 0, "events", "N", zi_option_count, AT(events), "So many events (default: 300)." },
	{ 0, "readers", "N", zi_option_u32, AT(readers), "So many readers, 2 to 16 (default: 5)." },
	POOL_OPTIONS(AT(pool)),
};

static const struct zi_command command = {
	.name = "soak",
	.usage = "[options]",
	.summary = "Fork, end, kill and restart readers and writers of a pool at random; see that nothing leaks.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
};

/* A side of 8 to 512, a multiple of 8. */
static uint32_t random_side(struct soak *soak)
{
	return 8 * (1 + soak_random(soak, 64));
}

/* Any reader but the first, which nobody harms. */
static struct soak_member *victim(struct soak *soak, uint32_t *index)
{
	*index = 1 + soak_random(soak, soak->plan.n_readers - 1);
	return &soak->reader[*index];
}

static struct soak_member *any_victim(struct soak *soak)
{
	uint32_t index;

	return victim(soak, &index);
}

/* Let time pass, watching. */
static void pass(struct soak *soak, uint32_t ms)
{
	for (int64_t waited_ns = 0; waited_ns < ms * SOAK_MS;)
		waited_ns += soak_watch(soak);
}

static void kill_reader(struct soak *soak)
{
	uint32_t index;
	struct soak_member *member = victim(soak, &index);

	soak_kill(soak, member);
	pass(soak, soak_random(soak, 4) * 20);
	soak_start_reader(soak, index);
}

static void kill_readers(struct soak *soak)
{
	for (uint32_t i = 1; i < soak->plan.n_readers; i++)
		soak_kill(soak, &soak->reader[i]);
	for (uint32_t i = 1; i < soak->plan.n_readers; i++)
		soak_start_reader(soak, i);
}

static void restart(struct soak *soak)
{
	pass(soak, soak_random(soak, 4) * 40);
	soak_start_writer(soak, &soak->writer, random_side(soak));
}

static void kill_writer(struct soak *soak)
{
	soak_kill(soak, &soak->writer);
	restart(soak);
}

static void kill_both(struct soak *soak)
{
	uint32_t index;
	struct soak_member *member = victim(soak, &index);

	soak_kill(soak, member);
	soak_kill(soak, &soak->writer);
	soak_start_reader(soak, index);
	restart(soak);
}

/* As soon as one of both has a frame out the other need try no longer. */
static void tell_the_loser(struct soak *soak)
{
	if (atomic_load(&soak->writer.words->frames) > 0)
		soak_tell(&soak->rival, SOAK_END, 0);
	else if (atomic_load(&soak->rival.words->frames) > 0)
		soak_tell(&soak->writer, SOAK_END, 0);
}

/* Two writers for one name: one of them gets it. */
static void race_writers(struct soak *soak)
{
	int status = 0;
	uint32_t side = random_side(soak);

	soak_kill(soak, &soak->writer);
	soak_start_writer(soak, &soak->writer, side);
	soak_start_writer(soak, &soak->rival, side);
	for (int64_t waited_ns = 0; waited_ns < 2 * SOAK_PATIENCE_NS; waited_ns += soak_watch(soak)) {
		tell_the_loser(soak);
		if (waitpid(soak->rival.pid, &status, WNOHANG) > 0) {
			soak->rival.pid = 0;
			break;
		}
		if (waitpid(soak->writer.pid, &status, WNOHANG) > 0) {
			/* The rival is the writer from now on, words and all. */
			struct soak_member winner = soak->rival;
			soak->rival = soak->writer;
			soak->writer = winner;
			soak->rival.pid = 0;
			break;
		}
	}
	if (soak->rival.pid > 0) {
		soak_complain(soak, &soak->errors, "two writers have one name");
		soak_kill(soak, &soak->rival);
	} else if (!WIFEXITED(status) || WEXITSTATUS(status) != SOAK_EXIT_BUSY) {
		soak_complain(soak, &soak->errors, "the losing writer ended with status %x", (unsigned)status);
	}
}

static void new_epoch(struct soak *soak)
{
	soak_tell(&soak->writer, SOAK_NEW_EPOCH, random_side(soak));
	soak_await_done(soak, &soak->writer);
}

static void end_writer(struct soak *soak)
{
	soak_tell(&soak->writer, SOAK_END, 0);
	if (soak_await_end(soak, &soak->writer) != 0)
		soak_complain(soak, &soak->errors, "the writer did not end well");
	restart(soak);
}

static void fork_reader(struct soak *soak)
{
	uint32_t index = 1 + soak_random(soak, soak->plan.n_readers - 1);
	struct soak_member *member = &soak->reader[index];

	soak_tell(member, SOAK_FORK, 0);
	soak_await_done(soak, member);
	if (soak_random(soak, 4) == 0)
		return;
	/* The child lives on: it keeps nothing of its parent's. */
	soak_kill(soak, member);
	soak_start_reader(soak, index);
}

static void fork_writer(struct soak *soak)
{
	soak_tell(&soak->writer, SOAK_FORK, 0);
	soak_await_done(soak, &soak->writer);
	if (soak_random(soak, 4))
		kill_writer(soak);
}

static void attach_again(struct soak *soak)
{
	soak_tell(any_victim(soak), SOAK_ATTACH_AGAIN, 0);
}

static void attach_in_thread(struct soak *soak)
{
	soak_tell(any_victim(soak), SOAK_ATTACH_IN_THREAD, 0);
}

static void close_all(struct soak *soak)
{
	soak_tell(any_victim(soak), SOAK_CLOSE_ALL, 0);
}

/* Deaths are the company of what only this program tries, so they weigh less. */
static const struct {
	const char *name;
	void (*run)(struct soak *soak);
	uint32_t weight;
} events[] = {
	{ "kill a reader", kill_reader, 3 },
	{ "kill all readers but one", kill_readers, 1 },
	{ "kill the writer", kill_writer, 2 },
	{ "kill reader and writer", kill_both, 1 },
	{ "race two writers", race_writers, 2 },
	{ "a new epoch", new_epoch, 3 },
	{ "end the writer", end_writer, 1 },
	{ "fork a reader", fork_reader, 4 },
	{ "fork the writer", fork_writer, 3 },
	{ "a reader attaches again", attach_again, 3 },
	{ "a thread attaches and ends", attach_in_thread, 4 },
	{ "a reader closes everything", close_all, 3 },
};

#define N_EVENTS (sizeof(events) / sizeof(events[0]))

static size_t choose(struct soak *soak)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < N_EVENTS; i++)
		sum += events[i].weight;
	uint32_t at = soak_random(soak, sum);
	size_t i = 0;
	for (; at >= events[i].weight; i++)
		at -= events[i].weight;
	return i;
}

static void next_event(struct soak *soak)
{
	size_t chosen = choose(soak);

	soak->event++;
	snprintf(soak->action, sizeof(soak->action), "%s", events[chosen].name);
	events[chosen].run(soak);
	soak_settle(soak);
	if (soak->event % CALM_EVERY == 0)
		soak_calm(soak);
}

static void end_all(struct soak *soak)
{
	snprintf(soak->action, sizeof(soak->action), "the end");
	for (uint32_t i = 0; i < soak->plan.n_readers; i++) {
		soak_tell(&soak->reader[i], SOAK_END, 0);
		if (soak_await_end(soak, &soak->reader[i]) != 0)
			soak_complain(soak, &soak->errors, "reader %u did not end well", i);
	}
	soak_tell(&soak->writer, SOAK_END, 0);
	if (soak_await_end(soak, &soak->writer) != 0)
		soak_complain(soak, &soak->errors, "the writer did not end well");
	uint32_t left = count_pool_objects(soak->plan.name);
	if (left > 0)
		soak_complain(soak, &soak->leaks, "%u objects are left", left);
}

/* Children that are still there may go. */
static void let_children_go(struct soak *soak)
{
	atomic_fetch_add(&soak->shared->settled, UINT32_MAX / 2);
}

static int run(struct soak *soak, uint64_t n)
{
	snprintf(soak->action, sizeof(soak->action), "the beginning");
	soak_start_writer(soak, &soak->writer, random_side(soak));
	for (uint32_t i = 0; i < soak->plan.n_readers; i++)
		soak_start_reader(soak, i);
	soak_calm(soak);
	while (soak->event < n)
		next_event(soak);
	soak_calm(soak);
	end_all(soak);
	let_children_go(soak);
	return soak->torn + soak->hangs + soak->leaks + soak->errors > 0;
}

int main(int argc, char **argv)
{
	struct timespec now;
	char name[ZOE_NAME_BYTES];
	const char *none;
	size_t n_none;
	static struct soak soak;

	clock_gettime(CLOCK_REALTIME, &now);
	struct settings settings = { .seed = (uint64_t)now.tv_nsec, .events = 300, .readers = 5 };
	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &settings, &none, &n_none);
	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	if (settings.readers < 2 || settings.readers > SOAK_MAX_READERS) {
		zi_option_usage_error(&command, "--readers %u: expected 2 to %d", settings.readers, SOAK_MAX_READERS);
		return 2;
	}
	own_pool_name(name, "soak");
	struct soak_plan plan = { .name = name, .n_readers = settings.readers, .pool = settings.pool };
	printf("soak --seed %llu --events %llu --readers %u --mailbox %s --cond %s\n",
		(unsigned long long)settings.seed, (unsigned long long)settings.events, settings.readers,
		mailbox_name(&settings.pool), cond_name(&settings.pool));
	fflush(stdout);
	int64_t begun_ns = zoe_now_ns();
	if (soak_init(&soak, &plan, settings.seed))
		return 1;
	int status = run(&soak, settings.events);
	printf("seconds=%lld longest_publish_us=%lld longest_wait_ms=%lld unexpected=%llu\n",
		(long long)(zoe_now_ns() - begun_ns) / (1000 * SOAK_MS), (long long)soak.longest_publish_ns / 1000,
		(long long)(soak.longest_wait_ns / SOAK_MS), (unsigned long long)soak.errors);
	printf("events=%llu torn=%llu hangs=%llu leaks=%llu\n", (unsigned long long)soak.event,
		(unsigned long long)soak.torn, (unsigned long long)soak.hangs, (unsigned long long)soak.leaks);
	return status;
}
