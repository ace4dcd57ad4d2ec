/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SIGINT, SIGTERM and SIGHUP as a request to stop: a flag to look at and a descriptor to
 * poll. Calls that block come back with EINTR, so that they can look.
 */
#ifndef ZI_SIGNALS_H
#define ZI_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	ZI_SIGNALS_ONCE = 1 << 0,         /* a second signal ends the program at once */
	ZI_SIGNALS_QUIT = 1 << 1,         /* SIGQUIT, too */
	ZI_SIGNALS_KEEP_IGNORED = 1 << 2, /* what nohup said is to be ignored stays ignored */
	ZI_SIGNALS_RESTART = 1 << 3,      /* calls that block go on: who waits polls the descriptor */
	ZI_SIGNALS_IGNORE_PIPE = 1 << 4,  /* no sudden death by SIGPIPE: writing fails with EPIPE */
};

/* Install the handlers, once, before other threads are made. 0 or a negative errno. */
int zi_signals_catch(unsigned flags);

/* Back to what a program begins with, as a child needs it that runs something else. */
void zi_signals_release(void);

/* True once somebody has asked to stop. Any thread; costs a load. */
bool zi_signals_stopped(void);

/* Readable from then on, never to be read; -1 before zi_signals_catch(). */
int zi_signals_fd(void);

/* Sleep until CLOCK_MONOTONIC reaches until_ns, or somebody asks to stop: then true. Any thread. */
bool zi_signals_wait_until(int64_t until_ns);

#endif
