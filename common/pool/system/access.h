/* SPDX-License-Identifier: BSD-2-Clause */
/* Who beside the owner may open an object: groups. */
#ifndef ZI_ACCESS_H
#define ZI_ACCESS_H

#include <sys/types.h>

/* The number of the group of this name, or that is this number. 0 or -errno, with zoe_error() set. */
int zi_access_find_group(const char *name, gid_t *group);

/* Give the object to this group, with these rights, whatever the umask. 0 or -errno, with zoe_error() set. */
int zi_access_give(int fd, gid_t group, mode_t mode);

/* The same, 0640, and let another group read, too: by an access list. 0 or -errno, with zoe_error() set. */
int zi_access_give_both(int fd, gid_t group, gid_t other);

#endif
