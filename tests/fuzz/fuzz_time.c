/* SPDX-License-Identifier: BSD-2-Clause */
#define FUZZ_TIME_ITSELF
#include "fuzz_time.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#define S INT64_C(1000000000)

/* A sleep takes this long at least, so that whoever sleeps again and again comes to a deadline. */
#define LEAST_NS 20000000

void (*fuzz_meanwhile)(void);
void (*fuzz_at_lock)(void);
const char *fuzz_only;

static int64_t now_ns = 1000 * S;
static unsigned sleeps;

void fuzz_pass(int64_t ns)
{
	now_ns += ns;
}

unsigned fuzz_sleeps(void)
{
	unsigned n = sleeps;
	sleeps = 0;
	return n;
}

static void sleep_until(const struct timespec *until)
{
	int64_t least = now_ns + LEAST_NS;
	/* An hour at most: one that waits for ever is then asked what it waits for. */
	int64_t ns = until->tv_sec < now_ns / S + 3600 ? until->tv_sec * S + until->tv_nsec : now_ns + 3600 * S;
	now_ns = ns > least ? ns : least;
	sleeps++;
	if (fuzz_meanwhile)
		fuzz_meanwhile();
}

int fuzz_clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	/* Time passes with each look at it, or who polls the clock would never end. */
	now_ns += 100;
	*now = (struct timespec){ .tv_sec = now_ns / S, .tv_nsec = now_ns % S };
	return 0;
}

int fuzz_clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left)
{
	(void)clock;
	(void)flags;
	(void)left;
	sleep_until(until);
	return 0;
}

int fuzz_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
	(void)clock;
	int error = pthread_mutex_trylock(mutex);
	if (error != EBUSY)
		return error;
	sleep_until(until);
	error = pthread_mutex_trylock(mutex);
	return error == EBUSY ? ETIMEDOUT : error;
}

int fuzz_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
	(void)cond;
	(void)clock;
	pthread_mutex_unlock(mutex);
	sleep_until(until);
	int error = pthread_mutex_trylock(mutex);
	return error == 0 ? ETIMEDOUT : error;
}

/* The library makes one system call by number. */
long fuzz_syscall(long number, ...)
{
	va_list rest;
	va_start(rest, number);
	const uint32_t *word = va_arg(rest, const uint32_t *);
	int operation = va_arg(rest, int);
	uint32_t value = va_arg(rest, unsigned);
	const struct timespec *until = va_arg(rest, const struct timespec *);
	va_end(rest);

	if (number != SYS_futex)
		abort();
	if (operation == FUTEX_WAIT_BITSET && *(const volatile uint32_t *)word == value)
		sleep_until(until);
	return 0;
}

/* Asked for locks alone. */
int fuzz_fcntl(int fd, int command, ...)
{
	va_list rest;
	va_start(rest, command);
	struct flock *lock = va_arg(rest, struct flock *);
	va_end(rest);
	int result = fcntl(fd, command, lock);
	if (fuzz_at_lock)
		fuzz_at_lock();
	return result;
}

struct dirent *fuzz_readdir(DIR *directory)
{
	struct dirent *entry;
	while ((entry = readdir(directory)) && fuzz_only && !strstr(entry->d_name, fuzz_only))
		;
	return entry;
}
