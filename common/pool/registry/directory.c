/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/registry/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "pool/layout/layout.h"
#include "pool/registry/name_lock.h"
#include "pool/system/descriptors.h"
#include "pool/system/lock.h"
#include "pool/system/object.h"
#include "pool/view/view.h"

int zi_entry_is(int fd, enum zi_object which)
{
	struct stat status;
	uint64_t magic = 0;
	if (fstat(fd, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return 0;
	if (which == ZI_LOCK)
		return status.st_size == 0;
	ssize_t n = pread(fd, &magic, sizeof(magic), 0);
	if (n < 0)
		return -errno;
	return n == (ssize_t)sizeof(magic) && magic == (which == ZI_REEL ? ZI_REEL_MAGIC : ZI_SEATS_MAGIC);
}

bool zi_entry_stale(int fd, enum zi_object which)
{
	struct zi_reel reel;

	if (!zi_lock_held(fd, which == ZI_SEATS ? ZI_WRITER_BYTE : 0))
		return true;
	return which == ZI_REEL && pread(fd, &reel, sizeof(reel), 0) == (ssize_t)sizeof(reel) &&
		reel.layout_version == ZI_LAYOUT_VERSION && zi_view_orphaned(&reel);
}

int zi_directory_open(struct zi_directory *directory)
{
	*directory = (struct zi_directory){ .stream = NULL };
	int fd = zi_descriptors_above_standard(open(ZI_SHM_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (fd < 0)
		return fd;
	directory->stream = fdopendir(fd);
	int error = directory->stream ? 0 : -errno;
	if (error)
		close(fd);
	return error;
}

bool zi_directory_next(struct zi_directory *directory, const char *name)
{
	for (struct dirent *found; directory->stream && (found = readdir(directory->stream));) {
		directory->text = found->d_name;
		if (zi_entry_parse(found->d_name, &directory->entry) &&
			(!name || strcmp(directory->entry.name, name) == 0))
			return true;
	}
	return false;
}

int zi_directory_open_object(const struct zi_directory *directory)
{
	int fd = zi_descriptors_above_standard(
		openat(dirfd(directory->stream), directory->text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
	if (fd < 0)
		return fd;
	int is = zi_entry_is(fd, directory->entry.which);
	if (is == 1)
		return fd;
	close(fd);
	return is < 0 ? is : -EBADMSG;
}

void zi_directory_close(struct zi_directory *directory)
{
	if (directory->stream)
		closedir(directory->stream);
	directory->stream = NULL;
}

void zi_directory_count(struct zoe_cleaned *cleaned, const struct stat *status)
{
	cleaned->n_objects++;
	cleaned->bytes += (uint64_t)status->st_blocks * 512;
}

void zi_directory_sweep(const char *name, struct zoe_cleaned *cleaned)
{
	struct zi_directory directory;
	struct stat status;

	zi_directory_open(&directory);
	while (zi_directory_next(&directory, name)) {
		if (directory.entry.which == ZI_LOCK && zi_name_lock_sweep(name) && cleaned)
			cleaned->n_objects++;
		int fd = directory.entry.is_temp ? zi_directory_open_object(&directory) : -ENOENT;
		if (fd < 0)
			continue;
		if (zi_entry_stale(fd, directory.entry.which) && fstat(fd, &status) == 0 &&
			unlinkat(dirfd(directory.stream), directory.text, 0) == 0 && cleaned)
			zi_directory_count(cleaned, &status);
		close(fd);
	}
	zi_directory_close(&directory);
}
