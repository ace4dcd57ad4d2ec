/* SPDX-License-Identifier: BSD-2-Clause */
/* A read that takes too long, and what is said of it: once when it is lost, once when it is back. */
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <time.h>

#include "read_watchdog.h"

static struct read_watchdog watchdog;
static atomic_int n_lost, n_back;

static void on_lost(void *unused, bool lost)
{
	(void)unused;
	atomic_fetch_add(lost ? &n_lost : &n_back, 1);
}

static void give_up(void *unused)
{
	(void)unused;
	abort();
}

static void begin(void)
{
	cr_assert(read_watchdog_start(&watchdog, on_lost, give_up, NULL) == 0);
}

static void end(void)
{
	read_watchdog_stop(&watchdog);
}

TestSuite(read_watchdog, .init = begin, .fini = end, .timeout = 60);

/* As if the read that is under way had begun so long ago; back when the watchdog has seen it. */
static void read_for(int seconds, int n_expected)
{
	pthread_mutex_lock(&watchdog.lock);
	watchdog.reading_since_ns -= seconds * INT64_C(1000000000);
	pthread_mutex_unlock(&watchdog.lock);
	while (atomic_load(&n_lost) < n_expected)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

Test(read_watchdog, lost_and_back)
{
	for (int i = 1; i <= 2; i++) {
		read_watchdog_begin(&watchdog);
		read_for(3, i);
		cr_assert(atomic_load(&n_back) == i - 1);
		/* A read that fails brings nothing back. */
		read_watchdog_end(&watchdog, false);
		cr_assert(atomic_load(&n_back) == i - 1);
		read_watchdog_begin(&watchdog);
		read_watchdog_end(&watchdog, true);
		cr_assert(atomic_load(&n_lost) == i && atomic_load(&n_back) == i);
		/* Reads that are in time say nothing more. */
		for (int k = 0; k < 3; k++) {
			read_watchdog_begin(&watchdog);
			read_watchdog_end(&watchdog, true);
		}
		cr_assert(atomic_load(&n_lost) == i && atomic_load(&n_back) == i);
	}
}
