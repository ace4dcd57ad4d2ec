/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared memory objects as files: made, named, taken over, removed. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "pool/system/object.h"
#include "support/name.h"

#define EPOCH UINT64_C(0xabc)
#define REPLACE 0

static char name[ZOE_NAME_BYTES];
static char path[ZI_PATH_BYTES], temp[ZI_PATH_BYTES + 32];
static int fd; /* an object without a name, to begin with */

static void begin(void)
{
	own_pool_name(name, "unit-object");
	zi_object_path(path, name, ZI_REEL);
	snprintf(temp, sizeof(temp), "%s.%016llx.tmp", path, (unsigned long long)EPOCH);
	fd = zi_object_create();
	cr_assert(fd >= 0, "%s", strerror(-fd));
}

static void end(void)
{
	unlink(path);
	unlink(temp);
	close(fd);
}

static bool exists(const char *file)
{
	return access(file, F_OK) == 0;
}

static struct stat status_of(int object)
{
	struct stat status;
	cr_assert(fstat(object, &status) == 0);
	return status;
}

static int bring_and_take(int object, uint64_t epoch, unsigned flags)
{
	int error = zi_object_link_temp(object, name, ZI_REEL, epoch);
	return error ? error : zi_object_rename_into_place(name, ZI_REEL, epoch, flags);
}

TestSuite(object, .init = begin, .fini = end, .timeout = 60);

/* Reel and seats of a pool have the paths that LAYOUT.md says, the longest name included. */
Test(object, path)
{
	char longest[ZOE_NAME_BYTES], expected[ZI_PATH_BYTES];
	memset(longest, 'x', sizeof(longest));
	longest[ZOE_NAME_BYTES - 1] = '\0';
	zi_object_path(path, "cam0", ZI_REEL);
	cr_assert(strcmp(path, "/dev/shm/zoe.cam0") == 0);
	zi_object_path(path, longest, ZI_SEATS);
	snprintf(expected, sizeof(expected), "/dev/shm/zoe.%s.seats", longest);
	cr_assert(strcmp(path, expected) == 0);
}

/* A new object is empty, nobody else's, without a name, and not for a program that is executed. */
Test(object, create)
{
	struct stat status = status_of(fd);
	cr_assert(status.st_size == 0 && status.st_nlink == 0);
	cr_assert((status.st_mode & 07777) == 0600);
	cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	cr_assert(!exists(path));
}

/* What was grown is there to its last page: a hole could not be filled in somebody else's read. */
Test(object, grow_without_holes)
{
	cr_assert(zi_object_grow(fd, 0, 10 * 4096) == 0);
	cr_assert(pwrite(fd, "x", 1, 5000) == 1);
	cr_assert(zi_object_grow(fd, 10 * 4096, 30 * 4096) == 0);
	struct stat status = status_of(fd);
	cr_assert(status.st_size == 40 * 4096 && status.st_blocks * 512 >= status.st_size);
	char byte = 0;
	cr_assert(pread(fd, &byte, 1, 5000) == 1 && byte == 'x', "what was there stays");
}

/* More than is allowed is an error, and the object stays as it was. */
Test(object, grow_beyond_a_limit)
{
	/* This limit is looked at before any memory is taken; filling /dev/shm might end the machine. */
	struct rlimit limit = { .rlim_cur = 8192, .rlim_max = RLIM_INFINITY };
	cr_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR && setrlimit(RLIMIT_FSIZE, &limit) == 0);
	cr_assert(zi_object_grow(fd, 0, 4096) == 0);
	cr_assert(zi_object_grow(fd, 4096, 8192) == -EFBIG);
	cr_assert(status_of(fd).st_size == 4096);
	cr_assert(zi_object_grow(-1, 0, 4096) == -EBADF);
}

/* Free bytes are some of all bytes. */
Test(object, space)
{
	uint64_t total, free_bytes;
	zi_object_space(&total, &free_bytes);
	cr_assert(total > 0 && free_bytes > 0 && free_bytes <= total);
}

/* The permissions and the flags ("VmFlags") that the kernel has noted for a mapping. */
static void look_up(const void *map, char permissions[8], char flags[512])
{
	char line[512], start[32];
	bool found = false;
	int n = snprintf(start, sizeof(start), "%llx-", (unsigned long long)(uintptr_t)map);
	FILE *file = fopen("/proc/self/smaps", "r");
	cr_assert(file != NULL);
	permissions[0] = flags[0] = '\0';
	while (flags[0] == '\0' && fgets(line, sizeof(line), file)) {
		if (strncmp(line, start, (size_t)n) == 0)
			found = sscanf(line, "%*s %7s", permissions) == 1;
		else if (found && strncmp(line, "VmFlags:", 8) == 0)
			strcpy(flags, line + 8);
	}
	fclose(file);
}

