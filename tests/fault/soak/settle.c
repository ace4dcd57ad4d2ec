/* SPDX-License-Identifier: BSD-2-Clause */
/* What must hold after an event: everybody gets frames, nothing is left of the dead, nothing leaks. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>

#include "processes.h"
#include "support/name.h"

/* What a process may grow by between two moments of calm. */
#define GROWTH_KIB 2048

static bool runs(const struct soak_member *member)
{
	return member->pid > 0;
}

/* One who runs and has had no frame since the event, or NULL. */
static const struct soak_member *find_starving(const struct soak *soak)
{
	if (!runs(&soak->writer))
		return NULL;
	if (atomic_load(&soak->writer.words->frames) == soak->writer.frames_before)
		return &soak->writer;
	for (uint32_t i = 0; i < soak->plan.n_readers; i++) {
		const struct soak_member *member = &soak->reader[i];
		if (runs(member) && atomic_load(&member->words->frames) == member->frames_before)
			return member;
	}
	return NULL;
}

static uint32_t list_living(const struct soak *soak, pid_t living[SOAK_MAX_READERS])
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < soak->plan.n_readers; i++)
		if (soak->reader[i].pid > 0)
			living[n++] = soak->reader[i].pid;
	return n;
}

/* What is wrong with seats and objects while a writer runs; NULL: nothing. */
static const char *find_leak(const struct soak *soak, bool all_seated, char text[128])
{
	pid_t living[SOAK_MAX_READERS];
	uint32_t n_living = list_living(soak, living);
	struct soak_seats seats;
	uint32_t n_objects = count_pool_objects(soak->plan.name);

	if (!runs(&soak->writer))
		return NULL;
	if (!soak_look_at_seats(soak->plan.name, living, n_living, &seats))
		return "there is no pool";
	snprintf(text, 128, "%u objects, %u seats of %u readers: %u of strangers, %u twice, %u free with grants",
		n_objects, seats.n_taken, n_living, seats.n_strangers, seats.n_doubles, seats.n_pinned);
	if (n_objects != 2 || seats.n_strangers || seats.n_doubles || seats.n_pinned)
		return text;
	return all_seated && seats.n_taken != n_living ? text : NULL;
}

static void reap_orphans(struct soak *soak)
{
	/* Members are waited for by pid; whoever else is dead is a child that one of them left. */
	for (;;) {
		siginfo_t info = { 0 };
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid == 0)
			return;
		bool is_member = info.si_pid == soak->writer.pid || info.si_pid == soak->rival.pid;
		for (uint32_t i = 0; i < soak->plan.n_readers; i++)
			is_member |= info.si_pid == soak->reader[i].pid;
		if (is_member) {
			soak_complain(soak, &soak->errors, "process %d died by itself: status %d", (int)info.si_pid,
				info.si_status);
			return;
		}
		waitpid(info.si_pid, NULL, 0);
	}
}

/* Wait until frames flow and nothing is left over; complain if that does not come. */
static void wait_until_well(struct soak *soak, bool all_seated)
{
	char text[128];
	const struct soak_member *starving = NULL;
	const char *leak = NULL;

	int64_t waited_ns = 0;
	while (waited_ns < SOAK_PATIENCE_NS) {
		starving = find_starving(soak);
		leak = find_leak(soak, all_seated, text);
		if (!starving && !leak)
			return;
		int64_t took_ns = soak_watch(soak);
		if (!soak->writer.is_starved && !(starving && starving->is_starved))
			waited_ns += took_ns;
		if (waited_ns > soak->longest_wait_ns)
			soak->longest_wait_ns = waited_ns;
	}
	if (starving)
		soak_complain(soak, &soak->hangs, "%s has had no frame since (call %u, threads: %s; the writer's: %s)",
			starving->title, starving->words->call, starving->threads.state, soak->writer.threads.state);
	if (leak)
		soak_complain(soak, &soak->leaks, "%s", leak);
}

/* From here on frames count: what was in a mailbox at the event proves nothing. */
static void note_frames(struct soak *soak)
{
	soak->writer.frames_before = atomic_load(&soak->writer.words->frames);
	for (uint32_t i = 0; i < soak->plan.n_readers; i++)
		soak->reader[i].frames_before = atomic_load(&soak->reader[i].words->frames);
}

void soak_settle(struct soak *soak)
{
	note_frames(soak);
	wait_until_well(soak, false);
	atomic_fetch_add(&soak->shared->settled, 1);
	reap_orphans(soak);
}

/* A reader whose descriptors were closed misses none while frames come: its mappings keep the locks. */
static bool has_one_pool(const struct soak_process *now, uint32_t maps)
{
	return now->n_pool_fds <= 2 && now->n_maps == maps;
}

/* The mappings of one pool, however many it has seen; and no more of the rest than before. */
static void compare(struct soak *soak, struct soak_member *member, uint32_t maps)
{
	struct soak_process now;

	for (int64_t waited_ns = 0; waited_ns < SOAK_PATIENCE_NS; waited_ns += soak_watch(soak)) {
		soak_look_at_process(member->pid, &now);
		if (has_one_pool(&now, maps))
			break;
	}
	if (!has_one_pool(&now, maps))
		soak_complain(soak, &soak->leaks,
			"%s has %u descriptors and %u mappings of pools, not at most 2 and %u", member->title,
			now.n_pool_fds, now.n_maps, maps);
	if (!member->has_usual)
		member->usual = now;
	member->has_usual = true;
	/* A closefrom() takes those it had from the director: fewer is no leak. */
	if (now.n_other_fds > member->usual.n_other_fds)
		soak_complain(soak, &soak->leaks, "%s has %u descriptors beside the pool's, and had %u", member->title,
			now.n_other_fds, member->usual.n_other_fds);
	if (now.n_other_fds < member->usual.n_other_fds)
		member->usual.n_other_fds = now.n_other_fds;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	if (now.anonymous_kib > member->usual.anonymous_kib + GROWTH_KIB)
		soak_complain(soak, &soak->leaks, "%s has %llu KiB of memory, and had %llu", member->title,
			(unsigned long long)now.anonymous_kib, (unsigned long long)member->usual.anonymous_kib);
#endif
}

void soak_calm(struct soak *soak)
{
	snprintf(soak->action, sizeof(soak->action), "calm");
	note_frames(soak);
	wait_until_well(soak, true);
	reap_orphans(soak);
	/* A reader maps reel, seats, its own seat and the doorbell page; a writer reel and seats. */
	for (uint32_t i = 0; i < soak->plan.n_readers; i++)
		compare(soak, &soak->reader[i], 4);
	compare(soak, &soak->writer, 2);
}
