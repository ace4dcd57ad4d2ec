/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The taking of a name. The reel's name decides: whoever has it may replace the seats'.
 * A stale pool is replaced only while holding the name's lock and while the name still
 * means it, so of two writers that find the same stale pool one wins and the other sees a
 * live one. That it is stale its own lock says, which no onlooker can have.
 */
#include "pool/writer/announce.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pool/registry/directory.h"
#include "pool/registry/name_lock.h"
#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/system/lock.h"
#include "pool/system/object.h"
#include "pool/system/owner.h"
#include "pool/system/thread.h"
#include "pool/writer/housekeeping.h"

/* A name that changes hands this often while we look is somebody's mistake. */
#define TRIES 100

/* A writer that lives does so for longer than this many naps, and who replaces or cleans is done sooner. */
#define BUSY_TRIES 20

/* Room for what whose() says. */
#define WHOSE_BYTES (ZI_USER_BYTES + 16)

/* 1 when the object that has the name is a pool's reel, of whatever version, and who writes it; 0 or -errno. */
static int is_reel(int fd, uint32_t *writer_pid)
{
	struct zi_reel header;
	ssize_t n = pread(fd, &header, sizeof(header), 0);
	if (n < 0 && errno != EISDIR)
		return -errno;
	*writer_pid = header.writer_pid;
	return n == (ssize_t)sizeof(header) && header.magic == ZI_REEL_MAGIC;
}

static int fail(const struct zoe_writer *writer, int error)
{
	if (error == -ENOSPC)
		return zi_object_fail(writer->name, 0, ENOSPC);
	return zi_fail(-error, "cannot name pool '%s': %s", writer->name, strerror(-error));
}

/* ", and is user joe's" where this object has the name and is another user's; else "". */
static const char *whose(char text[WHOSE_BYTES], const struct zoe_writer *writer, enum zi_object which)
{
	char owner[ZI_USER_BYTES];
	uid_t user;

	text[0] = '\0';
	if (zi_object_owner(writer->name, which, &user) == 0 && user != geteuid()) {
		zi_owner_name(owner, user);
		snprintf(text, WHOSE_BYTES, ", and is user %s's", owner);
	}
	return text;
}

/* An object that is no pool's has the name. */
static int fail_foreign(const struct zoe_writer *writer)
{
	char text[WHOSE_BYTES];

	return zi_fail(EEXIST, "/dev/shm/zoe.%s exists and is no pool%s: remove it, or choose another name",
		writer->name, whose(text, writer, ZI_REEL));
}

/* The name may not be taken: if an object of another user's has it, whose. */
static int fail_permission(const struct zoe_writer *writer, enum zi_object which, int error)
{
	char path[ZI_PATH_BYTES], text[WHOSE_BYTES];

	if (!whose(text, writer, which)[0])
		return fail(writer, error);
	zi_object_path(path, writer->name, which);
	return zi_fail(EACCES, "%s exists%s: choose another name, or have it removed", path, text);
}

/* It is being written. What another user's pool says of its writer need not be so. */
static int fail_busy(const struct zoe_writer *writer, uint32_t pid)
{
	char text[WHOSE_BYTES];

	if (whose(text, writer, ZI_REEL)[0])
		return zi_fail(EBUSY, "pool '%s' is being written%s: choose another name, or have it stopped",
			writer->name, text);
	return zi_fail(EBUSY, "pool '%s' is being written by pid %u: stop it, or choose another name", writer->name,
		pid);
}

/* Give both objects a temporary name. What was done before a failure stays for the next try. */
static int link_temps(struct zoe_writer *writer)
{
	if (writer->linked)
		return 0;
	for (enum zi_object which = ZI_REEL; which <= ZI_SEATS; which++) {
		if (writer->has_temp[which])
			continue;
		int error = zi_object_link_temp(writer->descriptors.fds[which], writer->name, which, writer->epoch);
		if (error)
			return fail(writer, error);
		writer->has_temp[which] = true;
	}
	writer->linked = true;
	return 0;
}

/* Give this object the pool's name, having given both a temporary name. */
static int put_name(struct zoe_writer *writer, enum zi_object which, unsigned flags)
{
	/* Only now, when the name is ours to take: who finds it taken leaves nothing under a temporary name. */
	int error = link_temps(writer);
	if (error)
		return error;
	error = zi_object_rename_into_place(writer->name, which, writer->epoch, flags);
	if (error == -EEXIST)
		return -ESTALE;
	if (error == -EPERM || error == -EACCES)
		return fail_permission(writer, which, error);
	if (error)
		return fail(writer, error);
	writer->has_temp[which] = flags == RENAME_EXCHANGE;
	return 0;
}

static bool has_name(struct zoe_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	bool named = writer->named;
	pthread_mutex_unlock(&writer->mutex);
	return named;
}

/* Replace the object of a dead writer, having the name's lock. -ESTALE: it has the name no longer, look again. */
static int replace_stale(struct zoe_writer *writer, int fd)
{
	int named = zi_object_named(fd, writer->name, ZI_REEL);
	if (named < 0)
		return fail(writer, named);
	return named ? put_name(writer, ZI_REEL, 0) : -ESTALE;
}

