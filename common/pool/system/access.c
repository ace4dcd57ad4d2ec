/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/system/access.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <grp.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "pool/system/error.h"
#include "pool/system/owner.h"

/* An entry of the group database is not longer. */
#define MOST_BYTES ((size_t)1 << 24)

/* As getgrnam_r, with as much room as the entry takes. 0 or an errno; ENOENT: there is none. */
static int look_up(const char *name, gid_t *group)
{
	struct group entry, *found = NULL;
	int error = ERANGE;

	for (size_t bytes = 1024; error == ERANGE && bytes <= MOST_BYTES; bytes *= 4) {
		char *room = calloc(1, bytes);
		if (!room)
			return ENOMEM;
		error = getgrnam_r(name, &entry, room, bytes, &found);
		if (!error && found)
			*group = found->gr_gid;
		free(room);
	}
	if (!error && found)
		return 0;
	/* A database that does not know the name may say any error: see getgrnam(3). */
	return error == EMFILE || error == ENFILE || error == ENOMEM ? error : ENOENT;
}

int zi_access_find_group(const char *name, gid_t *group)
{
	if (zi_owner_read_number(name, group))
		return 0;
	int error = look_up(name, group);
	if (error == ENOENT)
		return zi_fail(ENOENT, "there is no group '%s'", name);
	return error ? zi_fail(error, "cannot look up group '%s': %s", name, strerror(error)) : 0;
}

static struct posix_acl_xattr_entry entry(unsigned tag, unsigned rights, unsigned id)
{
	return (struct posix_acl_xattr_entry){ htole16((uint16_t)tag), htole16((uint16_t)rights), htole32(id) };
}

/* An access list beside the mode, which it sets, too: the bits of the group are its mask. */
static int set_list(int fd, unsigned owning_group, const gid_t *groups, int n, unsigned rights)
{
	struct {
		struct posix_acl_xattr_header header;
		struct posix_acl_xattr_entry entries[4 + ZI_ACCESS_GROUPS];
	} list = { .header = { htole32(POSIX_ACL_XATTR_VERSION) } };
	struct posix_acl_xattr_entry *next = list.entries;

	*next++ = entry(ACL_USER_OBJ, ACL_READ | ACL_WRITE, (unsigned)ACL_UNDEFINED_ID);
	*next++ = entry(ACL_GROUP_OBJ, owning_group, (unsigned)ACL_UNDEFINED_ID);
	for (int i = 0; i < n; i++)
		*next++ = entry(ACL_GROUP, rights, groups[i]);
	*next++ = entry(ACL_MASK, rights, (unsigned)ACL_UNDEFINED_ID);
	*next++ = entry(ACL_OTHER, 0, (unsigned)ACL_UNDEFINED_ID);
	return fsetxattr(fd, "system.posix_acl_access", &list, (size_t)((char *)next - (char *)&list), 0);
}

int zi_access_give(int fd, const gid_t *groups, int n, bool writable)
{
	unsigned rights = writable ? ACL_READ | ACL_WRITE : ACL_READ;
	/* A file has one group. The others, and one that this process is not in, come by the list. */
	bool owns = fchown(fd, (uid_t)-1, groups[0]) == 0;
	int n_owning = owns ? 1 : 0;

	assert(n >= 1 && n <= ZI_ACCESS_GROUPS);
	if (!owns && errno != EPERM)
		return zi_fail(errno, "cannot give group %u access: %s", (unsigned)groups[0], strerror(errno));
	if (n == n_owning ? fchmod(fd, writable ? 0660 : 0640)
			  : set_list(fd, owns ? rights : 0, groups + n_owning, n - n_owning, rights)) {
		int error = errno;
		return zi_fail(error, "cannot give group %u access: %s%s", (unsigned)groups[n - 1], strerror(error),
			n == n_owning ? ""
				      : ": without access lists on /dev/shm it must be one group, and this user's");
	}
	return 0;
}

static bool is_in(gid_t group)
{
	int n = getgroups(0, NULL);
	gid_t *groups = n > 0 ? calloc((size_t)n, sizeof(*groups)) : NULL;
	bool found = group == getegid();

	n = groups ? getgroups(n, groups) : 0;
	for (int i = 0; i < n; i++)
		found |= groups[i] == group;
	free(groups);
	return found;
}

bool zi_access_is_given(const struct stat *status)
{
	return (status->st_mode & S_IRGRP) && !(status->st_mode & S_IRWXO) && is_in(status->st_gid);
}
