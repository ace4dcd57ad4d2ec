/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/system/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static struct flock byte_lock(short type, unsigned byte)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
}

int zi_lock_take(int fd, unsigned byte)
{
	struct flock lock = byte_lock(F_WRLCK, byte);
	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EACCES ? -EAGAIN : -errno;
}

int zi_lock_drop(int fd, unsigned byte)
{
	struct flock lock = byte_lock(F_UNLCK, byte);
	return fcntl(fd, F_OFD_SETLK, &lock) ? -errno : 0;
}

bool zi_lock_held(int fd, unsigned byte)
{
	/* Asked for with F_RDLCK only a write lock conflicts: an onlooker's read lock is not life. */
	struct flock lock = byte_lock(F_RDLCK, byte);
	/* The kernel may lack the memory to answer. Unknown is alive: who asks will ask again. */
	return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}
