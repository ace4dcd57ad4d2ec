/* SPDX-License-Identifier: BSD-2-Clause */
/* Sleeping between two looks, until the time has come, a key was pressed, or somebody ends it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>

#include "top.h"

static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
static volatile sig_atomic_t ended, resized;
static sigset_t while_waiting;

static void note(int number)
{
	if (number == SIGWINCH)
		resized = 1;
	else
		ended = 1;
}

/* Signals come during top_wait() only: so none is missed between looking at the flag and falling asleep. */
void top_wait_prepare(void)
{
	struct sigaction action = { .sa_handler = note };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGWINCH);
	sigaction(SIGWINCH, &action, NULL);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct sigaction before;

		/* What nohup said is to be ignored stays ignored. */
		if (sigaction(ends[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN)
			continue;
		sigaction(ends[i], &action, NULL);
		sigaddset(&blocked, ends[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, &while_waiting);
}

enum top_wake top_wait(int64_t deadline_ns, int fd)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	int64_t left_ns = deadline_ns - zoe_now_ns();
	struct timespec left = { 0 };

	if (left_ns > 0)
		left = (struct timespec){ .tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000 };
	int n = ppoll(&input, 1, &left, &while_waiting);

	if (ended)
		return TOP_WAKE_END;
	if (resized) {
		resized = 0;
		return TOP_WAKE_RESIZED;
	}
	/* A terminal that hung up will never say anything again. */
	if (n > 0)
		return input.revents == POLLIN ? TOP_WAKE_INPUT : TOP_WAKE_END;
	return TOP_WAKE_TIME;
}
