/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/registry/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/layout/layout.h"
#include "pool/system/lock.h"
#include "pool/system/object.h"

int zi_entry_is(int fd, enum zi_object which)
{
	struct stat status;
	uint64_t magic = 0;
	if (fstat(fd, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return 0;
	ssize_t n = pread(fd, &magic, sizeof(magic), 0);
	if (n < 0)
		return -errno;
	return n == (ssize_t)sizeof(magic) && magic == (which == ZI_REEL ? ZI_REEL_MAGIC : ZI_SEATS_MAGIC);
}

bool zi_entry_stale(int fd, enum zi_object which)
{
	return !zi_lock_held(fd, which == ZI_REEL ? 0 : ZI_WRITER_BYTE);
}

/* Remove one entry if a dead writer of this name left it under a temporary name. */
static void sweep(int directory, const char *text, const char *name)
{
	struct zi_entry entry;
	if (!zi_entry_parse(text, &entry) || !entry.is_temp || strcmp(entry.name, name))
		return;
	int fd = openat(directory, text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return;
	if (zi_entry_is(fd, entry.which) == 1 && zi_entry_stale(fd, entry.which))
		unlinkat(directory, text, 0);
	close(fd);
}

void zi_entry_sweep(const char *name)
{
	DIR *directory = opendir(ZI_SHM_DIRECTORY);
	if (!directory)
		return;
	for (struct dirent *entry; (entry = readdir(directory));)
		sweep(dirfd(directory), entry->d_name, name);
	closedir(directory);
}
