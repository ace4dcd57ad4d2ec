/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/registry/name_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/system/descriptors.h"
#include "pool/system/error.h"
#include "pool/system/lock.h"
#include "pool/system/object.h"
#include "pool/system/owner.h"

/* A file that comes and goes this often while we look is another's. */
#define TRIES 100

/* A new one, locked. The descriptor, -EEXIST: there is one by now, or -errno. */
static int make(const char *name)
{
	char path[ZI_PATH_BYTES];
	struct stat reel;
	int error = 0, fd = zi_object_create();

	if (fd < 0)
		return fd;
	zi_object_path(path, name, ZI_REEL);
	/* Root's would keep the pool's user from its name, if root's process died with it. */
	if (lstat(path, &reel) == 0 && reel.st_uid != geteuid() && fchown(fd, reel.st_uid, (gid_t)-1))
		error = errno == EPERM ? -EACCES : -errno;
	if (!error)
		error = zi_lock_take(fd, 0);
	if (!error)
		error = zi_object_link(fd, name, ZI_LOCK);
	if (error)
		close(fd);
	return error ? error : fd;
}

/* Lock the one that is there. The descriptor, -ENOENT: there is none (any more), -EBUSY, -ENOTUNIQ, or another -errno. */
static int take(const char *name)
{
	struct stat status;
	int fd = zi_object_open(name, ZI_LOCK, O_RDWR);

	if (fd == -EACCES || fd == -ELOOP || fd == -EISDIR || fd == -ENXIO)
		return -ENOTUNIQ;
	if (fd < 0)
		return fd;
	int error = fstat(fd, &status) ? -errno : 0;
	if (!error && (!S_ISREG(status.st_mode) || (geteuid() != 0 && status.st_uid != geteuid())))
		error = -ENOTUNIQ;
	if (!error)
		error = zi_lock_take(fd, 0);
	if (error == -EAGAIN)
		error = -EBUSY;
	/* Who had it before us has removed it, and perhaps another has one of that name. */
	if (!error) {
		int named = zi_object_named(fd, name, ZI_LOCK);
		error = named < 0 ? named : named ? 0 : -ENOENT;
	}
	if (error)
		close(fd);
	return error ? error : fd;
}

int zi_name_lock(const char *name)
{
	for (int i = 0; i < TRIES; i++) {
		int fd = take(name);
		if (fd == -ENOENT)
			fd = make(name);
		if (fd != -EEXIST)
			return fd;
	}
	return -EBUSY;
}

int zi_name_lock_fail(const char *name)
{
	char path[ZI_PATH_BYTES], owner[ZI_USER_BYTES];
	uid_t user;

	zi_object_path(path, name, ZI_LOCK);
	if (zi_object_owner(name, ZI_LOCK, &user) || user == geteuid())
		return zi_fail(EACCES, "%s exists and is no lock of a pool's name: remove it", path);
	zi_owner_name(owner, user);
	return zi_fail(EACCES, "%s exists, and is user %s's: choose another name, or have it removed", path, owner);
}

void zi_name_unlock(int fd, const char *name)
{
	/* It is ours as long as we have it, unless somebody removed it by hand. If it stays, the next one removes it. */
	zi_object_unlink(fd, name, ZI_LOCK);
	close(fd);
}

bool zi_name_lock_sweep(const char *name)
{
	zi_descriptors_pause();
	int fd = take(name);
	if (fd >= 0)
		zi_name_unlock(fd, name);
	zi_descriptors_resume();
	return fd >= 0;
}
