/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time for the fuzz targets: whoever sleeps finds that the time has come, at once. The
 * library's sources are compiled with this header before them, so that deadlines, graces
 * and censuses of seconds cost nothing, and each input does the same every time. For the
 * sake of that they find no other pools in /dev/shm than the target's own, either.
 */
#ifndef FUZZ_TIME_H
#define FUZZ_TIME_H

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

/* Let this much time go by. */
void fuzz_pass(int64_t ns);

/* Called when somebody sleeps, if set: what the other side does meanwhile. */
extern void (*fuzz_meanwhile)(void);

/* Called when the library asks the kernel about a lock, if set. */
extern void (*fuzz_at_lock)(void);

/* The only pool that there is; NULL: all. */
extern const char *fuzz_only;

/* How often somebody slept since the last call. */
unsigned fuzz_sleeps(void);

int fuzz_clock_gettime(clockid_t clock, struct timespec *now);
int fuzz_clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left);
int fuzz_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until);
int fuzz_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until);
long fuzz_syscall(long number, ...);
int fuzz_fcntl(int fd, int command, ...);
struct dirent *fuzz_readdir(DIR *directory);

#ifndef FUZZ_TIME_ITSELF
#define clock_gettime fuzz_clock_gettime
#define clock_nanosleep fuzz_clock_nanosleep
#define pthread_mutex_clocklock fuzz_mutex_clocklock
#define pthread_cond_clockwait fuzz_cond_clockwait
#define syscall fuzz_syscall
#define fcntl fuzz_fcntl
#define readdir fuzz_readdir
#endif

#endif
