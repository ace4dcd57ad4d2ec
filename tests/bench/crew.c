/* SPDX-License-Identifier: BSD-2-Clause */
#include "crew.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define BYTES (CREW_MAX * sizeof(struct crew_member))
#define LOOK_NS INT64_C(1000000)

int crew_init(struct crew *crew)
{
	*crew = (struct crew){ 0 };
	crew->members = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (crew->members != MAP_FAILED)
		return 0;
	crew->members = NULL;
	return -ENOMEM;
}

void crew_finish(struct crew *crew)
{
	for (uint32_t i = 0; i < crew->n; i++)
		crew_kill(crew, i);
	if (crew->members)
		munmap(crew->members, BYTES);
	*crew = (struct crew){ 0 };
}

/* Ctrl-C reaches the whole process group: here it ends the process, as if nobody caught it. */
static _Noreturn void live(struct crew_member *me, pid_t parent, crew_body *body, void *argument)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	int status = body(me, argument);
	fflush(stderr);
	_exit(status);
}

int crew_fork(struct crew *crew, crew_body *body, void *argument)
{
	if (crew->n == CREW_MAX)
		return -EAGAIN;
	fflush(NULL);
	pid_t parent = getpid(), pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		live(&crew->members[crew->n], parent, body, argument);
	crew->pids[crew->n] = pid;
	return (int)crew->n++;
}

void crew_kill(struct crew *crew, uint32_t index)
{
	if (!crew->pids[index])
		return;
	kill(crew->pids[index], SIGKILL);
	while (waitpid(crew->pids[index], NULL, 0) < 0 && errno == EINTR)
		;
	crew->pids[index] = 0;
}

/* Has it changed? 0 no, 1 it is stopped (asked with WUNTRACED), 2 it ended well (or long ago), -ECHILD badly. */
static int look(struct crew *crew, uint32_t index, int stops)
{
	int status;
	if (!crew->pids[index])
		return 2;
	if (waitpid(crew->pids[index], &status, WNOHANG | stops) <= 0)
		return 0;
	if (WIFSTOPPED(status))
		return 1;
	crew->pids[index] = 0;
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

int crew_await_ready(struct crew *crew, uint32_t n, int64_t deadline_ns)
{
	for (int error = 0; !error; error = pause_until(deadline_ns)) {
		uint32_t n_ready = 0;
		for (uint32_t i = 0; i < crew->n; i++) {
			n_ready += atomic_load(&crew->members[i].ready);
			if (look(crew, i, 0) < 0)
				return -ECHILD;
		}
		if (n_ready >= n)
			return 0;
	}
	return bench_stopped() ? -EINTR : -ETIMEDOUT;
}

int crew_await_stop(struct crew *crew, uint32_t index, int64_t deadline_ns)
{
	for (int error = 0; !error; error = pause_until(deadline_ns)) {
		int seen = look(crew, index, WUNTRACED);
		if (seen)
			return seen == 1 ? 0 : -ECHILD;
	}
	return bench_stopped() ? -EINTR : -ETIMEDOUT;
}

static int wait_one(struct crew *crew, uint32_t index, int64_t deadline_ns)
{
	for (int error = 0; !error; error = pause_until(deadline_ns)) {
		int seen = look(crew, index, 0);
		if (seen == 2 || seen < 0)
			return seen < 0 ? seen : 0;
	}
	return bench_stopped() ? -EINTR : -ETIMEDOUT;
}

int crew_wait(struct crew *crew, uint32_t index, int64_t deadline_ns)
{
	if (index != CREW_ALL)
		return wait_one(crew, index, deadline_ns);
	for (uint32_t i = 0; i < crew->n; i++) {
		int error = wait_one(crew, i, deadline_ns);
		if (error)
			return error;
	}
	return 0;
}

void crew_ready(struct crew_member *me)
{
	atomic_store(&me->ready, 1);
}

void crew_count(struct crew_member *me, int64_t sent_ns, int64_t now_ns)
{
	zoe_histogram_add(&me->latency, now_ns - sent_ns);
	if (me->received++)
		return;
	me->wall_begin_ns = zoe_now_ns();
	me->cpu_begin_ns = bench_cpu_ns();
}

void crew_conclude(struct crew_member *me)
{
	if (!me->received)
		return;
	me->cpu_ns = bench_cpu_ns() - me->cpu_begin_ns;
	me->wall_ns = zoe_now_ns() - me->wall_begin_ns;
}
