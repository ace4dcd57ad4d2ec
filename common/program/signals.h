/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every signal whose default ends a program as a request to stop: a flag to look at and a
 * descriptor to poll, so that nothing is left behind. Calls that block come back with EINTR, so
 * that they can look. A fault of the program's own stays one, and ends it; what is too large for the
 * limit on files fails with EFBIG, without SIGXFSZ.
 *
 * What is ignored from the start (SIGHUP under nohup) stays ignored, and what has a handler (a
 * profiler's, a sanitizer's) keeps it. But SIGINT and SIGTERM are always a request: a shell without job
 * control ignores SIGINT for what it runs in the background, and whoever sends it there means it.
 */
#ifndef ZI_SIGNALS_H
#define ZI_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	ZI_SIGNALS_ONCE = 1 << 0,        /* a second signal ends the program at once */
	ZI_SIGNALS_RESTART = 1 << 1,     /* calls that block go on: who waits polls the descriptor */
	ZI_SIGNALS_IGNORE_PIPE = 1 << 2, /* no death by SIGPIPE: writing fails with EPIPE */
};

/* Install the handlers, once, before other threads are made. 0 or a negative errno. */
int zi_signals_catch(unsigned flags);

/* Back to what the program began with, as a child needs it that runs something else. */
void zi_signals_release(void);

/* True once somebody has asked to stop. Any thread; costs a load. */
bool zi_signals_stopped(void);

/* Readable from then on, never to be read; -1 before zi_signals_catch(). */
int zi_signals_fd(void);

/* Sleep until CLOCK_MONOTONIC reaches until_ns, or somebody asks to stop: then true. Any thread. */
bool zi_signals_wait_until(int64_t until_ns);

#endif
