/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The taking of a name. The reel's name decides: whoever has it may replace the seats'.
 * A stale pool is replaced only while holding its lock and while the name still means
 * it, so of two writers that find the same stale pool one wins and the other sees a live
 * one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "pool/error.h"
#include "pool/lock.h"
#include "pool/object.h"
#include "pool/writer_internal.h"

/* A name that changes hands this often while we look is somebody's mistake. */
#define TRIES 100

/* Is the object that has the name a pool's reel, of whatever version? And whose? */
static bool is_reel(int fd, uint32_t *writer_pid)
{
	struct zi_reel header;
	if (pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header || header.magic != ZI_REEL_MAGIC)
		return false;
	*writer_pid = header.writer_pid;
	return true;
}

static int put_name(struct zoe_writer *writer, enum zi_object which)
{
	int error = zi_object_replace(writer->fork.fds[which], writer->name, which, writer->epoch);
	return error ? zi_fail(-error, "cannot name pool '%s': %s", writer->name, strerror(-error)) : 0;
}

/* Replace the object behind `fd`, which had the name. -ESTALE: it has it no longer, look again. */
static int replace(struct zoe_writer *writer, int fd)
{
	struct zoe_writer *predecessor = writer->predecessor;
	uint32_t pid = 0;

	if (predecessor && predecessor->named &&
	    zi_object_named(zi_writer_reel_fd(predecessor), writer->name, ZI_REEL))
		return put_name(writer, ZI_REEL);
	if (!is_reel(fd, &pid))
		return zi_fail(EEXIST, "/dev/shm/zoe.%s exists and is no pool: remove it, or choose another name",
			writer->name);
	if (zi_lock_take(fd, 0))
		return zi_fail(EBUSY, "pool '%s' is being written by pid %u: stop it, or choose another name",
			writer->name, pid);
	if (!zi_object_named(fd, writer->name, ZI_REEL))
		return -ESTALE;
	return put_name(writer, ZI_REEL);
}

static int take_name_once(struct zoe_writer *writer)
{
	int fd = zi_object_open(writer->name, ZI_REEL, O_RDWR);
	if (fd == -ENOENT) {
		int error = zi_object_link(zi_writer_reel_fd(writer), writer->name, ZI_REEL);
		if (error == 0 || error == -EEXIST)
			return error ? -ESTALE : 0;
		return zi_fail(-error, "cannot name pool '%s': %s", writer->name, strerror(-error));
	}
	if (fd == -EACCES || fd == -EPERM)
		return zi_fail(EACCES, "pool '%s' belongs to another user", writer->name);
	if (fd < 0)
		return zi_fail(EEXIST, "/dev/shm/zoe.%s exists and is no pool: remove it, or choose another name",
			writer->name);
	int error = replace(writer, fd);
	close(fd);
	return error;
}

static int take_name(struct zoe_writer *writer)
{
	int error = -ESTALE;
	zi_object_sweep(writer->name);
	for (int i = 0; i < TRIES && error == -ESTALE; i++) {
		/* No child may inherit the stale pool's descriptor, and with it the lock that we take. */
		zi_fork_pause();
		error = take_name_once(writer);
		zi_fork_resume();
	}
	if (error == -ESTALE)
		error = zi_fail(EBUSY, "pool '%s' keeps changing hands", writer->name);
	if (error)
		return error;
	error = put_name(writer, ZI_SEATS);
	if (error)
		zi_object_unlink(zi_writer_reel_fd(writer), writer->name, ZI_REEL);
	return error;
}

int zoe_writer_announce(struct zoe_writer *writer)
{
	if (writer->fork.is_copy)
		return zi_fail(ECHILD, "this writer belongs to the parent process");
	if (writer->named)
		return 0;
	int error = take_name(writer);
	if (error)
		return error;
	writer->named = true;

	struct zoe_writer *predecessor = writer->predecessor;
	if (predecessor) {
		pthread_mutex_lock(&predecessor->mutex);
		predecessor->named = false;
		zi_writer_close(predecessor, ZI_POOL_RETIRED);
		pthread_mutex_unlock(&predecessor->mutex);
	}
	return 0;
}
