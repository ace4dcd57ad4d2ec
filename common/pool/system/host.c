/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/system/host.h"

#include <gnu/libc-version.h>
#include <stdio.h>
#include <sys/stat.h>

uint64_t zi_host_pid_namespace(void)
{
	struct stat namespace;
	return stat("/proc/self/ns/pid", &namespace) ? 0 : namespace.st_ino;
}

void zi_host_libc(char text[32])
{
	snprintf(text, 32, "glibc %s", gnu_get_libc_version());
}
