/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The handlers count an eventfd up that nobody ever reads, so whoever polls it wakes at
 * once, whether the signal came before or during the sleep.
 */
#include "stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

static atomic_bool stopping;
static int stop_fd = -1;

static void on_signal(int number)
{
	int saved_errno = errno;
	const uint64_t one = 1;

	(void)number;
	atomic_store(&stopping, true);
	if (write(stop_fd, &one, sizeof(one)) < 0)
		atomic_store(&stopping, true); /* the counter is full: it is readable already */
	errno = saved_errno;
}

int stop_install(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	/* Without SA_RESTART a read that blocks comes back and libavformat asks whether to go on. */
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0)
		return -errno;
	sigemptyset(&action.sa_mask);
	sigemptyset(&ignore.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	/* A reader of our output that leaves must not take the pool's name with it. */
	sigaction(SIGPIPE, &ignore, NULL);
	return 0;
}

bool stop_requested(void)
{
	return atomic_load_explicit(&stopping, memory_order_relaxed);
}

bool stop_wait_until(int64_t until_ns)
{
	while (!stop_requested()) {
		struct pollfd wake = { .fd = stop_fd, .events = POLLIN };
		int64_t left_ns = until_ns - zoe_now_ns();
		if (left_ns <= 0)
			return false;
		struct timespec left = {
			.tv_sec = (time_t)(left_ns / 1000000000),
			.tv_nsec = (long)(left_ns % 1000000000),
		};
		ppoll(&wake, 1, &left, NULL);
	}
	return true;
}
