/* SPDX-License-Identifier: BSD-2-Clause */
#include "calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define MAX_ERRORS 5

enum call {
	TMPFILE,
	OPEN,
	OPENAT,
	CLOSE,
	STAT,
	FSTAT,
	LSTAT,
	PREAD,
	MMAP,
	MADVISE,
	MUNMAP,
	FALLOCATE,
	LOCK,
	UNLOCK,
	ASK,
	LINKAT,
	RENAME,
	UNLINK,
	UNLINKAT,
	FCHMOD,
	FCHOWN,
	SETXATTR,
	GETRANDOM,
	STATVFS,
	FDOPENDIR,
	READDIR,
	GETGRNAM,
	CALLOC,
	REALLOC,
	THREAD,
	MUTEX_INIT,
	MUTEXATTR_INIT,
	SETPSHARED,
	SETROBUST,
	TRYLOCK,
	CLOCKLOCK,
	CONDATTR_INIT,
	COND_SETPSHARED,
	COND_INIT,
	CLOCKWAIT,
	ATFORK,
	NANOSLEEP,
	EVENTFD,
	FUTEX_SLEEP,
	N_CALLS
};

/* The ways in which each can fail, of those in its manual page that can happen as libzoetrope uses it. */
static const struct {
	const char *name;
	int errors[MAX_ERRORS + 1];
} calls[N_CALLS] = {
	[TMPFILE] = { "open(O_TMPFILE)", { EMFILE, ENFILE, ENOMEM, ENOSPC, EACCES } },
	[OPEN] = { "open", { EMFILE, ENFILE, ENOMEM, EACCES } },
	[OPENAT] = { "openat", { EMFILE, EACCES } },
	[CLOSE] = { "close", { EINTR } },
	[STAT] = { "stat", { ENOENT } },
	[FSTAT] = { "fstat", { ENOMEM } },
	[LSTAT] = { "lstat", { ENOMEM } },
	[PREAD] = { "pread", { EIO } },
	[MMAP] = { "mmap", { ENOMEM, EAGAIN } },
	[MADVISE] = { "madvise", { ENOMEM } },
	[MUNMAP] = { "munmap", { ENOMEM } },
	[FALLOCATE] = { "posix_fallocate", { ENOSPC, ENOMEM, EINTR, EFBIG } },
	[LOCK] = { "fcntl(F_OFD_SETLK, F_WRLCK)", { ENOLCK } },
	[UNLOCK] = { "fcntl(F_OFD_SETLK, F_UNLCK)", { ENOLCK } },
	[ASK] = { "fcntl(F_OFD_GETLK)", { ENOMEM } },
	[LINKAT] = { "linkat", { ENOMEM, ENOSPC, EACCES } },
	[RENAME] = { "rename", { ENOMEM, ENOSPC, EACCES } },
	[UNLINK] = { "unlink", { EACCES } },
	[UNLINKAT] = { "unlinkat", { EACCES } },
	[FCHMOD] = { "fchmod", { EPERM } },
	[FCHOWN] = { "fchown", { EPERM } },
	[SETXATTR] = { "fsetxattr", { EOPNOTSUPP, ENOSPC } },
	[GETRANDOM] = { "getrandom", { ENOSYS } },
	[STATVFS] = { "statvfs", { ENOMEM } },
	[FDOPENDIR] = { "fdopendir", { ENOMEM } },
	[READDIR] = { "readdir", { EIO } },
	[GETGRNAM] = { "getgrnam_r", { EMFILE, ENOMEM } },
	[CALLOC] = { "calloc", { ENOMEM } },
	[REALLOC] = { "reallocarray", { ENOMEM } },
	[THREAD] = { "pthread_create", { EAGAIN } },
	[MUTEX_INIT] = { "pthread_mutex_init", { ENOMEM, EAGAIN } },
	[MUTEXATTR_INIT] = { "pthread_mutexattr_init", { ENOMEM } },
	[SETPSHARED] = { "pthread_mutexattr_setpshared", { ENOTSUP } },
	[SETROBUST] = { "pthread_mutexattr_setrobust", { ENOTSUP } },
	[TRYLOCK] = { "pthread_mutex_trylock", { EBUSY, ENOTRECOVERABLE } },
	/* What cannot be recovered is not so for a moment: see unit-mailbox. */
	[CLOCKLOCK] = { "pthread_mutex_clocklock", { ETIMEDOUT } },
	[CONDATTR_INIT] = { "pthread_condattr_init", { ENOMEM } },
	[COND_SETPSHARED] = { "pthread_condattr_setpshared", { ENOTSUP } },
	[COND_INIT] = { "pthread_cond_init", { ENOMEM, EAGAIN } },
	[CLOCKWAIT] = { "pthread_cond_clockwait", { ETIMEDOUT } },
	[ATFORK] = { "pthread_atfork", { ENOMEM } },
	[NANOSLEEP] = { "clock_nanosleep", { EINTR } },
	[EVENTFD] = { "eventfd", { EMFILE, ENFILE, ENOMEM } },
	[FUTEX_SLEEP] = { "futex(FUTEX_WAIT)", { EINTR, EAGAIN } },
};

