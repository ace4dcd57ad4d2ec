/* SPDX-License-Identifier: BSD-2-Clause */
#include "name.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void own_pool_name(char name[ZOE_NAME_BYTES], const char *what)
{
	snprintf(name, ZOE_NAME_BYTES, "%s-%d", what, (int)getpid());
}

unsigned count_pool_objects(const char *name)
{
	char prefix[ZOE_NAME_BYTES + 8];
	unsigned n = 0;
	DIR *directory = opendir("/dev/shm");
	size_t length = (size_t)snprintf(prefix, sizeof(prefix), "zoe.%s", name);

	for (struct dirent *entry; directory && (entry = readdir(directory));)
		/* Not the pool of a test whose pid begins with this one's. */
		n += strncmp(entry->d_name, prefix, length) == 0 && strchr(".", entry->d_name[length]);
	if (directory)
		closedir(directory);
	return n;
}
