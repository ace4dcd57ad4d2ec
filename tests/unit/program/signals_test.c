/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
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

/* True when the child that runs it exits with 0. */
static bool works_in_child(bool (*run)(int), int number)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(!run(number));
	return waitpid(child, &status, 0) == child && status == 0;
}

static bool is_a_request(int number)
{
	bool quiet = zi_signals_catch(0) == 0 && !zi_signals_stopped() && !fd_is_readable() &&
		!zi_signals_wait_until(now_ns() + 1000000);
	pid_t sender = fork();

	/* From another process: what a fault of our own raises is none. */
	if (sender == 0)
		_exit(kill(getppid(), number) != 0);
	while (waitpid(sender, NULL, 0) < 0 && errno == EINTR)
		continue;
	return quiet && zi_signals_stopped() && fd_is_readable() && zi_signals_wait_until(INT64_MAX);
}

/* Each signal whose default ends a program is a request to stop that the flag, the descriptor and waits tell. */
Test(signals, each)
{
	static const int others[] = { SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGCHLD, SIGURG, SIGWINCH,
		SIGPIPE, SIGXFSZ };

	for (int number = 1; number <= SIGRTMAX; number++) {
		/* The libc keeps those between for itself. */
		bool is_other = number > SIGSYS && number < SIGRTMIN;
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			is_other |= number == others[i];
		/* A sanitizer has some. */
		struct sigaction now;
		is_other |= sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_DFL;
		cr_assert(is_other || works_in_child(is_a_request, number), "signal %d", number);
	}
}

/* A program that aborts, or touches what it may not, still ends by that. */
static void end_by_own(int number)
{
	cr_assert(zi_signals_catch(0) == 0);
	if (number == SIGABRT)
		abort();
	raise(number);
}

Test(signals, own_abort, .signal = SIGABRT)
{
	end_by_own(SIGABRT);
}

/* The address sanitizer has that one for itself. */
#ifndef __SANITIZE_ADDRESS__
Test(signals, own_fault, .signal = SIGSEGV)
{
	end_by_own(SIGSEGV);
}
#endif

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

/* What is ignored from the start (nohup) is so afterwards; but for SIGINT, which a shell ignores for its jobs. */
static bool stays_ignored(int number)
{
	signal(number, SIG_IGN);
	if (zi_signals_catch(ZI_SIGNALS_IGNORE_PIPE))
		return false;
	raise(number);
	return !zi_signals_stopped();
}

Test(signals, ignored)
{
	static const int numbers[] = { SIGHUP, SIGQUIT, SIGUSR1, SIGALRM, SIGPIPE, SIGXFSZ };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		cr_assert(works_in_child(stays_ignored, numbers[i]), "signal %d", numbers[i]);
	cr_assert(!works_in_child(stays_ignored, SIGINT) && !works_in_child(stays_ignored, SIGTERM));
}

static volatile sig_atomic_t profiled;

static void profile(int number)
{
	profiled = number;
}

/* A handler that is there already, such as a profiler's, stays. */
Test(signals, handled)
{
	signal(SIGPROF, profile);
	cr_assert(zi_signals_catch(0) == 0);
	raise(SIGPROF);
	cr_assert(profiled == SIGPROF && !zi_signals_stopped());
}

/* Where standard streams are closed the descriptor is not one of them. */
Test(signals, closed_streams)
{
	int saved = dup(STDERR_FILENO);

	close(STDIN_FILENO);
	close(STDERR_FILENO);
	int error = zi_signals_catch(0), low = open("/dev/null", O_RDWR), next = open("/dev/null", O_RDWR);
	dup2(saved, STDERR_FILENO);
	cr_assert(error == 0 && low == STDIN_FILENO && next == STDERR_FILENO, "taken: %d, %d", low, next);
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

/* A reader of our output that leaves, and a limit on the size of files, are errors of write(). */
Test(signals, ignore_pipe_and_size)
{
	const struct rlimit none = { 0, RLIM_INFINITY };
	int ends[2];
	char path[] = "/tmp/zoe-signals-XXXXXX";
	int file = mkstemp(path);

	cr_assert(pipe(ends) == 0 && close(ends[0]) == 0 && zi_signals_catch(ZI_SIGNALS_IGNORE_PIPE) == 0);
	cr_assert(write(ends[1], "x", 1) == -1 && errno == EPIPE);
	cr_assert(file >= 0 && unlink(path) == 0 && setrlimit(RLIMIT_FSIZE, &none) == 0);
	cr_assert(write(file, "x", 1) == -1 && errno == EFBIG);
	cr_assert(!zi_signals_stopped());
}

/* Who does not ask for that ends by it, as any filter does. */
Test(signals, pipe, .signal = SIGPIPE)
{
	int ends[2];

	cr_assert(pipe(ends) == 0 && close(ends[0]) == 0 && zi_signals_catch(0) == 0);
	cr_assert(write(ends[1], "x", 1) == -1, "survived");
}

/* Released, a signal does again what it does to any program. */
Test(signals, release, .signal = SIGTERM)
{
	cr_assert(zi_signals_catch(0) == 0);
	zi_signals_release();
	raise(SIGTERM);
}
