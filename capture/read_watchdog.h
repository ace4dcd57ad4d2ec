/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread that looks after reads which block: after 2 s it says that the source is lost,
 * and when somebody asked to stop it sees to it that the program does.
 */
#ifndef CAPTURE_READ_WATCHDOG_H
#define CAPTURE_READ_WATCHDOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct read_watchdog {
	pthread_t thread, reader;
	pthread_mutex_t lock; /* all below */
	pthread_cond_t quit_cond;
	bool quit;
	int64_t reading_since_ns; /* 0: not reading */
	bool lost;
	int64_t stopping_since_ns;                 /* 0: nobody asked to stop */
	void (*on_lost)(void *context, bool lost); /* called with the lock held */
	void (*give_up)(void *context);            /* the read does not end: clean up and exit; with the lock held */
	void *context;
};

/* Begin to look after the reads of the calling thread. 0 or a negative errno. */
int read_watchdog_start(struct read_watchdog *watchdog, void (*on_lost)(void *, bool), void (*give_up)(void *),
	void *context);

/* That thread begins to read, or has ended; what was lost stays so until something came. */
void read_watchdog_begin(struct read_watchdog *watchdog);
void read_watchdog_end(struct read_watchdog *watchdog, bool came);

void read_watchdog_stop(struct read_watchdog *watchdog);

#endif
