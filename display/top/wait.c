/* SPDX-License-Identifier: BSD-2-Clause */
/* Sleeping between two snapshots, until the time has come, a key was pressed, or somebody ends it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "program/message.h"
#include "program/signals.h"
#include "top.h"

static volatile sig_atomic_t resized;
static sigset_t while_waiting;

static void note_resize(int number)
{
	(void)number;
	resized = 1;
}

/* SIGWINCH is blocked but in ppoll(), so that none is missed between the check of its flag and the sleep. */
int top_wait_prepare(void)
{
	struct sigaction action = { .sa_handler = note_resize };
	sigset_t blocked;
	int error = zi_signals_catch(ZI_SIGNALS_RESTART);

	if (error)
		return zi_message_error("cannot wait for signals: %s", strerror(-error));
	sigemptyset(&action.sa_mask);
	sigaction(SIGWINCH, &action, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGWINCH);
	sigprocmask(SIG_BLOCK, &blocked, &while_waiting);
	return 0;
}

enum top_wake top_wait(int64_t deadline_ns, int fd)
{
	struct pollfd sources[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = zi_signals_fd(), .events = POLLIN },
	};
	int64_t left_ns = deadline_ns - zoe_now_ns();
	struct timespec left = { 0 };

	if (left_ns > 0)
		left = (struct timespec){ .tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000 };
	int n = ppoll(sources, 2, &left, &while_waiting);

	if (zi_signals_stopped())
		return TOP_WAKE_END;
	if (resized) {
		resized = 0;
		return TOP_WAKE_RESIZED;
	}
	/* A terminal that hung up has no more input. */
	if (n > 0)
		return sources[0].revents == POLLIN ? TOP_WAKE_INPUT : TOP_WAKE_END;
	return TOP_WAKE_TIME;
}
