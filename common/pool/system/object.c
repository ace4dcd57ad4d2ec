/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/system/object.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "pool/system/descriptors.h"
#include "pool/system/error.h"
#include "pool/system/mapping.h"

#define MIB (1024.0 * 1024.0)

static const char *const suffix[] = { [ZI_REEL] = "", [ZI_SEATS] = ".seats", [ZI_LOCK] = ".lock" };

void zi_object_path(char path[ZI_PATH_BYTES], const char *name, enum zi_object which)
{
	snprintf(path, ZI_PATH_BYTES, ZI_SHM_DIRECTORY "/zoe.%s%s", name, suffix[which]);
}

int zi_object_create(void)
{
	return zi_descriptors_above_standard(open(ZI_SHM_DIRECTORY, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

int zi_object_open(const char *name, enum zi_object which, int flags)
{
	char path[ZI_PATH_BYTES];
	zi_object_path(path, name, which);
	/* What shm_open does; O_NONBLOCK so that a fifo of that name does not make us wait. */
	return zi_descriptors_above_standard(open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

static bool is_size_signal_pending(void)
{
	sigset_t pending;
	return sigpending(&pending) == 0 && sigismember(&pending, SIGXFSZ) == 1;
}

/* What is beyond the limit on the size of files is an error for us, and no death of whose thread this is. */
static void drop_size_signal(void)
{
	const struct timespec at_once = { 0 };
	sigset_t size;
	sigemptyset(&size);
	sigaddset(&size, SIGXFSZ);
	while (sigtimedwait(&size, NULL, &at_once) < 0 && errno == EINTR)
		continue;
}

int zi_object_grow(int fd, uint64_t offset, uint64_t bytes)
{
	assert(bytes > 0);
	sigset_t all, before;
	int error, cancel_before;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_before);
	/* Many kernels begin anew after each signal: with a timer's coming often enough there would be no end. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool was_pending = is_size_signal_pending();
	do
		error = posix_fallocate(fd, (off_t)offset, (off_t)bytes);
	while (error == EINTR);
	if (error == EFBIG && !was_pending)
		drop_size_signal();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_setcancelstate(cancel_before, NULL);
	return -error;
}

void *zi_object_map(int fd, uint64_t offset, size_t bytes, bool writable)
{
	int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
	void *map = mmap(NULL, bytes, protection, MAP_SHARED, fd, (off_t)offset);
	if (map == MAP_FAILED) {
		/* The limit of locked memory, after mlockall(). EAGAIN means something else to our callers. */
		if (errno == EAGAIN)
			errno = ENOMEM;
		return NULL;
	}
	/* Dumping a gigabyte of frames would delay the news of a death by seconds. */
	if (madvise(map, bytes, MADV_DONTFORK) || madvise(map, bytes, MADV_DONTDUMP)) {
		int saved = errno;
		munmap(map, bytes);
		errno = saved;
		return NULL;
	}
	zi_mapping_add(map, bytes, writable);
	return map;
}

int zi_object_named(int fd, const char *name, enum zi_object which)
{
	char path[ZI_PATH_BYTES];
	struct stat ours, theirs;
	zi_object_path(path, name, which);
	if (fstat(fd, &ours))
		return -errno;
	if (lstat(path, &theirs))
		return errno == ENOENT ? 0 : -errno;
	return ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

int zi_object_owner(const char *name, enum zi_object which, uid_t *user)
{
	char path[ZI_PATH_BYTES];
	struct stat status;
	zi_object_path(path, name, which);
	if (lstat(path, &status))
		return -errno;
	*user = status.st_uid;
	return 0;
}

static void temp_path(char path[ZI_PATH_BYTES], const char *name, enum zi_object which, uint64_t epoch)
{
	snprintf(path, ZI_PATH_BYTES, ZI_SHM_DIRECTORY "/zoe.%s.%016llx%s.tmp", name, (unsigned long long)epoch,
		suffix[which]);
}

static int link_as(int fd, const char *path)
{
	char self[32];
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) ? -errno : 0;
}

int zi_object_link(int fd, const char *name, enum zi_object which)
{
	char path[ZI_PATH_BYTES];
	zi_object_path(path, name, which);
	return link_as(fd, path);
}

int zi_object_link_temp(int fd, const char *name, enum zi_object which, uint64_t epoch)
{
	char path[ZI_PATH_BYTES];
	temp_path(path, name, which, epoch);
	return link_as(fd, path);
}

int zi_object_rename_into_place(const char *name, enum zi_object which, uint64_t epoch, unsigned flags)
{
	char path[ZI_PATH_BYTES], temp[ZI_PATH_BYTES];
	zi_object_path(path, name, which);
	temp_path(temp, name, which, epoch);
	return renameat2(AT_FDCWD, temp, AT_FDCWD, path, flags) ? -errno : 0;
}

int zi_object_rename_back(const char *name, enum zi_object which, uint64_t epoch)
{
	char path[ZI_PATH_BYTES], temp[ZI_PATH_BYTES];
	zi_object_path(path, name, which);
	temp_path(temp, name, which, epoch);
	return renameat2(AT_FDCWD, path, AT_FDCWD, temp, RENAME_NOREPLACE) ? -errno : 0;
}

void zi_object_unlink_temp(const char *name, enum zi_object which, uint64_t epoch)
{
	char path[ZI_PATH_BYTES];
	temp_path(path, name, which, epoch);
	unlink(path);
}

void zi_object_unlink(int fd, const char *name, enum zi_object which)
{
	char path[ZI_PATH_BYTES];
	zi_object_path(path, name, which);
	if (zi_object_named(fd, name, which) == 1)
		unlink(path);
}

void zi_object_space(uint64_t *total, uint64_t *free_bytes)
{
	struct statvfs space;
	*total = *free_bytes = 0;
	if (statvfs(ZI_SHM_DIRECTORY, &space))
		return;
	*total = (uint64_t)space.f_blocks * space.f_frsize;
	*free_bytes = (uint64_t)space.f_bavail * space.f_frsize;
}

uint64_t zi_object_most_bytes(void)
{
	struct rlimit limit;
	return getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

/* What is wrong with the directory, beside being full; NULL: nothing. */
static const char *directory_trouble(void)
{
	struct statvfs space;
	struct stat status;

	if (stat(ZI_SHM_DIRECTORY, &status))
		return errno == ENOENT ? "there is none: mount -t tmpfs tmpfs " ZI_SHM_DIRECTORY : strerror(errno);
	if (!S_ISDIR(status.st_mode))
		return "it is no directory: mount a tmpfs there";
	if (statvfs(ZI_SHM_DIRECTORY, &space) == 0 && space.f_flag & ST_RDONLY)
		return "it is read-only: mount -o remount,rw " ZI_SHM_DIRECTORY;
	return NULL;
}

/* True where it has pages left and no inode: whatever wants a new file, or a name for one, is told that it is full. */
static bool has_no_inode(void)
{
	struct statvfs space;

	return statvfs(ZI_SHM_DIRECTORY, &space) == 0 && space.f_files > 0 && space.f_favail == 0;
}

int zi_object_fail_map(const char *name, uint64_t bytes, int error)
{
	struct rlimit limit;

	if (error != ENOMEM || getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return zi_fail(error, "cannot map pool '%s': %s", name, strerror(error));
	return zi_fail(ENOMEM,
		"cannot map pool '%s': it may grow to %.4g MiB, and the limit on this process's address space is %.4g MiB; "
		"raise it (ulimit -v, LimitAS=) or let capture use less (zoe-capture --memory SIZE)",
		name, (double)bytes / MIB, (double)limit.rlim_cur / MIB);
}

int zi_object_fail(const char *name, uint64_t bytes, int error)
{
	uint64_t total, available;
	const char *trouble = directory_trouble();
	if (trouble)
		return zi_fail(error, "no shared memory for pool '%s' (" ZI_SHM_DIRECTORY "): %s", name, trouble);
	if (error == EFBIG)
		return zi_fail(ENOSPC,
			"pool '%s' needs %.4g MiB more, and an object larger than this process may make: %.4g MiB is the "
			"limit on the size of files; raise it (ulimit -f, LimitFSIZE=) or use a smaller picture",
			name, (double)bytes / MIB, (double)zi_object_most_bytes() / MIB);
	if (error == ENOSPC && has_no_inode())
		return zi_fail(ENOSPC,
			"no file for pool '%s' can be made in " ZI_SHM_DIRECTORY
			", which has all the inodes that it may have: "
			"remove files there, or let it have more (mount -o remount,nr_inodes=NUMBER " ZI_SHM_DIRECTORY
			")",
			name);
	if ((error != ENOSPC && error != EDQUOT) || bytes == 0)
		return zi_fail(error, "cannot allocate shared memory for pool '%s': %s", name, strerror(error));
	zi_object_space(&total, &available);
	return zi_fail(ENOSPC,
		"shared memory is full: pool '%s' needs %.4g MiB more, /dev/shm has %.4g MiB free of "
		"%.4g MiB; make it larger (mount -o remount,size=SIZE /dev/shm, docker run --shm-size=SIZE) "
		"or use a smaller picture",
		name, (double)bytes / MIB, (double)available / MIB, (double)total / MIB);
}
