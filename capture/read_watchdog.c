/* SPDX-License-Identifier: BSD-2-Clause */
/* Lost and stopping sources. */
#include "read_watchdog.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include <zoetrope/zoetrope.h>

#include "stop.h"

#define LOOK_NS 100000000
#define LOST_NS 2000000000
#define GIVE_UP_NS 3000000000

static void wait_a_while(struct watch *watch)
{
	int64_t until_ns = zoe_now_ns() + LOOK_NS;
	struct timespec until = {
		.tv_sec = (time_t)(until_ns / 1000000000),
		.tv_nsec = (long)(until_ns % 1000000000),
	};

	pthread_cond_clockwait(&watch->quit_cond, &watch->lock, CLOCK_MONOTONIC, &until);
}

static void look_for_loss(struct watch *watch, int64_t now_ns)
{
	if (watch->lost || watch->reading_since_ns == 0 || now_ns - watch->reading_since_ns < LOST_NS)
		return;
	watch->lost = true;
	watch->on_lost(watch->context, true);
}

static void look_for_stop(struct watch *watch, int64_t now_ns)
{
	if (!stop_requested() || watch->reading_since_ns == 0) {
		watch->stopping_since_ns = 0;
		return;
	}
	if (watch->stopping_since_ns == 0)
		watch->stopping_since_ns = now_ns;
	/* The signal may have come just before the read began to block, or to another thread. */
	pthread_kill(watch->reader, SIGTERM);
	/* Some devices begin their read anew whatever interrupts it. */
	if (now_ns - watch->stopping_since_ns > GIVE_UP_NS)
		watch->give_up(watch->context);
}

static void *run(void *argument)
{
	struct watch *watch = argument;

	pthread_mutex_lock(&watch->lock);
	while (!watch->quit) {
		wait_a_while(watch);
		int64_t now_ns = zoe_now_ns();
		look_for_loss(watch, now_ns);
		look_for_stop(watch, now_ns);
	}
	pthread_mutex_unlock(&watch->lock);
	return NULL;
}

int watch_start(struct watch *watch, void (*on_lost)(void *, bool), void (*give_up)(void *), void *context)
{
	sigset_t all, before;

	*watch = (struct watch){
		.reader = pthread_self(),
		.on_lost = on_lost,
		.give_up = give_up,
		.context = context,
	};
	pthread_mutex_init(&watch->lock, NULL);
	pthread_cond_init(&watch->quit_cond, NULL);
	/* Signals are for the thread that reads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int r = pthread_create(&watch->thread, NULL, run, watch);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

void watch_begin_read(struct watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->reading_since_ns = zoe_now_ns();
	pthread_mutex_unlock(&watch->lock);
}

void watch_end_read(struct watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->reading_since_ns = 0;
	if (watch->lost)
		watch->on_lost(watch->context, false);
	watch->lost = false;
	pthread_mutex_unlock(&watch->lock);
}

void watch_stop(struct watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->quit = true;
	pthread_cond_signal(&watch->quit_cond);
	pthread_mutex_unlock(&watch->lock);
	pthread_join(watch->thread, NULL);
	pthread_cond_destroy(&watch->quit_cond);
	pthread_mutex_destroy(&watch->lock);
}
