/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A robust mutex in memory that others write to. With another kind in it than we made, glibc's
 * lock calls may end the process: by an assertion, or by an instruction that not every processor
 * has. So its kind is looked at before each of them, on the cache line that the lock changes anyway.
 */
#ifndef ZI_ROBUST_H
#define ZI_ROBUST_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Make it anew, over whatever was there. 0 or -errno. */
int zi_robust_init(pthread_mutex_t *mutex);

/* The kind of all our mutexes, which are made alike; 0: not yet learned. Use zi_robust_is_ours(). */
extern _Atomic int zi_robust_kind;
int zi_robust_learn(void);

#if defined(__GLIBC__)
#define ZI_KIND(mutex) (*(const volatile int *)&(mutex)->__data.__kind)
#else
#define ZI_KIND(mutex) ((void)(mutex), 0)
#endif

/* False when somebody wrote over its kind. */
static inline bool zi_robust_is_ours(const pthread_mutex_t *mutex)
{
	int kind = atomic_load_explicit(&zi_robust_kind, memory_order_relaxed);
	return ZI_KIND(mutex) == (kind ? kind : zi_robust_learn());
}

/*
 * pthread_mutex_clocklock on CLOCK_MONOTONIC: 0, EOWNERDEAD, ETIMEDOUT or another errno, EINVAL
 * for one that is not ours. Tries once even when the deadline has passed.
 */
int zi_robust_lock_until(pthread_mutex_t *mutex, int64_t deadline_ns);

#endif