/* A mapping is shared, goes into no child and no core dump, and is read-only unless asked for. */
Test(object, map)
{
	char permissions[8], flags[512];
	zi_object_grow(fd, 0, 2 * 4096);
	char *written = zi_object_map(fd, 0, 2 * 4096, true);
	const char *read_only = zi_object_map(fd, 4096, 4096, false);
	cr_assert(written && read_only);
	written[4096] = 'x';
	cr_assert(read_only[0] == 'x');
	look_up(written, permissions, flags);
	cr_assert(strcmp(permissions, "rw-s") == 0 && strstr(flags, " dc") && strstr(flags, " dd"));
	look_up(read_only, permissions, flags);
	cr_assert(strcmp(permissions, "r--s") == 0 && strstr(flags, " dc") && strstr(flags, " dd"));
	munmap(written, 2 * 4096);
	munmap((void *)(uintptr_t)read_only, 4096);
}

/* A mapping that is not possible is NULL, and errno says why. */
Test(object, map_of_nothing)
{
	errno = 0;
	cr_assert(zi_object_map(-1, 0, 4096, false) == NULL && errno == EBADF);
	errno = 0;
	cr_assert(zi_object_map(fd, 0, 0, false) == NULL && errno == EINVAL);
}

/* An object under a temporary name is not under the pool's name yet; dropped, it is gone. */
Test(object, bring_and_drop)
{
	cr_assert(zi_object_link_temp(fd, name, ZI_REEL, EPOCH) == 0);
	cr_assert(exists(temp) && !exists(path) && zi_object_named(fd, name, ZI_REEL) == 0);
	cr_assert(zi_object_link_temp(fd, name, ZI_REEL, EPOCH) == -EEXIST);
	zi_object_unlink_temp(name, ZI_REEL, EPOCH);
	cr_assert(!exists(temp));
}

/* A name that nobody has is taken; then it means this object and no other. */
Test(object, take_a_free_name)
{
	int other = zi_object_create();
	cr_assert(bring_and_take(fd, EPOCH, RENAME_NOREPLACE) == 0);
	cr_assert(exists(path) && !exists(temp));
	cr_assert(zi_object_named(fd, name, ZI_REEL) == 1);
	cr_assert(zi_object_named(other, name, ZI_REEL) == 0);
	cr_assert(zi_object_named(fd, name, ZI_SEATS) == 0);
	cr_assert(zi_object_named(-1, name, ZI_REEL) == -EBADF);
	close(other);
}

/* A name that somebody has is not taken with NOREPLACE; both objects stay where they are. */
Test(object, take_a_name_of_somebody)
{
	int other = zi_object_create();
	bring_and_take(other, EPOCH + 1, RENAME_NOREPLACE);
	cr_assert(bring_and_take(fd, EPOCH, RENAME_NOREPLACE) == -EEXIST);
	cr_assert(zi_object_named(other, name, ZI_REEL) == 1 && exists(temp));
	close(other);
}

/* Without flags the name goes over, and who had it before has none. */
Test(object, take_replacing)
{
	int other = zi_object_create();
	bring_and_take(other, EPOCH + 1, RENAME_NOREPLACE);
	cr_assert(bring_and_take(fd, EPOCH, REPLACE) == 0);
	cr_assert(zi_object_named(fd, name, ZI_REEL) == 1 && status_of(other).st_nlink == 0);
	close(other);
}

/* Exchanged, the one before has a temporary name and can have its name back in the same way. */
Test(object, take_in_exchange)
{
	int other = zi_object_create();
	bring_and_take(other, EPOCH + 1, RENAME_NOREPLACE);
	cr_assert(bring_and_take(fd, EPOCH, RENAME_EXCHANGE) == 0);
	cr_assert(zi_object_named(fd, name, ZI_REEL) == 1 && status_of(other).st_nlink == 1);
	cr_assert(zi_object_rename_into_place(name, ZI_REEL, EPOCH, RENAME_EXCHANGE) == 0);
	cr_assert(zi_object_named(other, name, ZI_REEL) == 1 && status_of(fd).st_nlink == 1);
	close(other);
}

/* There is nothing to take before it was brought, and no one to exchange with. */
Test(object, take_of_nothing)
{
	cr_assert(zi_object_rename_into_place(name, ZI_REEL, EPOCH, REPLACE) == -ENOENT);
	cr_assert(bring_and_take(fd, EPOCH, RENAME_EXCHANGE) == -ENOENT);
	cr_assert(exists(temp));
}

