/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/system/host.h"

#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/system/clock.h"
#include "pool/system/descriptors.h"

uint64_t zi_host_pid_namespace(void)
{
	struct stat namespace;
	return stat("/proc/self/ns/pid", &namespace) ? 0 : namespace.st_ino;
}

/* The beginning of a file of /proc, as text. False: it cannot be read. */
static bool read_proc(const char *path, char *text, size_t bytes)
{
	int fd = zi_descriptors_above_standard(open(path, O_RDONLY | O_CLOEXEC));
	if (fd < 0)
		return false;
	ssize_t n = pread(fd, text, bytes - 1, 0);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

int64_t zi_host_clock_offset_ns(void)
{
	static const char clock[] = "monotonic";
	char text[256], *end;

	if (!read_proc("/proc/self/timens_offsets", text, sizeof(text)) || strncmp(text, clock, sizeof(clock) - 1))
		return 0;
	int64_t s = strtoll(text + sizeof(clock) - 1, &end, 10);
	return s * ZI_S + strtoll(end, NULL, 10);
}

/* Dead, and its parent has not asked for it yet. One whose first thread alone has ended lives. */
static bool is_zombie(pid_t pid)
{
	char path[32], text[512];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	/* After the name, which may be anything: the state, then 17 numbers, then how many threads there are. */
	const char *at = read_proc(path, text, sizeof(text)) ? strrchr(text, ')') : NULL;
	if (!at || strncmp(at, ") Z ", 4))
		return false;
	at += 3;
	for (int i = 0; i < 17 && at; i++)
		at = strchr(at + 1, ' ');
	return at && strtol(at, NULL, 10) <= 1;
}

bool zi_host_process_gone(uint32_t pid, uint64_t pid_namespace)
{
	if (pid == 0 || pid > INT_MAX || pid_namespace == 0 || pid_namespace != zi_host_pid_namespace())
		return false;
	/* Not by /proc, which may hide the processes of others. */
	if (kill((pid_t)pid, 0))
		return errno == ESRCH;
	return is_zombie((pid_t)pid);
}

void zi_host_libc(char text[32])
{
	snprintf(text, 32, "glibc %s", gnu_get_libc_version());
}
