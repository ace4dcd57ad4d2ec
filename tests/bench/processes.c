/* SPDX-License-Identifier: BSD-2-Clause */
#include "processes.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "support/child.h"

#define BYTES (PROCESSES_MAX * sizeof(struct processes_member))
#define LOOK_NS INT64_C(1000000)

int processes_init(struct processes *processes)
{
	*processes = (struct processes){ 0 };
	processes->members = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (processes->members != MAP_FAILED)
		return 0;
	processes->members = NULL;
	return -ENOMEM;
}

void processes_finish(struct processes *processes)
{
	for (uint32_t i = 0; i < processes->n; i++)
		processes_kill(processes, i);
	if (processes->members)
		munmap(processes->members, BYTES);
	*processes = (struct processes){ 0 };
}

/* Ctrl-C reaches the whole process group: here it ends the process, as if nobody caught it. */
static _Noreturn void live(struct processes_member *me, processes_body *body, void *argument)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	int status = body(me, argument);
	fflush(stderr);
	_exit(status);
}

int processes_fork(struct processes *processes, processes_body *body, void *argument)
{
	if (processes->n == PROCESSES_MAX)
		return -EAGAIN;
	fflush(NULL);
	pid_t pid = child_fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		live(&processes->members[processes->n], body, argument);
	processes->pids[processes->n] = pid;
	return (int)processes->n++;
}

void processes_kill(struct processes *processes, uint32_t index)
{
	if (!processes->pids[index])
		return;
	kill(processes->pids[index], SIGKILL);
	while (waitpid(processes->pids[index], NULL, 0) < 0 && errno == EINTR)
		;
	processes->pids[index] = 0;
}

/* What became of it: 0 nothing, 1 it is stopped (asked with WUNTRACED), 2 it ended well (or long ago), -ECHILD badly. */
static int look(struct processes *processes, uint32_t index, int stops)
{
	int status;
	if (!processes->pids[index])
		return 2;
	if (waitpid(processes->pids[index], &status, WNOHANG | stops) <= 0)
		return 0;
	if (WIFSTOPPED(status))
		return 1;
	processes->pids[index] = 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 2 : -ECHILD;
}

/* 0 to look again, or why not. */
static int pause_until(int64_t deadline_ns)
{
	if (bench_stopped())
		return -EINTR;
	if (zoe_now_ns() >= deadline_ns)
		return -ETIMEDOUT;
	bench_sleep_until(zoe_now_ns() + LOOK_NS);
	return 0;
}

int processes_await_ready(struct processes *processes, uint32_t n, int64_t deadline_ns)
{
	for (int error = 0; !error; error = pause_until(deadline_ns)) {
		uint32_t n_ready = 0;
		for (uint32_t i = 0; i < processes->n; i++) {
			n_ready += atomic_load(&processes->members[i].ready);
			if (look(processes, i, 0) < 0)
				return -ECHILD;
		}
		if (n_ready >= n)
			return 0;
	}
	return bench_stopped() ? -EINTR : -ETIMEDOUT;
}

int processes_await_stop(struct processes *processes, uint32_t index, int64_t deadline_ns)
{
	for (int error = 0; !error; error = pause_until(deadline_ns)) {
		int seen = look(processes, index, WUNTRACED);
		if (seen)
			return seen == 1 ? 0 : -ECHILD;
	}
	return bench_stopped() ? -EINTR : -ETIMEDOUT;
}

static int wait_one(struct processes *processes, uint32_t index, int64_t deadline_ns)
{
	for (int error = 0; !error; error = pause_until(deadline_ns)) {
		int seen = look(processes, index, 0);
		if (seen == 2 || seen < 0)
			return seen < 0 ? seen : 0;
	}
	return bench_stopped() ? -EINTR : -ETIMEDOUT;
}

int processes_wait(struct processes *processes, uint32_t index, int64_t deadline_ns)
{
	if (index != PROCESSES_ALL)
		return wait_one(processes, index, deadline_ns);
	for (uint32_t i = 0; i < processes->n; i++) {
		int error = wait_one(processes, i, deadline_ns);
		if (error)
			return error;
	}
	return 0;
}

void processes_ready(struct processes_member *me)
{
	atomic_store(&me->ready, 1);
}

void processes_count(struct processes_member *me, int64_t sent_ns, int64_t now_ns)
{
	zoe_histogram_add(&me->latency, now_ns - sent_ns);
	if (me->received++)
		return;
	me->wall_begin_ns = zoe_now_ns();
	me->cpu_begin_ns = bench_cpu_ns();
}

void processes_conclude(struct processes_member *me)
{
	if (!me->received)
		return;
	me->cpu_ns = bench_cpu_ns() - me->cpu_begin_ns;
	me->wall_ns = zoe_now_ns() - me->wall_begin_ns;
}
