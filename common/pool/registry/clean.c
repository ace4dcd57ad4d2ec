/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The removal of what the dead left. As in announce.c the reel decides: while the name's lock
 * is ours and the name means it, nobody else touches either name. So the seats go first and
 * the reel last.
 */
#include <zoetrope/list.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/layout/layout.h"
#include "pool/registry/directory.h"
#include "pool/registry/name_lock.h"
#include "pool/system/descriptors.h"
#include "pool/system/error.h"
#include "pool/system/object.h"
#include "pool/system/thread.h"

/* A name that changes hands this often while we look is in use. */
#define TRIES 100

static int fail(const char *name, int error)
{
	if (error == -EAGAIN)
		return zi_fail(EBUSY, "pool '%s' has a living writer", name);
	if (error == -EBADMSG || error == -ELOOP || error == -EISDIR || error == -ENXIO)
		return zi_fail(EBADMSG, "/dev/shm/zoe.%s is no pool", name);
	if (error == -ENOENT)
		return zi_fail(ENOENT, "nothing was left behind of a pool '%s'", name);
	if (error == -ESTALE || error == -EBUSY)
		return zi_fail(EBUSY, "pool '%s' is just changing hands", name);
	if (error == -ENOTUNIQ)
		return zi_name_lock_fail(name);
	if (error == -ENOSPC)
		return zi_object_fail(name, 0, ENOSPC);
	return zi_fail(-error, "cannot clean up pool '%s': %s", name, strerror(-error));
}

/* Open it, and make sure that it is one. The descriptor or -errno. */
static int open_object(const char *name, enum zi_object which)
{
	int fd = zi_object_open(name, which, O_RDWR);
	if (fd < 0)
		return fd;
	int is = zi_entry_is(fd, which);
	if (is == 1)
		return fd;
	close(fd);
	return is < 0 ? is : -EBADMSG;
}

/* Remove a name that means what is behind this descriptor, and that nobody else may change now. 0 or -errno. */
static int remove_name(int fd, const char *name, enum zi_object which, struct zoe_cleaned *cleaned)
{
	char path[ZI_PATH_BYTES];
	struct stat status;
	int named = zi_object_named(fd, name, which);
	if (named <= 0)
		return named ? named : -ESTALE;
	zi_object_path(path, name, which);
	if (fstat(fd, &status) || unlink(path))
		return -errno;
	zi_directory_count(cleaned, &status);
	return 0;
}

/*
 * Seats without a reel: nothing keeps a new writer from putting its own under this name at
 * any moment. So it is moved away first, which nobody can do at the same time, and looked
 * at there; what turns out to be another's goes back.
 */
static int remove_orphan(int fd, const char *name, struct zoe_cleaned *cleaned)
{
	char path[ZI_PATH_BYTES];
	struct stat ours, moved;
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -EIO;
	int error = zi_object_rename_back(name, ZI_SEATS, number);
	if (error)
		return error == -ENOENT ? -ESTALE : error;
	snprintf(path, sizeof(path), ZI_SHM_DIRECTORY "/zoe.%s.%016llx.seats.tmp", name, (unsigned long long)number);
	int why = -ESTALE;
	if (fstat(fd, &ours) || lstat(path, &moved)) {
		why = -errno;
	} else if (ours.st_ino == moved.st_ino && ours.st_dev == moved.st_dev) {
		zi_object_unlink_temp(name, ZI_SEATS, number);
		zi_directory_count(cleaned, &ours);
		return 0;
	}
	error = zi_object_rename_into_place(name, ZI_SEATS, number, RENAME_NOREPLACE);
	return error ? error : why;
}

/* Those of a stale reel are as stale as that, whatever locks a member has there. */
static int clean_seats(const char *name, struct zoe_cleaned *cleaned)
{
	int fd = open_object(name, ZI_SEATS);
	if (fd < 0)
		return fd;
	int error = remove_name(fd, name, ZI_SEATS, cleaned);
	close(fd);
	return error;
}

static int clean_orphan(const char *name, struct zoe_cleaned *cleaned)
{
	int fd = open_object(name, ZI_SEATS);
	if (fd < 0)
		return fd;
	int error = zi_entry_stale(fd, ZI_SEATS) ? remove_orphan(fd, name, cleaned) : -EAGAIN;
	close(fd);
	return error;
}

/* Remove a stale pool, having the name's lock. 0 or -errno. */
static int clean_pool(int fd, const char *name, struct zoe_cleaned *cleaned)
{
	/* Only while the reel has the name are the seats of that name its own. */
	int named = zi_object_named(fd, name, ZI_REEL);
	if (named <= 0)
		return named ? named : -ESTALE;
	/* Seats that are not there, or no seats, do not keep the reel from going. */
	clean_seats(name, cleaned);
	return remove_name(fd, name, ZI_REEL, cleaned);
}

static int clean_once(const char *name, struct zoe_cleaned *cleaned)
{
	int fd = open_object(name, ZI_REEL);
	if (fd == -ENOENT)
		return clean_orphan(name, cleaned);
	if (fd < 0)
		return fd;
	int lock = zi_entry_stale(fd, ZI_REEL) ? zi_name_lock(name) : -EAGAIN;
	int error = lock;
	if (lock >= 0) {
		error = clean_pool(fd, name, cleaned);
		zi_name_unlock(lock, name);
	}
	close(fd);
	return error;
}

int zoe_pool_clean(const char *name, struct zoe_cleaned *cleaned)
{
	ZI_UNCANCELLED;
	struct zi_descriptors none;
	uid_t owner;

	*cleaned = (struct zoe_cleaned){ 0 };
	if (zi_check_name(name))
		return -EINVAL;
	int error = zi_descriptors_watch(&none);
	if (error)
		return error;
	error = -ESTALE;
	for (int i = 0; i < TRIES && error == -ESTALE; i++) {
		/* No child may inherit a descriptor, and with it the lock that we take. */
		zi_descriptors_pause();
		error = clean_once(name, cleaned);
		zi_descriptors_resume();
	}
	zi_descriptors_close(&none);
	/* Temporary names: each is one writer's alone, and says whose by its lock. */
	zi_directory_sweep(name, cleaned);
	if (error == -ENOENT && cleaned->n_objects > 0)
		return 0;
	/* Not even the lock is ours to remove. */
	if (error == -ENOENT && zi_object_owner(name, ZI_LOCK, &owner) == 0)
		error = -ENOTUNIQ;
	return error ? fail(name, error) : 0;
}
