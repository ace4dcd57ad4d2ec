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

#define EPOCH_DIGITS 16

bool zi_entry_parse(const char *text, struct zi_entry *entry)
{
	static const char prefix[] = "zoe.", digits[] = "0123456789abcdef";

	if (strncmp(text, prefix, sizeof prefix - 1))
		return false;
	text += sizeof prefix - 1;
	size_t length = strcspn(text, ".");
	if (length >= sizeof entry->name)
		return false;
	*entry = (struct zi_entry){ .which = ZI_REEL };
	memcpy(entry->name, text, length);
	text += length;
	if (strncmp(text, ".", 1) == 0 && strspn(text + 1, digits) == EPOCH_DIGITS) {
		entry->in_transit = true;
		text += 1 + EPOCH_DIGITS;
	}
	if (strncmp(text, ".seats", 6) == 0) {
		entry->which = ZI_SEATS;
		text += 6;
	}
	return zoe_name_valid(entry->name) && strcmp(text, entry->in_transit ? ".tmp" : "") == 0;
}

int zi_entry_is(int fd, enum zi_object which)
{
	struct stat status;
	uint64_t magic = 0;
	if (fstat(fd, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return 0;
	ssize_t n = pread(fd, &magic, sizeof magic, 0);
	if (n < 0)
		return -errno;
	return n == (ssize_t)sizeof magic && magic == (which == ZI_REEL ? ZI_REEL_MAGIC : ZI_SEATS_MAGIC);
}

bool zi_entry_stale(int fd, enum zi_object which)
{
	return !zi_lock_held(fd, which == ZI_REEL ? 0 : ZI_WRITER_BYTE);
}

/* Remove one entry if a dead writer of this name left it in transit. */
static void sweep(int directory, const char *text, const char *name)
{
	struct zi_entry entry;
	if (!zi_entry_parse(text, &entry) || !entry.in_transit || strcmp(entry.name, name))
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
