/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The condition variable of a seat, with two bodies: one futex word (the default), and
 * the libc's pthread_cond_t. Contract of both: the sleeper waits with the mutex held, up
 * to a CLOCK_MONOTONIC deadline; who changes the condition does so with the mutex held
 * and signals after unlocking.
 *
 * glibc's pthread_cond_t keeps its sleepers' book in shared memory: a process that is
 * killed inside wait or signal leaves it so that others hang in it, and wake-ups can be
 * lost (glibc bug 25847). One for all readers, with a reader killed after each instruction,
 * hung everybody in 208 of 857 places; one for each seat still has a reader wait for a stopped
 * writer's lock. A futex word has no book.
 */
#ifndef ZI_COND_H
#define ZI_COND_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct zi_cond {
	_Atomic uint32_t word;     /* futex body: + 1 for each signal */
	_Atomic uint32_t sleepers; /* 1: somebody sleeps or is about to; saves needless system calls */
};

/*
 * In all that follows `pthread` is the pthread body, or NULL: the futex body. It lies apart
 * from the two words, which share a cache line with their mutex.
 */

/* Make it anew, over whatever was there. 0 or -errno. */
int zi_cond_init(struct zi_cond *cond, pthread_cond_t *pthread);

/*
 * What to do between unlocking the mutex and sleeping: somebody who found it locked just
 * before may want to be told. The pthread body has no such moment.
 */
struct zi_cond_unlocked {
	void (*run)(const void *context);
	const void *context;
};

/*
 * Sleep until a signal or the deadline, or wake for no reason. Returns 0 with the mutex
 * locked, EOWNERDEAD with it locked and in need of repair, or another errno without it:
 * it could not be had by the deadline (futex body only; glibc's waits for the mutex
 * without an end).
 */
int zi_cond_wait(struct zi_cond *cond, pthread_cond_t *pthread, pthread_mutex_t *mutex, int64_t deadline_ns,
	const struct zi_cond_unlocked *unlocked);

/* True when a signal would reach somebody. Asked with the mutex held. */
bool zi_cond_has_sleeper(struct zi_cond *cond);

/* Wake the sleepers. The mutex need not be held. */
void zi_cond_signal(struct zi_cond *cond, pthread_cond_t *pthread);

#endif