/* A name given back is free, and its object keeps a name, so that it can have this one again. */
Test(object, give_back)
{
	bring_and_take(fd, EPOCH, RENAME_NOREPLACE);
	cr_assert(zi_object_rename_back(name, ZI_REEL, EPOCH) == 0);
	cr_assert(!exists(path) && status_of(fd).st_nlink == 1);
	cr_assert(zi_object_rename_back(name, ZI_REEL, EPOCH) == -ENOENT);
	cr_assert(zi_object_rename_into_place(name, ZI_REEL, EPOCH, RENAME_NOREPLACE) == 0);
	cr_assert(zi_object_named(fd, name, ZI_REEL) == 1);
}

/* One removes only what is one's own. */
Test(object, unlink_only_ones_own)
{
	int other = zi_object_create();
	bring_and_take(fd, EPOCH, RENAME_NOREPLACE);
	zi_object_unlink(other, name, ZI_REEL);
	cr_assert(exists(path));
	zi_object_unlink(fd, name, ZI_REEL);
	cr_assert(!exists(path));
	zi_object_unlink(fd, name, ZI_REEL);
	close(other);
}

/* Opening by name gives the object of that name, and nothing of that name is no object. */
Test(object, open)
{
	cr_assert(zi_object_open(name, ZI_REEL, O_RDONLY) == -ENOENT);
	bring_and_take(fd, EPOCH, RENAME_NOREPLACE);
	int opened = zi_object_open(name, ZI_REEL, O_RDONLY);
	cr_assert(opened >= 0 && status_of(opened).st_ino == status_of(fd).st_ino);
	cr_assert(fcntl(opened, F_GETFD) & FD_CLOEXEC);
	cr_assert(write(opened, "x", 1) == -1 && errno == EBADF);
	close(opened);
}

/* An object never is a program's standard output or error, even where those are closed: what is printed is no frame. */
Test(object, is_no_standard_descriptor)
{
	int opened[2], saved = dup(STDOUT_FILENO);
	bring_and_take(fd, EPOCH, RENAME_NOREPLACE);
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	opened[0] = zi_object_create();
	opened[1] = zi_object_open(name, ZI_REEL, O_RDWR);
	bool is_closed = fcntl(STDOUT_FILENO, F_GETFD) == -1;
	dup2(saved, STDOUT_FILENO);
	for (int i = 0; i < 2; i++) {
		cr_assert(opened[i] > STDERR_FILENO, "descriptor %d", opened[i]);
		cr_assert(fcntl(opened[i], F_GETFD) & FD_CLOEXEC);
		close(opened[i]);
	}
	cr_assert(is_closed);
	cr_assert(status_of(fd).st_nlink == 1);
}

/* A link leads nobody elsewhere, and a fifo makes nobody wait. */
Test(object, open_what_is_no_object)
{
	cr_assert(symlink("/dev/null", path) == 0);
	cr_assert(zi_object_open(name, ZI_REEL, O_RDWR) == -ELOOP);
	unlink(path);
	cr_assert(mkfifo(path, 0600) == 0);
	int opened = zi_object_open(name, ZI_REEL, O_RDONLY);
	cr_assert(opened >= 0);
	close(opened);
}

static volatile sig_atomic_t n_signals;

static void count_signal(int number)
{
	(void)number;
	n_signals++;
}

/* Signals that come more often than an object can be made larger do not keep it from that, and are not lost. */
Test(object, grow_among_signals)
{
	const struct itimerval often = { { 0, 200 }, { 0, 200 } }, never = { { 0, 0 }, { 0, 0 } };

	signal(SIGALRM, count_signal);
	cr_assert(setitimer(ITIMER_REAL, &often, NULL) == 0);
	int error = zi_object_grow(fd, 0, UINT64_C(256) << 20);
	setitimer(ITIMER_REAL, &never, NULL);
	cr_assert(error == 0 && n_signals > 0, "%s, %d signals", strerror(-error), (int)n_signals);
}

/* Beyond the limit on the size of files is an error, and SIGXFSZ, which would end the process, is none of ours. */
Test(object, grow_beyond_the_limit)
{
	const struct rlimit limit = { 8192, RLIM_INFINITY };
	sigset_t size, pending;

	cr_assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	cr_assert(zi_object_grow(fd, 0, 8192) == 0 && zi_object_grow(fd, 8192, 1) == -EFBIG);
	cr_assert(zi_object_fail(name, 4096, EFBIG) == -ENOSPC);
	cr_assert(strstr(zoe_error(), "ulimit -f") && !strstr(zoe_error(), "full"), "%s", zoe_error());
	/* One that somebody else sent before is still there afterwards. */
	sigemptyset(&size);
	sigaddset(&size, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &size, NULL);
	raise(SIGXFSZ);
	cr_assert(zi_object_grow(fd, 8192, 1) == -EFBIG);
	cr_assert(sigpending(&pending) == 0 && sigismember(&pending, SIGXFSZ) == 1);
}
