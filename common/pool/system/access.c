/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/system/access.h"

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

static int read_number(const char *text, gid_t *group)
{
	char *end;
	errno = 0;
	unsigned long number = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || number >= (gid_t)-1)
		return -ENOENT;
	*group = (gid_t)number;
	return 0;
}

int zi_access_find_group(const char *name, gid_t *group)
{
	if (read_number(name, group) == 0)
		return 0;
	int error = look_up(name, group);
	if (error == ENOENT)
		return zi_fail(ENOENT, "there is no group '%s'", name);
	return error ? zi_fail(error, "cannot look up group '%s': %s", name, strerror(error)) : 0;
}

int zi_access_give(int fd, gid_t group, mode_t mode)
{
	if (fchown(fd, (uid_t)-1, group) || fchmod(fd, mode)) {
		int error = errno;
		return zi_fail(error, "cannot give group %u access: %s", (unsigned)group, strerror(error));
	}
	return 0;
}

static struct posix_acl_xattr_entry entry(unsigned tag, unsigned rights, unsigned id)
{
	return (struct posix_acl_xattr_entry){ htole16((uint16_t)tag), htole16((uint16_t)rights), htole32(id) };
}

int zi_access_give_both(int fd, gid_t group, gid_t other)
{
	/* The mask goes where chmod's bits of the group are: the mode stays 0640. */
	const struct {
		struct posix_acl_xattr_header header;
		struct posix_acl_xattr_entry entries[5];
	} list = {
		{ htole32(POSIX_ACL_XATTR_VERSION) },
		{
			entry(ACL_USER_OBJ, ACL_READ | ACL_WRITE, (unsigned)ACL_UNDEFINED_ID),
			entry(ACL_GROUP_OBJ, ACL_READ, (unsigned)ACL_UNDEFINED_ID),
			entry(ACL_GROUP, ACL_READ, other),
			entry(ACL_MASK, ACL_READ, (unsigned)ACL_UNDEFINED_ID),
			entry(ACL_OTHER, 0, (unsigned)ACL_UNDEFINED_ID),
		},
	};

	int error = zi_access_give(fd, group, 0640);
	if (error || group == other)
		return error;
	if (fsetxattr(fd, "system.posix_acl_access", &list, sizeof(list), 0)) {
		error = errno;
		return zi_fail(error,
			"cannot let group %u look beside the members' group %u: %s: name one group for both, or "
			"mount /dev/shm with access lists",
			(unsigned)other, (unsigned)group, strerror(error));
	}
	return 0;
}
