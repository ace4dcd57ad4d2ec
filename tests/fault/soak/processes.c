/* SPDX-License-Identifier: BSD-2-Clause */
#include "processes.h"
#include "support/child.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WATCH_NS (2 * SOAK_MS)
/* When the machine lets the director sleep longer, the others slept, too: that is nobody's hang. */
#define COUNTED_NS (10 * SOAK_MS)

static const char *const calls[] = { "nothing", "attach", "acquire", "release", "detach", "create", "begin", "publish",
	"end" };

static void init_member(struct soak_member *member, struct soak_words *words, const char *title, uint32_t index)
{
	member->words = words;
	snprintf(member->title, sizeof(member->title), "%s %u", title, index);
}

int soak_init(struct soak *soak, const struct soak_plan *plan, uint64_t seed)
{
	*soak = (struct soak){ .plan = *plan, .random = seed };
	soak->shared = mmap(NULL, sizeof(*soak->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (soak->shared == MAP_FAILED)
		return -errno;
	/* Children that a killed actor leaves behind become ours, to be waited for. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	soak->plan.settled = &soak->shared->settled;
	init_member(&soak->writer, &soak->shared->writer, "writer", 0);
	init_member(&soak->rival, &soak->shared->rival, "writer", 1);
	for (uint32_t i = 0; i < plan->n_readers; i++)
		init_member(&soak->reader[i], &soak->shared->reader[i], "reader", i);
	return 0;
}

uint32_t soak_random(struct soak *soak, uint32_t n)
{
	/* splitmix64 */
	uint64_t z = soak->random += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) % n);
}

void soak_complain(struct soak *soak, uint64_t *counter, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	printf("event %llu (%s): %s\n", (unsigned long long)soak->event, soak->action, text);
	fflush(stdout);
	++*counter;
}

static pid_t begin_process(struct soak_member *member)
{
	memset(member->words, 0, sizeof(*member->words));
	member->pid = child_fork();
	if (member->pid == 0)
		return 0;
	if (member->pid < 0)
		abort();
	member->has_usual = false;
	member->frames_before = 0;
	return member->pid;
}

void soak_start_writer(struct soak *soak, struct soak_member *member, uint32_t side)
{
	if (begin_process(member) == 0)
		soak_writer(&soak->plan, member->words, side);
}

void soak_start_reader(struct soak *soak, uint32_t index)
{
	if (begin_process(&soak->reader[index]) == 0)
		soak_reader(&soak->plan, soak->reader[index].words, index);
}

/* What it counted, before its words are used again. */
static void take_figures(struct soak *soak, struct soak_member *member)
{
	struct soak_words *words = member->words;
	uint64_t n = atomic_exchange(&words->torn, 0);
	int64_t longest_ns = atomic_load(&words->longest_ns);

	if (n > 0)
		soak_complain(soak, &soak->torn, "%s saw %llu torn frames", member->title, (unsigned long long)n);
	n = atomic_exchange(&words->refused, 0);
	if (n > 0)
		soak_complain(soak, &soak->leaks, "%s was refused %llu times what the budget has", member->title,
			(unsigned long long)n);
	n = atomic_exchange(&words->errors, 0);
	if (n > 0)
		soak_complain(soak, &soak->errors, "%s had %llu unexpected answers, the last %d (%s)", member->title,
			(unsigned long long)n, words->last_error, strerror(-(int)words->last_error));
	if (longest_ns > soak->longest_publish_ns)
		soak->longest_publish_ns = longest_ns;
}

void soak_kill(struct soak *soak, struct soak_member *member)
{
	int status;

	kill(member->pid, SIGKILL);
	waitpid(member->pid, &status, 0);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		soak_complain(soak, &soak->errors, "%s had died before it was killed: status %x", member->title,
			(unsigned)status);
	take_figures(soak, member);
	member->pid = 0;
}

static void watch_member(struct soak *soak, struct soak_member *member, int64_t took_ns)
{
	int64_t end_ns = atomic_load(&member->words->must_end_ns);

	if (member->pid <= 0)
		return;
	take_figures(soak, member);
	/* It is not the fault of one that would run and is not let. */
	member->is_starved = soak_look_at_threads(member->pid, &member->threads);
	if (end_ns == 0 || zoe_now_ns() <= end_ns)
		return;
	if (member->overdue_call_ns != end_ns)
		member->overdue_ns = 0;
	else if (!member->is_starved)
		member->overdue_ns += took_ns;
	member->overdue_call_ns = end_ns;
	if (member->overdue_ns <= SOAK_PATIENCE_NS)
		return;
	soak_complain(soak, &soak->hangs, "%s hangs in %s (threads: %s)", member->title, calls[member->words->call],
		member->threads.state);
	member->overdue_ns = 0;
}

int64_t soak_watch(struct soak *soak)
{
	struct timespec pause = { .tv_nsec = WATCH_NS };
	int64_t begun_ns = zoe_now_ns();

	nanosleep(&pause, NULL);
	int64_t took_ns = zoe_now_ns() - begun_ns;
	took_ns = took_ns < COUNTED_NS ? took_ns : COUNTED_NS;
	watch_member(soak, &soak->writer, took_ns);
	watch_member(soak, &soak->rival, took_ns);
	for (uint32_t i = 0; i < soak->plan.n_readers; i++)
		watch_member(soak, &soak->reader[i], took_ns);
	return took_ns;
}

int soak_await_end(struct soak *soak, struct soak_member *member)
{
	int status;

	for (int64_t waited_ns = 0; waited_ns < SOAK_PATIENCE_NS;) {
		if (waitpid(member->pid, &status, WNOHANG) == member->pid) {
			take_figures(soak, member);
			member->pid = 0;
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		}
		waited_ns += soak_watch(soak);
	}
	soak_complain(soak, &soak->hangs, "%s does not end", member->title);
	soak_kill(soak, member);
	return -1;
}

void soak_tell(struct soak_member *member, enum soak_order order, uint32_t argument)
{
	atomic_store(&member->words->argument, argument);
	atomic_store(&member->words->order, order);
}

void soak_await_done(struct soak *soak, struct soak_member *member)
{
	/* Before it looks at its orders it may wait for a frame, or for a pool. */
	for (int64_t waited_ns = 0; waited_ns < SOAK_PATIENCE_NS; waited_ns += soak_watch(soak))
		if (atomic_load(&member->words->order) == SOAK_GO_ON)
			return;
	soak_complain(soak, &soak->hangs, "%s does not come to its orders", member->title);
}
