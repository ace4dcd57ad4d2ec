/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The programs of tests/bench/peers, run: with a directory and a name of their own, a time
 * limit, and everything removed that they leave behind.
 */
#ifndef BENCH_PEER_RUN_H
#define BENCH_PEER_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PEER_LINE_BYTES 160

/* One program, being run. */
struct peer_run {
	char dir[64];               /* private; what it prints goes to dir/out, what it complains of to dir/log */
	pid_t pid;                  /* leader of its own process group */
	bool ended, killed;         /* killed: it had to be */
	char line[PEER_LINE_BYTES]; /* why it failed, in a line */
};

/*
 * Where they are: `place`, or if that is NULL beside this program (in a build tree), or where they are installed.
 * False: there is no such program.
 */
bool peer_find(const char *place, const char *program, char path[4096]);

/*
 * Start `path` with these arguments, of which "DIR" stands for the directory. 0, or -1 with the line. Either
 * way peer_finish() follows.
 */
int peer_start(struct peer_run *run, const char *path, const char *const *arguments);

/*
 * Wait until it has ended, or, if `until` is not NULL, until it has printed that. 0; -EINTR when told to
 * stop; 1 when it failed or took longer than limit_ns, with the line.
 */
int peer_wait(struct peer_run *run, const char *until, int64_t limit_ns);

/* The first line that it printed, or "". */
void peer_first_line(const struct peer_run *run, char line[PEER_LINE_BYTES]);

/* End it if it still runs (SIGTERM, then SIGKILL), and remove the directory and whatever has its name. */
void peer_finish(struct peer_run *run);

#endif
