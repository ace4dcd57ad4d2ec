/* SPDX-License-Identifier: BSD-2-Clause */
/* Other programs: found, run, timed, and heard. They end when this process does. */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

/* Room for a whole error line of a program, with the way out at its end. */
#define PROCESS_WHY_BYTES 640

struct process {
	const char *name;
	pid_t pid;    /* 0: it does not run */
	int out, err; /* what it printed */
	double cpu_s; /* user and system, of it and its children, once it has ended */
};

/*
 * Where a program is: beside this one, else in the build tree's `folder` (../../capture), else in
 * PATH. -ENOENT: nowhere; path then holds the name alone.
 */
int process_find(const char *name, const char *folder, char *path, size_t n_bytes);

/* Run arguments[0], which ends with NULL; `name` is for messages. Errors: -errno. */
int process_start(struct process *process, const char *name, const char *const *arguments);

/*
 * Wait until it has ended with 0. -ECHILD: it has ended otherwise, -ETIMEDOUT, and then `why` has
 * a few words about it; -EINTR: told to stop.
 */
int process_wait(struct process *process, int64_t deadline_ns, char why[PROCESS_WHY_BYTES]);

/* The first line that it printed on stderr so far; "" none. */
void process_said(const struct process *process, char *text, size_t n_bytes);

/* Ask it to end (SIGTERM), and see to it that it has. What it printed can still be read. */
void process_stop(struct process *process);

/*
 * The last line that it printed on stdout so far that is a JSON object of this "event"; NULL: there is none.
 * To be given to json_decref().
 */
json_t *process_event(const struct process *process, const char *event);

/* Forget it, killing it if it still runs. One that never started, all zeroes, is fine. */
void process_finish(struct process *process);

#endif
