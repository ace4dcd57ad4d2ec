/* SPDX-License-Identifier: BSD-2-Clause */
/* The other processes of a measurement: made by fork, they tell what they saw in shared memory. */
#ifndef BENCH_PROCESSES_H
#define BENCH_PROCESSES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <zoetrope/histogram.h>

#define PROCESSES_MAX 72

/* What one of them measured. It alone writes here. */
struct processes_member {
	struct zoe_histogram latency; /* from when a thing was sent to when this process had it */
	struct zoe_histogram age;     /* of frames: from published_ns on */
	uint64_t received;
	int64_t cpu_ns, wall_ns; /* from the first thing that was counted to processes_conclude() */
	_Atomic uint32_t ready;  /* processes_ready() was called */
	int64_t cpu_begin_ns, wall_begin_ns;
};

/* What such a process does; what it returns is its exit code. It ends when its parent does. */
typedef int processes_body(struct processes_member *me, void *argument);

struct processes {
	uint32_t n;                /* processes made so far */
	pid_t pids[PROCESSES_MAX]; /* 0: it has ended */
	struct processes_member *members;
};

/* Errors: -ENOMEM. */
int processes_init(struct processes *processes);
/* Kill who is still there (stopped or not), and forget what they measured. */
void processes_finish(struct processes *processes);

/* One more process, which runs body(its member, argument). Its index, or -errno. */
int processes_fork(struct processes *processes, processes_body *body, void *argument);

/* Wait until n of them have called processes_ready(), or all: -ECHILD one ended, -ETIMEDOUT, -EINTR. */
int processes_await_ready(struct processes *processes, uint32_t n, int64_t deadline_ns);
/* Wait until this one has stopped itself (SIGSTOP): the same errors. */
int processes_await_stop(struct processes *processes, uint32_t index, int64_t deadline_ns);
/* Wait until this one, or all (PROCESSES_ALL), has ended with 0: the same errors, -ECHILD ended otherwise. */
#define PROCESSES_ALL UINT32_MAX
int processes_wait(struct processes *processes, uint32_t index, int64_t deadline_ns);
/* Kill this one and wait for its end. */
void processes_kill(struct processes *processes, uint32_t index);

/* In the child. */
void processes_ready(struct processes_member *me);
/* A thing that was sent at sent_ns is had since now_ns. The first one starts the clocks of cpu_ns and wall_ns. */
void processes_count(struct processes_member *me, int64_t sent_ns, int64_t now_ns);
/* The measured phase is over: stop those clocks. */
void processes_conclude(struct processes_member *me);

#endif
