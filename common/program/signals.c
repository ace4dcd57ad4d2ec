/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The handler counts an eventfd up that nobody ever reads, so whoever polls it wakes at
 * once, whether the signal came before or during the sleep.
 */
#include "program/signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

#define N_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static atomic_bool stopped;
static int stop_fd = -1;

static void on_signal(int number)
{
	int saved_errno = errno;
	const uint64_t one = 1;

	(void)number;
	atomic_store(&stopped, true);
	if (write(stop_fd, &one, sizeof(one)) < 0)
		atomic_store(&stopped, true); /* the counter is full: it is readable already */
	errno = saved_errno;
}

static bool is_ignored(int number)
{
	struct sigaction now;

	return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void set_handler(int number, void (*handler)(int), unsigned sa_flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = (int)sa_flags };

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

int zi_signals_catch(unsigned flags)
{
	unsigned sa_flags = (flags & ZI_SIGNALS_ONCE ? SA_RESETHAND : 0) |
		(flags & ZI_SIGNALS_RESTART ? SA_RESTART : 0);

	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0)
		return -errno;
	for (size_t i = 0; i < N_NUMBERS; i++) {
		if (numbers[i] == SIGQUIT && !(flags & ZI_SIGNALS_QUIT))
			continue;
		if (!(flags & ZI_SIGNALS_KEEP_IGNORED) || !is_ignored(numbers[i]))
			set_handler(numbers[i], on_signal, sa_flags);
	}
	if (flags & ZI_SIGNALS_IGNORE_PIPE)
		set_handler(SIGPIPE, SIG_IGN, 0);
	return 0;
}

void zi_signals_release(void)
{
	for (size_t i = 0; i < N_NUMBERS; i++)
		set_handler(numbers[i], SIG_DFL, 0);
	set_handler(SIGPIPE, SIG_DFL, 0);
}

bool zi_signals_stopped(void)
{
	return atomic_load_explicit(&stopped, memory_order_relaxed);
}

int zi_signals_fd(void)
{
	return stop_fd;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

bool zi_signals_wait_until(int64_t until_ns)
{
	while (!zi_signals_stopped()) {
		struct pollfd wake = { .fd = stop_fd, .events = POLLIN };
		int64_t at_ns = now_ns();
		if (until_ns <= at_ns)
			return false;
		int64_t left_ns = until_ns - at_ns;
		struct timespec left = { .tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000 };
		ppoll(&wake, 1, &left, NULL);
	}
	return true;
}
