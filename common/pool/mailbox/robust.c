/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/mailbox/robust.h"

#include <errno.h>
#include <time.h>

#include "pool/system/clock.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

_Atomic int zi_robust_kind;

int zi_robust_init(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attributes;
	int error = pthread_mutexattr_init(&attributes);
	if (error)
		return -error;
	error = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	if (!error)
		error = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	if (!error)
		error = pthread_mutex_init(mutex, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return -error;
}

int zi_robust_learn(void)
{
	/* From one that nobody else can write to. */
	pthread_mutex_t own;
	if (zi_robust_init(&own))
		return 0;
	int kind = ZI_KIND(&own);
	atomic_store_explicit(&zi_robust_kind, kind, memory_order_relaxed);
	pthread_mutex_destroy(&own);
	return kind;
}

int zi_robust_lock_until(pthread_mutex_t *mutex, int64_t deadline_ns)
{
	struct timespec deadline = zi_timespec(deadline_ns);
	if (!zi_robust_is_ours(mutex))
		return EINVAL;
	int error = pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &deadline);
#if defined(__SANITIZE_THREAD__)
	/* This sanitizer knows pthread_mutex_timedlock, not clocklock: it must be told. */
	if (error == 0 || error == EOWNERDEAD) {
		__tsan_mutex_pre_lock(mutex, 0);
		__tsan_mutex_post_lock(mutex, 0, 0);
	}
#endif
	return error;
}
