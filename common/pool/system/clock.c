/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/system/clock.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <zoetrope/pool.h>

/* The nap of who is woken in vain: whoever may look at a word may wake those who sleep on it, in a loop. */
#define VAIN_NS (ZI_MS / 5)

/* How often something may be done at once before zi_throttle() makes it wait. */
#define BURST 16

static int64_t now(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return t.tv_sec * ZI_S + t.tv_nsec;
}

int64_t zoe_now_ns(void)
{
	return now(CLOCK_MONOTONIC);
}

int64_t zi_wall_ns(void)
{
	return now(CLOCK_REALTIME);
}

int64_t zoe_deadline_in_ms(int64_t ms)
{
	int64_t ns = zoe_now_ns();
	if (ms < 0)
		return ZOE_POLL;
	return ms >= (INT64_MAX - ns) / ZI_MS ? ZOE_FOREVER : ns + ms * ZI_MS;
}

struct timespec zi_timespec(int64_t ns)
{
	if (ns < 0)
		ns = 0;
	return (struct timespec){ .tv_sec = ns / ZI_S, .tv_nsec = ns % ZI_S };
}

int64_t zi_slice(int64_t deadline_ns, int64_t ns)
{
	int64_t slice = zoe_now_ns() + ns;
	return slice < deadline_ns ? slice : deadline_ns;
}

void zi_sleep_until(int64_t until_ns)
{
	struct timespec until = zi_timespec(until_ns);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

bool zi_futex_wait_blindly(const _Atomic uint32_t *word, uint32_t value, int64_t deadline_ns)
{
	/* FUTEX_WAIT_BITSET, unlike FUTEX_WAIT, takes an absolute CLOCK_MONOTONIC time. */
	struct timespec deadline = zi_timespec(deadline_ns);
	return syscall(SYS_futex, word, FUTEX_WAIT_BITSET, value, &deadline, NULL, FUTEX_BITSET_MATCH_ANY) == 0;
}

void zi_futex_wait(const _Atomic uint32_t *word, uint32_t value, int64_t deadline_ns)
{
	if (zi_futex_wait_blindly(word, value, deadline_ns) && atomic_load(word) == value)
		zi_sleep_until(zi_slice(deadline_ns, VAIN_NS));
}

void zi_throttle(struct zi_throttle *throttle, int64_t deadline_ns)
{
	int64_t now = zoe_now_ns();
	if (throttle->paid_until_ns < now)
		throttle->paid_until_ns = now;
	throttle->paid_until_ns += ZI_MS;
	int64_t begin = throttle->paid_until_ns - BURST * ZI_MS;
	if (begin > now)
		zi_sleep_until(begin < deadline_ns ? begin : deadline_ns);
}

void zi_futex_wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void zi_futex_ring(_Atomic uint32_t *word)
{
	atomic_fetch_add(word, 1);
	zi_futex_wake(word);
}