/* Replace the object behind `fd`, which had the name. -ESTALE: it has it no longer, look again. */
static int replace(struct zoe_writer *writer, int fd)
{
	struct zoe_writer *predecessor = writer->predecessor;
	uint32_t pid = 0;

	if (predecessor && has_name(predecessor)) {
		int named = zi_object_named(zi_writer_reel_fd(predecessor), writer->name, ZI_REEL);
		if (named < 0)
			return fail(writer, named);
		if (named)
			return put_name(writer, ZI_REEL, RENAME_EXCHANGE);
	}
	int reel = is_reel(fd, &pid);
	if (reel <= 0)
		return reel ? fail(writer, reel) : fail_foreign(writer);
	if (!zi_entry_stale(fd, ZI_REEL))
		return fail_busy(writer, pid);
	int lock = zi_name_lock(writer->name);
	if (lock == -EBUSY)
		return zi_fail(EBUSY, "pool '%s' is just being replaced or removed by another process", writer->name);
	if (lock == -ENOTUNIQ)
		return zi_name_lock_fail(writer->name);
	if (lock == -EACCES)
		return fail_permission(writer, ZI_REEL, lock);
	if (lock < 0)
		return fail(writer, lock);
	int error = replace_stale(writer, fd);
	zi_name_unlock(lock, writer->name);
	return error;
}

static int take_name_once(struct zoe_writer *writer)
{
	int fd = zi_object_open(writer->name, ZI_REEL, O_RDWR);
	if (fd == -ENOENT)
		return put_name(writer, ZI_REEL, RENAME_NOREPLACE);
	if (fd == -EACCES || fd == -EPERM)
		return fail_permission(writer, ZI_REEL, fd);
	if (fd == -ELOOP || fd == -EISDIR || fd == -ENXIO)
		return fail_foreign(writer);
	if (fd < 0)
		return fail(writer, fd);
	int error = replace(writer, fd);
	close(fd);
	return error;
}

static int take_reel_name(struct zoe_writer *writer)
{
	int error = -ESTALE;
	/* After a failure that left half of it done it may be ours already. */
	if (zi_object_named(zi_writer_reel_fd(writer), writer->name, ZI_REEL) == 1)
		return 0;
	for (int i = 0; i < TRIES; i++) {
		/* No child may inherit the lock that we take. */
		zi_descriptors_pause();
		error = take_name_once(writer);
		zi_descriptors_resume();
		if (error == -EBUSY && i < BUSY_TRIES)
			zi_sleep_until(zoe_now_ns() + ZI_MS);
		else if (error != -ESTALE)
			break;
	}
	return error == -ESTALE ? zi_fail(EBUSY, "pool '%s' keeps changing hands", writer->name) : error;
}

/* The seats could not be named: the reel's name goes back to the predecessor, or to nobody. */
static void rename_back(struct zoe_writer *writer)
{
	if (writer->has_temp[ZI_REEL]) {
		zi_object_rename_into_place(writer->name, ZI_REEL, writer->epoch, RENAME_EXCHANGE);
		return;
	}
	if (zi_object_rename_back(writer->name, ZI_REEL, writer->epoch) == 0)
		writer->has_temp[ZI_REEL] = true;
}

static int take_name(struct zoe_writer *writer)
{
	zi_directory_sweep(writer->name, NULL);
	int error = take_reel_name(writer);
	if (error)
		return error;
	error = put_name(writer, ZI_SEATS, 0);
	if (error)
		rename_back(writer);
	else if (writer->has_temp[ZI_REEL])
		zi_writer_unlink_temps(writer);
	return error;
}

void zi_writer_unlink_temps(struct zoe_writer *writer)
{
	for (enum zi_object which = ZI_REEL; which <= ZI_SEATS; which++) {
		if (writer->has_temp[which])
			zi_object_unlink_temp(writer->name, which, writer->epoch);
		writer->has_temp[which] = false;
	}
}

int zoe_writer_announce(struct zoe_writer *writer)
{
	ZI_UNCANCELLED;
	if (zi_descriptors_check(&writer->descriptors, "writer"))
		return -ECHILD;
	pthread_mutex_lock(&writer->mutex);
	bool named = writer->named, replaced = writer->replaced;
	pthread_mutex_unlock(&writer->mutex);
	if (named)
		return 0;
	if (replaced)
		return zi_fail(EBUSY, "pool '%s' has passed to its successor", writer->name);
	int error = take_name(writer);
	if (error)
		return error;
	pthread_mutex_lock(&writer->mutex);
	writer->named = true;
	struct zoe_writer *predecessor = writer->predecessor;
	if (predecessor) {
		pthread_mutex_lock(&predecessor->mutex);
		predecessor->named = false;
		predecessor->replaced = true;
		zi_housekeeping_retire(predecessor);
		pthread_mutex_unlock(&predecessor->mutex);
	}
	pthread_mutex_unlock(&writer->mutex);
	return 0;
}
