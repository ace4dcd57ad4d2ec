/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The handler counts an eventfd up that nobody ever reads, so whoever polls it wakes at
 * once, whether the signal came before or during the sleep.
 */
#include "program/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <zoetrope/pool.h>

enum treatment {
	LEAVE,    /* it ends no program, or cannot be caught */
	ASK,      /* a request to stop, also where a shell ignores it for what it runs in the background */
	END,      /* its default ends a program: a request to stop */
	CRASH,    /* the same, if somebody else sent it; a fault of our own stays one */
	FAIL_CALL /* ignored, so that the call that it comes from fails instead; SIGPIPE if that is asked for */
};

/* All up to SIGSYS; the real-time ones behind them are END. */
static const enum treatment treatments[] = {
	[SIGINT] = ASK,
	[SIGTERM] = ASK,
	[SIGHUP] = END,
	[SIGQUIT] = END,
	[SIGUSR1] = END,
	[SIGUSR2] = END,
	[SIGALRM] = END,
	[SIGVTALRM] = END,
	[SIGPROF] = END,
	[SIGPOLL] = END,
	[SIGPWR] = END,
	[SIGXCPU] = END,
#ifdef SIGSTKFLT
	[SIGSTKFLT] = END,
#endif
	[SIGILL] = CRASH,
	[SIGTRAP] = CRASH,
	[SIGABRT] = CRASH,
	[SIGBUS] = CRASH,
	[SIGFPE] = CRASH,
	[SIGSEGV] = CRASH,
	[SIGSYS] = CRASH,
	[SIGPIPE] = FAIL_CALL,
	[SIGXFSZ] = FAIL_CALL,
};

#define N_TREATMENTS ((int)(sizeof(treatments) / sizeof(treatments[0])))

static struct sigaction before[_NSIG];
static bool is_changed[_NSIG];
static atomic_bool stopped;
static int stop_fd = -1;

static enum treatment treatment_of(int number)
{
	if (number < N_TREATMENTS)
		return treatments[number];
	return number >= SIGRTMIN ? END : LEAVE;
}

static void on_signal(int number, siginfo_t *info, void *unused)
{
	int saved_errno = errno;
	const uint64_t one = 1;

	(void)unused;
	if (number == SIGBUS && info->si_code > 0 && zoe_handle_fault(info->si_addr))
		return;
	/* Somebody else's has his pid, and no code of the kernel's. */
	if (treatment_of(number) == CRASH && (info->si_code > 0 || info->si_pid == getpid())) {
		sigaction(number, &before[number], NULL);
		if (info->si_code <= 0)
			raise(number);
		return;
	}
	atomic_store(&stopped, true);
	if (write(stop_fd, &one, sizeof(one)) < 0)
		atomic_store(&stopped, true); /* the counter is full: it is readable already */
	errno = saved_errno;
}

/* Let the signal be handled by `handler`, or ignored where that is NULL. */
static void change(int number, void (*handler)(int, siginfo_t *, void *), int sa_flags)
{
	struct sigaction action = { 0 };

	if (handler) {
		action.sa_sigaction = handler;
		action.sa_flags = sa_flags | SA_SIGINFO;
	} else {
		action.sa_handler = SIG_IGN;
	}
	sigemptyset(&action.sa_mask);
	is_changed[number] = sigaction(number, &action, NULL) == 0;
}

/* A descriptor that is not one of the standard ones, or a negative errno. */
static int make_stop_fd(void)
{
	int low = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (low < 0 || low > STDERR_FILENO)
		return low < 0 ? -errno : low;
	int fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int error = fd < 0 ? -errno : fd;
	close(low);
	return error;
}

int zi_signals_catch(unsigned flags)
{
	int sa_flags = (flags & ZI_SIGNALS_ONCE ? (int)SA_RESETHAND : 0) |
		(flags & ZI_SIGNALS_RESTART ? SA_RESTART : 0);

	stop_fd = make_stop_fd();
	if (stop_fd < 0)
		return stop_fd;
	for (int number = 1; number <= SIGRTMAX; number++) {
		enum treatment treatment = treatment_of(number);
		if (treatment == LEAVE || sigaction(number, NULL, &before[number]))
			continue;
		bool is_default = !(before[number].sa_flags & SA_SIGINFO) && before[number].sa_handler == SIG_DFL;
		bool is_ignored = !(before[number].sa_flags & SA_SIGINFO) && before[number].sa_handler == SIG_IGN;
		if (treatment == FAIL_CALL && is_default && (number != SIGPIPE || flags & ZI_SIGNALS_IGNORE_PIPE))
			change(number, NULL, 0);
		else if (treatment != FAIL_CALL && (is_default || (is_ignored && treatment == ASK)))
			change(number, on_signal, number == SIGBUS ? sa_flags & ~(int)SA_RESETHAND : sa_flags);
	}
	return 0;
}

void zi_signals_release(void)
{
	for (int number = 1; number <= SIGRTMAX; number++) {
		if (is_changed[number])
			sigaction(number, &before[number], NULL);
		is_changed[number] = false;
	}
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
