/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/mailbox/cond.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "pool/mailbox/robust.h"
#include "pool/system/clock.h"

static int init_pthread(pthread_cond_t *cond)
{
	pthread_condattr_t attributes;
	int error = pthread_condattr_init(&attributes);
	if (error)
		return -error;
	error = pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	if (!error)
		error = pthread_cond_init(cond, &attributes);
	pthread_condattr_destroy(&attributes);
	return -error;
}

int zi_cond_init(struct zi_cond *cond, pthread_cond_t *pthread)
{
	/* Never pthread_cond_destroy: it waits for the dead. */
	memset(cond, 0, sizeof(*cond));
	if (!pthread)
		return 0;
	memset(pthread, 0, sizeof(*pthread));
	return init_pthread(pthread);
}

static int wait_futex(struct zi_cond *cond, pthread_mutex_t *mutex, int64_t deadline_ns,
	const struct zi_cond_unlocked *unlocked)
{
	/* Read with the mutex held: a signal after the unlock changes it, and the kernel sees that. */
	uint32_t word = atomic_load(&cond->word);
	pthread_mutex_unlock(mutex);
	unlocked->run(unlocked->context);
	zi_futex_wait(&cond->word, word, deadline_ns);

	/* At the deadline there is still one try: the mutex is nearly always free. */
	return zi_robust_lock_until(mutex, deadline_ns);
}

static int wait_pthread(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline_ns)
{
	struct timespec deadline = zi_timespec(deadline_ns);
	int cancel_before;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_before);
	int error = pthread_cond_clockwait(cond, mutex, CLOCK_MONOTONIC, &deadline);
	pthread_setcancelstate(cancel_before, NULL);
	return error == ETIMEDOUT ? 0 : error;
}

int zi_cond_wait(struct zi_cond *cond, pthread_cond_t *pthread, pthread_mutex_t *mutex, int64_t deadline_ns,
	const struct zi_cond_unlocked *unlocked)
{
	atomic_store(&cond->sleepers, 1);
	int error = pthread ? wait_pthread(pthread, mutex, deadline_ns)
			    : wait_futex(cond, mutex, deadline_ns, unlocked);
	if (error == 0 || error == EOWNERDEAD)
		atomic_store(&cond->sleepers, 0);
	return error;
}

bool zi_cond_has_sleeper(struct zi_cond *cond)
{
	return atomic_load(&cond->sleepers) != 0;
}

void zi_cond_signal(struct zi_cond *cond, pthread_cond_t *pthread)
{
	if (pthread)
		pthread_cond_signal(pthread);
	else
		zi_futex_ring(&cond->word);
}
