/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines at the ends of their range, and sleep on words that processes share. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <zoetrope/pool.h>

#include "pool/system/clock.h"
#include "pool/system/object.h"
#include "support/child.h"

TestSuite(clock, .timeout = 60);

/* A deadline lies as many milliseconds from now as it was asked for. */
Test(clock, deadline_soon)
{
	int64_t before = zoe_now_ns();
	int64_t deadline = zoe_deadline_in_ms(1500);
	int64_t after = zoe_now_ns();
	cr_assert(deadline >= before + 1500 * ZI_MS && deadline <= after + 1500 * ZI_MS);
}

/* More milliseconds than the clock has left are for ever, and do not overflow into the past. */
Test(clock, deadline_beyond_the_range)
{
	cr_assert(zoe_deadline_in_ms(INT64_MAX) == ZOE_FOREVER);
	cr_assert(zoe_deadline_in_ms(INT64_MAX / ZI_MS) == ZOE_FOREVER);
}

/* A deadline of a hundred years is that, and not for ever. */
Test(clock, deadline_of_a_hundred_years)
{
	int64_t ms = INT64_C(100) * 365 * 86400 * 1000;
	int64_t deadline = zoe_deadline_in_ms(ms);
	cr_assert(deadline < ZOE_FOREVER && deadline > ms * ZI_MS);
}

/* The past is a poll, and nothing of it overflows into the future. */
Test(clock, deadline_in_the_past)
{
	static const int64_t past[] = { -1, INT64_MIN / ZI_MS - 1, INT64_MIN };
	for (int i = 0; i < 3; i++)
		cr_assert(zoe_deadline_in_ms(past[i]) == ZOE_POLL);
}

/* Nanoseconds split into what the kernel takes, up to the largest. */
Test(clock, timespec)
{
	struct timespec t = zi_timespec(1500 * ZI_MS);
	cr_assert(t.tv_sec == 1 && t.tv_nsec == 500000000);
	t = zi_timespec(ZOE_FOREVER);
	cr_assert(t.tv_sec == ZOE_FOREVER / ZI_S && t.tv_nsec == ZOE_FOREVER % ZI_S);
}

/* The kernel refuses times before 0: they are the beginning. */
Test(clock, timespec_below_zero)
{
	struct timespec t = zi_timespec(INT64_MIN);
	cr_assert(t.tv_sec == 0 && t.tv_nsec == 0);
}

/* A long wait is cut into slices, and the last one ends with the deadline. */
Test(clock, slice)
{
	int64_t before = zoe_now_ns();
	int64_t slice = zi_slice(ZOE_FOREVER, ZI_S);
	cr_assert(slice >= before + ZI_S && slice <= zoe_now_ns() + ZI_S);
	cr_assert(zi_slice(before + 5, ZI_S) == before + 5);
	cr_assert(zi_slice(ZOE_POLL, ZI_S) == ZOE_POLL);
}

/* Whoever expects another value than the word has does not sleep. */
Test(clock, futex_wait_on_another_value)
{
	_Atomic uint32_t word = 7;
	int64_t deadline = zoe_deadline_in_ms(30000);
	zi_futex_wait(&word, 6, deadline);
	cr_assert(zoe_now_ns() < deadline);
}

/* A wait ends with its deadline, and is asleep until then rather than awake many times. */
Test(clock, futex_wait_until_the_deadline)
{
	_Atomic uint32_t word = 7;
	int64_t deadline = zoe_deadline_in_ms(200);
	int n = 0;
	for (; zoe_now_ns() < deadline; n++)
		zi_futex_wait(&word, 7, deadline);
	cr_assert(n < 100, "woken %d times", n);
	zi_futex_wait(&word, 7, ZOE_POLL);
}

/* A process that sleeps on the word through a read-only mapping; ends with 0 if it was woken. */
static pid_t sleeper(int fd)
{
	pid_t pid = child_fork();
	if (pid != 0)
		return pid;
	const _Atomic uint32_t *word = zi_object_map(fd, 0, 4096, false);
	int64_t deadline = zoe_deadline_in_ms(30000);
	while (word && atomic_load(word) == 7 && zoe_now_ns() < deadline)
		zi_futex_wait(word, 7, deadline);
	_exit(word && zoe_now_ns() < deadline ? 0 : 1);
}

static void await_sleep(pid_t pid)
{
	char path[64], state = 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	while (state != 'S') {
		FILE *file = fopen(path, "r");
		cr_assert(file && fscanf(file, "%*d %*s %c", &state) == 1);
		fclose(file);
		usleep(1000);
	}
}

/* One ring adds one to the word and wakes all who sleep on it, in whatever process. */
Test(clock, ring_wakes_all)
{
	int fd = zi_object_create();
	cr_assert(fd >= 0 && zi_object_grow(fd, 0, 4096) == 0);
	_Atomic uint32_t *word = zi_object_map(fd, 0, 4096, true);
	cr_assert(word != NULL);
	atomic_store(word, 7);
	pid_t pids[2] = { sleeper(fd), sleeper(fd) };
	for (int i = 0; i < 2; i++)
		await_sleep(pids[i]);
	zi_futex_ring(word);
	cr_assert(atomic_load(word) == 8);
	for (int i = 0; i < 2; i++) {
		int status;
		cr_assert(waitpid(pids[i], &status, 0) == pids[i] && status == 0);
	}
}
