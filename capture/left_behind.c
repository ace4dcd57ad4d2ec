/* SPDX-License-Identifier: BSD-2-Clause */
#include "left_behind.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include <zoetrope/zoetrope.h>

#include "program/signals.h"

/* How often who waits looks whether somebody asked to stop. */
#define STEP_NS INT64_C(50000000)

/* A call under way; of the one that waits for it or, once it is left, of its thread. */
struct running {
	const struct left_behind_call *call;
	void *subject;
	bool has_ended, is_left; /* with the lock, as what follows */
	struct running *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* all below */
static pthread_cond_t ended_cond = PTHREAD_COND_INITIALIZER;
static struct running *left; /* those that are left, */
static unsigned n_left;      /* and how many */

static void forget(struct running *running)
{
	struct running **link = &left;

	pthread_mutex_lock(&lock);
	while (*link != running)
		link = &(*link)->next;
	*link = running->next;
	n_left--;
	pthread_cond_signal(&ended_cond);
	pthread_mutex_unlock(&lock);
}

static void *run(void *argument)
{
	struct running *running = argument;

	running->call->run(running->subject);
	pthread_mutex_lock(&lock);
	running->has_ended = true;
	bool is_left = running->is_left;
	pthread_cond_signal(&ended_cond);
	pthread_mutex_unlock(&lock);
	/* Otherwise it may be gone by now. */
	if (!is_left)
		return NULL;
	running->call->destroy(running->subject);
	forget(running);
	free(running);
	return NULL;
}

/* A thread that nobody joins. 0 or a negative errno. */
static int start(struct running *running)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;
	int error = pthread_attr_init(&attributes);

	if (error)
		return -error;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	/* Signals are for the thread that waits. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, run, running);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return -error;
}

/* Sleep for a step, or until a call ends; lock held. */
static void wait_a_while(void)
{
	int64_t until_ns = zoe_now_ns() + STEP_NS;
	struct timespec until = {
		.tv_sec = (time_t)(until_ns / 1000000000),
		.tv_nsec = (long)(until_ns % 1000000000),
	};

	pthread_cond_clockwait(&ended_cond, &lock, CLOCK_MONOTONIC, &until);
}

/* True: there is room for one more. False: not until the deadline, or somebody asked to stop. Lock held. */
static bool wait_for_room(int64_t deadline_ns)
{
	while (n_left >= LEFT_BEHIND_MAX && !zi_signals_stopped() && zoe_now_ns() < deadline_ns)
		wait_a_while();
	return n_left < LEFT_BEHIND_MAX;
}

/* True: it has ended. Lock held. */
static bool wait_for_end(const struct running *running, int64_t deadline_ns)
{
	int64_t until_ns = deadline_ns;
	bool is_stopped = false;

	while (!running->has_ended) {
		int64_t now_ns = zoe_now_ns();
		if (!is_stopped && zi_signals_stopped() && now_ns < until_ns)
			until_ns = now_ns;
		is_stopped = zi_signals_stopped();
		if (now_ns >= until_ns && now_ns - until_ns >= LEFT_BEHIND_GRACE_NS)
			break;
		wait_a_while();
	}
	return running->has_ended;
}

/* As left_behind_run(). is_left: it is the thread's now; lock held. */
static int run_and_wait(struct running *running, int64_t deadline_ns, bool *is_left)
{
	if (!wait_for_room(deadline_ns))
		return -EBUSY;
	int error = start(running);
	if (error < 0 || wait_for_end(running, deadline_ns))
		return error;
	*is_left = running->is_left = true;
	running->next = left;
	left = running;
	n_left++;
	return -EINPROGRESS;
}

int left_behind_run(const struct left_behind_call *call, void *subject, int64_t deadline_ns)
{
	struct running *running = malloc(sizeof(*running));
	bool is_left = false;

	if (!running)
		return -ENOMEM;
	*running = (struct running){ .call = call, .subject = subject };
	pthread_mutex_lock(&lock);
	int error = run_and_wait(running, deadline_ns, &is_left);
	pthread_mutex_unlock(&lock);
	if (!is_left)
		free(running);
	return error;
}
