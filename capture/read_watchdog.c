/* SPDX-License-Identifier: BSD-2-Clause */
#include "read_watchdog.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include <zoetrope/zoetrope.h>

#include "program/signals.h"

#define STEP_NS 100000000
#define LOST_NS 2000000000
#define GIVE_UP_NS 2500000000

static void wait_a_while(struct read_watchdog *watchdog)
{
	int64_t until_ns = zoe_now_ns() + STEP_NS;
	struct timespec until = {
		.tv_sec = (time_t)(until_ns / 1000000000),
		.tv_nsec = (long)(until_ns % 1000000000),
	};

	pthread_cond_clockwait(&watchdog->quit_cond, &watchdog->lock, CLOCK_MONOTONIC, &until);
}

static void check_loss(struct read_watchdog *watchdog, int64_t now_ns)
{
	if (watchdog->lost || watchdog->reading_since_ns == 0 || now_ns - watchdog->reading_since_ns < LOST_NS)
		return;
	watchdog->lost = true;
	watchdog->on_lost(watchdog->context, true);
}

static void check_stop(struct read_watchdog *watchdog, int64_t now_ns)
{
	if (!zi_signals_stopped() || watchdog->reading_since_ns == 0) {
		watchdog->stopping_since_ns = 0;
		return;
	}
	if (watchdog->stopping_since_ns == 0)
		watchdog->stopping_since_ns = now_ns;
	/* The signal may have come just before the read began to block, or to another thread. */
	pthread_kill(watchdog->reader, SIGTERM);
	/* Some devices begin their read anew whatever interrupts it. */
	if (now_ns - watchdog->stopping_since_ns > GIVE_UP_NS)
		watchdog->give_up(watchdog->context);
}

static void *run(void *argument)
{
	struct read_watchdog *watchdog = argument;

	pthread_mutex_lock(&watchdog->lock);
	while (!watchdog->quit) {
		wait_a_while(watchdog);
		int64_t now_ns = zoe_now_ns();
		check_loss(watchdog, now_ns);
		check_stop(watchdog, now_ns);
	}
	pthread_mutex_unlock(&watchdog->lock);
	return NULL;
}

int read_watchdog_start(struct read_watchdog *watchdog, void (*on_lost)(void *, bool), void (*give_up)(void *),
	void *context)
{
	sigset_t all, before;

	*watchdog = (struct read_watchdog){
		.reader = pthread_self(),
		.on_lost = on_lost,
		.give_up = give_up,
		.context = context,
	};
	pthread_mutex_init(&watchdog->lock, NULL);
	pthread_cond_init(&watchdog->quit_cond, NULL);
	/* Signals are for the thread that reads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&watchdog->thread, NULL, run, watchdog);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}

void read_watchdog_begin(struct read_watchdog *watchdog)
{
	pthread_mutex_lock(&watchdog->lock);
	watchdog->reading_since_ns = zoe_now_ns();
	pthread_mutex_unlock(&watchdog->lock);
}

void read_watchdog_end(struct read_watchdog *watchdog, bool came)
{
	pthread_mutex_lock(&watchdog->lock);
	watchdog->reading_since_ns = 0;
	if (came && watchdog->lost) {
		watchdog->lost = false;
		watchdog->on_lost(watchdog->context, false);
	}
	pthread_mutex_unlock(&watchdog->lock);
}

void read_watchdog_stop(struct read_watchdog *watchdog)
{
	pthread_mutex_lock(&watchdog->lock);
	watchdog->quit = true;
	pthread_cond_signal(&watchdog->quit_cond);
	pthread_mutex_unlock(&watchdog->lock);
	pthread_join(watchdog->thread, NULL);
	pthread_cond_destroy(&watchdog->quit_cond);
	pthread_mutex_destroy(&watchdog->lock);
}
