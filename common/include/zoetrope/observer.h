/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking without a seat: what thumbnails, statistics and onlookers of other users call. */
#ifndef ZOETROPE_OBSERVER_H
#define ZOETROPE_OBSERVER_H

#include <stdint.h>

#include <zoetrope/frame.h>
#include <zoetrope/pool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An observer of the pool of one name. It maps the pool read-only, takes no seat and is
 * granted nothing: the writer does not know of it and may overwrite what it looks at. So
 * it looks first and asks afterwards, with zoe_observer_check(), whether what it saw was
 * one whole frame. It needs permission on the reel alone (zoe-capture --observers), works
 * while every seat is taken, and with another glibc or PID namespace than the writer's.
 * It follows by itself when a new epoch takes the name.
 *
 * Threads: an observer belongs to one thread at a time.
 */
struct zoe_observer;

/*
 * Open the pool called `name` for looking, waiting for it to appear until deadline_ns.
 *
 * Errors: -EINVAL name; -ENOENT no such pool by the deadline, or only one whose writer
 * died; -EPERM it is neither this user's nor root's; -EBADMSG the object of that name is no pool or is damaged; -EPROTONOSUPPORT a
 * pool of another layout version; -EACCES, -EMFILE, -ENFILE, -ENOMEM from the system.
 */
ZOE_API int zoe_observer_open(struct zoe_observer **observer, const char *name, int64_t deadline_ns);

/* The same of a pool that may be `owner`'s, too: zoe_reader_options.owner, where -EINVAL is no such user. */
ZOE_API int zoe_observer_open_owned(struct zoe_observer **observer, const char *name, const char *owner,
	int64_t deadline_ns);

/* With which next pools of the name to go on. Without this: ZOE_FOLLOW_RESTARTS. */
ZOE_API void zoe_observer_set_follow(struct zoe_observer *observer, enum zoe_follow follow);

/*
 * The newest frame, if it is newer than the one looked at before; waits for one until
 * deadline_ns. The record is the observer's, valid until the next call; the pixels it
 * points at may be overwritten at any time: see zoe_observer_check().
 *
 * Errors: -EAGAIN nothing new by the deadline; -ENODATA, -EOWNERDEAD the pool is over, as
 * zoe_reader_acquire() says it (each once: calling again waits for the next epoch); -ECHILD this
 * observer belongs to the parent process; and, while following, those of
 * zoe_observer_open() but -ENOENT.
 */
ZOE_API int zoe_observer_next(struct zoe_observer *observer, const struct zoe_frame **frame, int64_t deadline_ns);

/*
 * 0 when everything that was read of the present frame until now was that frame's. The oldest
 * slot is used again first, so at 30 frames a second there is usually time to look; a copy
 * is proved whole by asking after copying.
 *
 * Errors: -ESTALE it was or is being overwritten: throw away what was read; -ECHILD.
 */
ZOE_API int zoe_observer_check(const struct zoe_observer *observer);

/* Free the observer. Clears the pointer; NULL is fine. */
ZOE_API void zoe_observer_close(struct zoe_observer **observer);

#ifdef __cplusplus
}
#endif
#endif
