/* SPDX-License-Identifier: BSD-2-Clause */
/* The other processes of a measurement: made by fork, they tell what they saw in shared memory. */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <zoetrope/histogram.h>

#define CREW_MAX 72

/* What one of them measured. It alone writes here. */
struct crew_member {
	struct zoe_histogram latency; /* from when a thing was sent to when this process had it */
	struct zoe_histogram age;     /* of frames: from published_ns on */
	uint64_t received;
	int64_t cpu_ns, wall_ns; /* from the first thing that was counted to crew_conclude() */
	_Atomic uint32_t ready;  /* crew_ready() was called */
	int64_t cpu_begin_ns, wall_begin_ns;
};

/* What such a process does; what it returns is its exit code. It ends when its parent does. */
typedef int crew_body(struct crew_member *me, void *argument);

struct crew {
	uint32_t n;           /* processes made so far */
	pid_t pids[CREW_MAX]; /* 0: it has ended */
	struct crew_member *members;
};

/* Errors: -ENOMEM. */
int crew_init(struct crew *crew);
/* Kill who is still there (stopped or not), and forget what they measured. */
void crew_finish(struct crew *crew);

/* One more process, which runs body(its member, argument). Its index, or -errno. */
int crew_fork(struct crew *crew, crew_body *body, void *argument);

/* Wait until n of them have called crew_ready(), or all: -ECHILD one ended, -ETIMEDOUT, -EINTR. */
int crew_await_ready(struct crew *crew, uint32_t n, int64_t deadline_ns);
/* Wait until this one has stopped itself (SIGSTOP): the same errors. */
int crew_await_stop(struct crew *crew, uint32_t index, int64_t deadline_ns);
/* Wait until this one, or all (CREW_ALL), has ended with 0: the same errors, -ECHILD ended otherwise. */
#define CREW_ALL UINT32_MAX
int crew_wait(struct crew *crew, uint32_t index, int64_t deadline_ns);
/* Kill this one and wait for its end. */
void crew_kill(struct crew *crew, uint32_t index);

/* In the child. */
void crew_ready(struct crew_member *me);
/* A thing that was sent at sent_ns is had since now_ns. The first one starts the clocks of cpu_ns and wall_ns. */
void crew_count(struct crew_member *me, int64_t sent_ns, int64_t now_ns);
/* The measured phase is over: stop those clocks. */
void crew_conclude(struct crew_member *me);

#endif
