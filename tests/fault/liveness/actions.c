/* SPDX-License-Identifier: BSD-2-Clause */
/* What a victim does to itself. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/reader.h>

#include "liveness.h"
#include "support/wait.h"

/* How long a child lives at most, should nobody release it. */
#define CHILD_S 5

static _Noreturn void live_on(void)
{
	for (;;)
		pause();
}

static void be_done(const struct liveness_case *test_case)
{
	atomic_store(&test_case->shared->done, 1);
}

void action_exit(const struct liveness_case *test_case)
{
	be_done(test_case);
	_exit(0);
}

/* Another program in the same process: it lives, what it was does not. */
static void become_another(void)
{
	execl("/bin/sleep", "sleep", "5", (char *)NULL);
	_exit(127);
}

void action_exec(const struct liveness_case *test_case)
{
	be_done(test_case);
	become_another();
}

static void *exec_in_thread(void *unused)
{
	(void)unused;
	become_another();
	return NULL;
}

void action_exec_in_thread(const struct liveness_case *test_case)
{
	pthread_t thread;

	be_done(test_case);
	if (pthread_create(&thread, NULL, exec_in_thread, NULL) == 0)
		live_on();
}

static void *stay(void *unused)
{
	(void)unused;
	live_on();
}

void action_main_thread_exit(const struct liveness_case *test_case)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, stay, NULL))
		abort();
	be_done(test_case);
	pthread_exit(NULL);
}

/* Just live on: what matters was done before, or is done by somebody else. */
void action_nothing(const struct liveness_case *test_case)
{
	be_done(test_case);
	live_on();
}

void action_munmap(const struct liveness_case *test_case)
{
	char line[512];
	unsigned long begin, end;
	FILE *file = fopen("/proc/self/maps", "re");

	/* The writer's housekeeping touches what is no more: the shell's way to die, whatever a sanitizer thinks. */
	signal(SIGSEGV, SIG_DFL);
	be_done(test_case);
	while (file && fgets(line, sizeof(line), file))
		if (strstr(line, "/dev/shm/") && sscanf(line, "%lx-%lx", &begin, &end) == 2)
			munmap((void *)begin, end - begin);
	live_on();
}

/* Takes a new seat, returns the last frame of the old one, and says whether it still has the new one. */
static bool comes_back(const struct liveness_case *test_case)
{
	const struct zoe_frame *frame;

	atomic_store(&test_case->shared->frames, 1);
	if (zoe_reader_acquire(test_case->reader, &frame, zoe_deadline_in_ms(1000)))
		return false;
	zoe_reader_release(test_case->reader, test_case->held);
	zoe_reader_release(test_case->reader, frame);
	int64_t until_ns = zoe_deadline_in_ms(300);
	while (zoe_now_ns() < until_ns) {
		int error = zoe_reader_acquire(test_case->reader, &frame, until_ns);
		if (error && error != -EAGAIN)
			return false;
		zoe_reader_release(test_case->reader, frame);
	}
	return true;
}

/* A library that closes all descriptors which it does not know. */
void action_close(const struct liveness_case *test_case)
{
	const struct zoe_frame *frame;

	close_range(STDERR_FILENO + 1, ~0U, 0);
	be_done(test_case);
	if (test_case->side == READER) {
		/* No frame comes, the writer lives: what the reader is told is about itself. */
		int error = zoe_reader_acquire(test_case->reader, &frame, zoe_deadline_in_ms(500));
		atomic_store(&test_case->shared->said, error ? error : 1);
		atomic_store(&test_case->shared->stayed, comes_back(test_case) ? 1 : 2);
	}
	live_on();
}

void action_fork_child_dies(const struct liveness_case *test_case)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	be_done(test_case);
	live_on();
}

static _Noreturn void survive(const struct liveness_case *test_case)
{
	alarm(CHILD_S);
	wait_for_word(&test_case->shared->release, zoe_deadline_in_ms(CHILD_S * 1000));
	_exit(0);
}

void action_fork_parent_dies(const struct liveness_case *test_case)
{
	if (fork() == 0)
		survive(test_case);
	be_done(test_case);
	_exit(0);
}

/* Past the library's pthread_atfork handlers: the child keeps the descriptors, and so the lock. */
void action_bare_fork_parent_dies(const struct liveness_case *test_case)
{
	if (_Fork() == 0)
		survive(test_case);
	be_done(test_case);
	_exit(0);
}

void action_dump(const struct liveness_case *test_case)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	FILE *filter = fopen("/proc/self/coredump_filter", "we");

	/* Shared memory, too, so that only what the library asked for keeps it out. */
	if (filter) {
		fputs("0xff\n", filter);
		fclose(filter);
	}
	if (setrlimit(RLIMIT_CORE, &unlimited)) {
		atomic_store(&test_case->shared->skipped, (uint32_t)errno);
		live_on();
	}
	signal(SIGABRT, SIG_DFL);
	be_done(test_case);
	abort();
}