static _Thread_local struct {
	bool armed, always, read_first;
	unsigned n, which, count;
	struct fault_report report;
	enum call failed;
	int64_t skew_ns;
} state;

static atomic_long blocks;
static atomic_uint *failures;

void fault_arm(unsigned n, unsigned which, bool always)
{
	state.n = n;
	state.which = which;
	state.always = always;
	state.count = 0;
	state.report = (struct fault_report){ 0 };
	state.armed = true;
}

struct fault_report fault_disarm(void)
{
	state.armed = false;
	return state.report;
}

void fault_skew(int64_t ns)
{
	state.skew_ns = ns;
}

long fault_blocks(void)
{
	return atomic_load(&blocks);
}

bool fault_share(void)
{
	failures = mmap(NULL, N_CALLS * sizeof(*failures), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return failures != MAP_FAILED;
}

unsigned fault_count(bool print)
{
	unsigned never = 0;
	for (int i = 0; i < N_CALLS; i++) {
		unsigned n = atomic_load(&failures[i]);
		never += n == 0;
		if (print)
			printf("%8u %s\n", n, calls[i].name);
	}
	return never;
}

static unsigned n_errors(enum call call)
{
	unsigned n = 0;
	while (calls[call].errors[n])
		n++;
	return n;
}

/*
 * A failure that does not stay: an interruption, and that of a rename between two names
 * that exist, which is what takes a name back after another failure.
 */
static bool passes(enum call call)
{
	return state.report.error == EINTR || call == RENAME;
}

/* The errno with which this call fails, and which is set; 0 when it is not its turn. */
static int due(enum call call)
{
	if (!state.armed)
		return 0;
	state.count++;
	bool first = state.count == state.n;
	bool again = state.always && state.report.call && state.failed == call && !passes(call);
	if (!first && !again)
		return 0;
	if (first) {
		state.failed = call;
		state.report = (struct fault_report){
			.call = calls[call].name,
			.error = calls[call].errors[state.which],
			.n_errors = n_errors(call),
		};
	}
	atomic_fetch_add(&failures[call], 1);
	errno = state.report.error;
	return state.report.error;
}

/* A function that says -1 (or NULL, …) and sets errno. */
#define FAILS(call, result, bad, name, parameters, arguments) \
	result __real_##name parameters; \
	result __wrap_##name parameters; \
	result __wrap_##name parameters \
	{ \
		return due(call) ? (bad) : __real_##name arguments; \
	}

/* A function that returns the errno. */
#define RETURNS(call, name, parameters, arguments) \
	int __real_##name parameters; \
	int __wrap_##name parameters; \
	int __wrap_##name parameters \
	{ \
		int error = due(call); \
		return error ? error : __real_##name arguments; \
	}

/* A function that has done its work all the same when it complains. */
#define COMPLAINS(call, name, parameters, arguments) \
	int __real_##name parameters; \
	int __wrap_##name parameters; \
	int __wrap_##name parameters \
	{ \
		int result = __real_##name arguments; \
		return due(call) ? -1 : result; \
	}

FAILS(STAT, int, -1, stat, (const char *path, struct stat *s), (path, s))
FAILS(FSTAT, int, -1, fstat, (int fd, struct stat *s), (fd, s))
FAILS(LSTAT, int, -1, lstat, (const char *path, struct stat *s), (path, s))
FAILS(PREAD, ssize_t, -1, pread, (int fd, void *to, size_t bytes, off_t at), (fd, to, bytes, at))
FAILS(MMAP, void *, MAP_FAILED, mmap, (void *at, size_t bytes, int protection, int flags, int fd, off_t offset),
	(at, bytes, protection, flags, fd, offset))
FAILS(MADVISE, int, -1, madvise, (void *at, size_t bytes, int advice), (at, bytes, advice))
FAILS(LINKAT, int, -1, linkat, (int from_fd, const char *from, int to_fd, const char *to, int flags),
	(from_fd, from, to_fd, to, flags))
FAILS(RENAME, int, -1, rename, (const char *from, const char *to), (from, to))
FAILS(RENAME, int, -1, renameat2, (int from_fd, const char *from, int to_fd, const char *to, unsigned flags),
	(from_fd, from, to_fd, to, flags))
FAILS(UNLINK, int, -1, unlink, (const char *path), (path))
FAILS(UNLINKAT, int, -1, unlinkat, (int fd, const char *path, int flags), (fd, path, flags))
FAILS(FCHMOD, int, -1, fchmod, (int fd, mode_t mode), (fd, mode))
FAILS(FCHOWN, int, -1, fchown, (int fd, uid_t user, gid_t group), (fd, user, group))
FAILS(SETXATTR, int, -1, fsetxattr, (int fd, const char *name, const void *value, size_t bytes, int flags),
	(fd, name, value, bytes, flags))
FAILS(GETRANDOM, ssize_t, -1, getrandom, (void *to, size_t bytes, unsigned flags), (to, bytes, flags))
FAILS(STATVFS, int, -1, statvfs, (const char *path, struct statvfs *s), (path, s))
FAILS(EVENTFD, int, -1, eventfd, (unsigned count, int flags), (count, flags))

RETURNS(GETGRNAM, getgrnam_r, (const char *name, struct group *entry, char *room, size_t bytes, struct group **found),
	(name, entry, room, bytes, found))
RETURNS(FALLOCATE, posix_fallocate, (int fd, off_t at, off_t bytes), (fd, at, bytes))
RETURNS(THREAD, pthread_create,
	(pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument),
	(thread, attributes, run, argument))
RETURNS(MUTEX_INIT, pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t *attributes),
	(mutex, attributes))
