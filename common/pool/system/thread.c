/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/system/thread.h"

#include <signal.h>

int zi_thread_start(pthread_t *thread, void *(*run)(void *), void *argument)
{
	sigset_t all, before;
	sigfillset(&all);
	/* A fault that is blocked ends the process: see zoe_handle_fault(). */
	sigdelset(&all, SIGBUS);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(thread, NULL, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}
