/* SPDX-License-Identifier: BSD-2-Clause */
/* The library's own threads: they take no signal that is meant for the program. */
#ifndef ZI_THREAD_H
#define ZI_THREAD_H

#include <pthread.h>

/* Start one with all its signals blocked. 0 or -errno. */
int zi_thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

/*
 * A thread that is cancelled leaves nothing half done: in a function that begins with this none is, until it returns.
 * Whatever waits asks pthread_testcancel() outside of such functions, where nothing is half done.
 */
#define ZI_UNCANCELLED __attribute__((cleanup(zi_cancel_back), unused)) int cancel_before = zi_cancel_off()

static inline int zi_cancel_off(void)
{
	int before;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	return before;
}

static inline void zi_cancel_back(const int *before)
{
	pthread_setcancelstate(*before, NULL);
}

#endif
