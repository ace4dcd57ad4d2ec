/* SPDX-License-Identifier: BSD-2-Clause */
/* The library's own threads: they take no signal that is meant for the program. */
#ifndef ZI_THREAD_H
#define ZI_THREAD_H

#include <pthread.h>

/* Start one with all its signals blocked. 0 or -errno. */
int zi_thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

#endif
