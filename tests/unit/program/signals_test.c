/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "program/signals.h"

TestSuite(signals, .timeout = 30);

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static bool fd_is_readable(void)
{
	struct pollfd stop = { .fd = zi_signals_fd(), .events = POLLIN };

	return poll(&stop, 1, 0) == 1 && stop.revents == POLLIN;
}

/* In 50 ms send the signal, and, 50 ms later, a byte to fd (-1: nothing). */
static void send_later(int number, int fd)
{
	if (fork() != 0)
		return;
	usleep(50000);
	kill(getppid(), number);
	usleep(50000);
	_exit(fd >= 0 && write(fd, "x", 1) != 1);
}

/* Each of the three is a request to stop that the flag, the descriptor and waits tell. */
Test(signals, each)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			bool quiet = zi_signals_catch(0) == 0 && !zi_signals_stopped() && !fd_is_readable() &&
				!zi_signals_wait_until(now_ns() + 5000000);

			raise(numbers[i]);
			_exit(!(quiet && zi_signals_stopped() && fd_is_readable() && zi_signals_wait_until(INT64_MAX)));
		}
		cr_assert(waitpid(child, &status, 0) == child && status == 0, "signal %d: %d", numbers[i], status);
	}
}

/* However many come, the descriptor stays readable and nothing blocks. */
Test(signals, many)
{
	cr_assert(zi_signals_catch(0) == 0);
	for (int i = 0; i < 1000; i++)
		raise(SIGTERM);
	cr_assert(fd_is_readable() && zi_signals_stopped());
}

/* A signal that comes during the sleep ends it. */
Test(signals, wakes_a_sleeper)
{
	int64_t begun_ns = now_ns();

	cr_assert(zi_signals_catch(0) == 0);
	send_later(SIGTERM, -1);
	cr_assert(zi_signals_wait_until(begun_ns + INT64_C(20000000000)), "stopped");
	cr_assert(now_ns() - begun_ns < INT64_C(10000000000), "late");
}

/* With ZI_SIGNALS_ONCE the second one ends the program. */
Test(signals, once, .signal = SIGTERM)
{
	cr_assert(zi_signals_catch(ZI_SIGNALS_ONCE) == 0);
	raise(SIGTERM);
	cr_assert(zi_signals_stopped(), "the first one");
	raise(SIGTERM);
	cr_assert(false, "the second one was survived");
}

/* SIGQUIT is caught only when asked for. */
Test(signals, quit)
{
	cr_assert(zi_signals_catch(ZI_SIGNALS_QUIT) == 0);
	raise(SIGQUIT);
	cr_assert(zi_signals_stopped());
}

Test(signals, no_quit, .signal = SIGQUIT)
{
	cr_assert(zi_signals_catch(0) == 0);
	raise(SIGQUIT);
}

/* What is ignored from the start is so afterwards only when asked for. */
Test(signals, keep_ignored)
{
	signal(SIGHUP, SIG_IGN);
	cr_assert(zi_signals_catch(ZI_SIGNALS_KEEP_IGNORED) == 0);
	raise(SIGHUP);
	cr_assert(!zi_signals_stopped(), "ignored");
	raise(SIGINT);
	cr_assert(zi_signals_stopped(), "not ignored");
}

Test(signals, ignored_is_caught)
{
	signal(SIGHUP, SIG_IGN);
	cr_assert(zi_signals_catch(0) == 0);
	raise(SIGHUP);
	cr_assert(zi_signals_stopped());
}

/* A call that blocks comes back, so that it can look at the flag. */
Test(signals, interrupts)
{
	int ends[2];
	char byte;

	cr_assert(pipe(ends) == 0 && zi_signals_catch(0) == 0);
	send_later(SIGTERM, -1);
	cr_assert(read(ends[0], &byte, 1) == -1 && errno == EINTR);
}

/* With ZI_SIGNALS_RESTART it goes on. */
Test(signals, restarts)
{
	int ends[2];
	char byte;

	cr_assert(pipe(ends) == 0 && zi_signals_catch(ZI_SIGNALS_RESTART) == 0);
	send_later(SIGTERM, ends[1]);
	cr_assert(read(ends[0], &byte, 1) == 1);
	cr_assert(zi_signals_stopped());
}

/* A reader of our output that leaves is an error of write(). */
Test(signals, ignore_pipe)
{
	int ends[2];

	cr_assert(pipe(ends) == 0 && close(ends[0]) == 0 && zi_signals_catch(ZI_SIGNALS_IGNORE_PIPE) == 0);
	cr_assert(write(ends[1], "x", 1) == -1 && errno == EPIPE);
	cr_assert(!zi_signals_stopped());
}

/* Released, a signal does again what it does to any program. */
Test(signals, release, .signal = SIGTERM)
{
	cr_assert(zi_signals_catch(0) == 0);
	zi_signals_release();
	raise(SIGTERM);
}
