/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may replace or remove what the dead left under a pool's name: whoever has the lock on an
 * empty file beside it, zoe.NAME.lock, which is there for that instant alone.
 *
 * Not on the pool itself: whoever may open an object for reading, an observer or a member, could
 * have a read lock there, and keep it. This file is new, of mode 0600, and locked before it has
 * its name, so nobody but the pool's user ever had it.
 */
#ifndef ZI_NAME_LOCK_H
#define ZI_NAME_LOCK_H

#include <stdbool.h>

/*
 * Have it, or say at once that another process has. Who dies with it leaves the file, unlocked, for the
 * next. A descriptor, or -EBUSY, -EACCES: the name is another user's, -ENOTUNIQ: what has the lock's is none of
 * ours, or another -errno. Between zi_descriptors_pause() and _resume(), so that no child inherits it.
 */
int zi_name_lock(const char *name);

/* Put into words for zoe_error() that what has the lock's name is another user's, or no lock. Returns -EACCES. */
int zi_name_lock_fail(const char *name);

/* Let go of it, and remove the file. */
void zi_name_unlock(int fd, const char *name);

/* Remove the file that somebody who died left. True: there was one. Not between those two. */
bool zi_name_lock_sweep(const char *name);

#endif
