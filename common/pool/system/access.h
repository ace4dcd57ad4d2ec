/* SPDX-License-Identifier: BSD-2-Clause */
/* Who beside the owner may open an object: groups. */
#ifndef ZI_ACCESS_H
#define ZI_ACCESS_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* The number of the group of this name, or that is this number. 0 or -errno, with zoe_error() set. */
int zi_access_find_group(const char *name, gid_t *group);

#define ZI_ACCESS_GROUPS 2

/*
 * Let these groups, one or two different ones, read the object, and write it; whatever the umask. A group that this
 * process is not in, and a second one, take access lists (ACLs). 0 or -errno, with zoe_error() set.
 */
int zi_access_give(int fd, const gid_t *groups, int n, bool writable);

/*
 * True when the object's group is one that this process is in and may read it, and not everybody may. Nobody but root
 * can give an object a group without being in it: so its owner shares that group with us. Access lists are not asked,
 * since anybody may name any group there.
 */
bool zi_access_is_given(const struct stat *status);

#endif