RETURNS(MUTEXATTR_INIT, pthread_mutexattr_init, (pthread_mutexattr_t * attributes), (attributes))
RETURNS(SETPSHARED, pthread_mutexattr_setpshared, (pthread_mutexattr_t * attributes, int shared), (attributes, shared))
RETURNS(SETROBUST, pthread_mutexattr_setrobust, (pthread_mutexattr_t * attributes, int robust), (attributes, robust))
RETURNS(TRYLOCK, pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex))
RETURNS(CLOCKLOCK, pthread_mutex_clocklock, (pthread_mutex_t * mutex, clockid_t clock, const struct timespec *until),
	(mutex, clock, until))
RETURNS(CONDATTR_INIT, pthread_condattr_init, (pthread_condattr_t * attributes), (attributes))
RETURNS(COND_SETPSHARED, pthread_condattr_setpshared, (pthread_condattr_t * attributes, int shared),
	(attributes, shared))
RETURNS(COND_INIT, pthread_cond_init, (pthread_cond_t * cond, const pthread_condattr_t *attributes), (cond, attributes))
RETURNS(CLOCKWAIT, pthread_cond_clockwait,
	(pthread_cond_t * cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until),
	(cond, mutex, clock, until))
RETURNS(ATFORK, pthread_atfork, (void (*prepare)(void), void (*parent)(void), void (*child)(void)),
	(prepare, parent, child))
RETURNS(NANOSLEEP, clock_nanosleep, (clockid_t clock, int flags, const struct timespec *t, struct timespec *left),
	(clock, flags, t, left))

COMPLAINS(CLOSE, close, (int fd), (fd))
COMPLAINS(MUNMAP, munmap, (void *at, size_t bytes), (at, bytes))

DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd)
{
	state.read_first = false;
	return due(FDOPENDIR) ? NULL : __real_fdopendir(fd);
}

/* One of a directory counts: how many entries there are is not this program's doing. */
struct dirent *__real_readdir(DIR *directory);
struct dirent *__wrap_readdir(DIR *directory);
struct dirent *__wrap_readdir(DIR *directory)
{
	bool counts = !state.read_first;
	state.read_first = true;
	return counts && due(READDIR) ? NULL : __real_readdir(directory);
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	mode_t mode = flags & O_CREAT || (flags & __O_TMPFILE) == __O_TMPFILE ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	return due((flags & __O_TMPFILE) == __O_TMPFILE ? TMPFILE : OPEN) ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int directory, const char *path, int flags, ...);
int __wrap_openat(int directory, const char *path, int flags, ...);
int __wrap_openat(int directory, const char *path, int flags, ...)
{
	return due(OPENAT) ? -1 : __real_openat(directory, path, flags);
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
	va_list arguments;
	va_start(arguments, command);
	struct flock *lock = va_arg(arguments, struct flock *);
	va_end(arguments);
	enum call call = command == F_OFD_GETLK ? ASK : lock->l_type == F_UNLCK ? UNLOCK : LOCK;
	return due(call) ? -1 : __real_fcntl(fd, command, lock);
}

/* Only the futex words come this way, and a wake cannot fail. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	long a[6];
	va_list arguments;
	va_start(arguments, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(arguments, long);
	va_end(arguments);
	if (number != SYS_futex)
		abort();
	if (a[1] != FUTEX_WAKE && due(FUTEX_SLEEP))
		return -1;
	return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes)
{
	void *block = due(CALLOC) ? NULL : __real_calloc(n, bytes);
	if (block)
		atomic_fetch_add(&blocks, 1);
	return block;
}

void *__real_reallocarray(void *old, size_t n, size_t bytes);
void *__wrap_reallocarray(void *old, size_t n, size_t bytes);
void *__wrap_reallocarray(void *old, size_t n, size_t bytes)
{
	void *block = due(REALLOC) ? NULL : __real_reallocarray(old, n, bytes);
	if (block && !old)
		atomic_fetch_add(&blocks, 1);
	return block;
}

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
	if (block)
		atomic_fetch_sub(&blocks, 1);
	__real_free(block);
}

int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	int result = __real_clock_gettime(clock, t);
	t->tv_sec += state.skew_ns / 1000000000;
	return result;
}
