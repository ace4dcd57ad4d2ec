/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "pool/system/clock.h"
#include "stage.h"
#include "support/child.h"

#define BEAT_NS (10 * ZI_MS)
#define MAX_PROCESSORS 64

static pid_t metronomes[MAX_PROCESSORS];

void step_own_shared_memory(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return;
	mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

static void put_text(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	if (file >= 0 && write(file, text, strlen(text)) < 0)
		perror(path);
	if (file >= 0)
		close(file);
}

void step_be_root(void)
{
	char map[40];
	unsigned user = getuid(), group = getgid();
	if (user == 0 || unshare(CLONE_NEWUSER))
		return;
	put_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", user);
	put_text("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", group);
	put_text("/proc/self/gid_map", map);
}

static void metronome(_Atomic int64_t *stalled_ns, int64_t longer_ns, int processor)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET((size_t)processor, &set);
	sched_setaffinity(0, sizeof(set), &set);
	for (;;) {
		int64_t before = zoe_now_ns();
		nanosleep(&(struct timespec){ .tv_nsec = BEAT_NS }, NULL);
		if (zoe_now_ns() - before > longer_ns)
			atomic_store(stalled_ns, zoe_now_ns());
	}
}

void step_start_metronomes(_Atomic int64_t *stalled_ns, int64_t longer_ns)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	for (int i = 0; i < n && i < MAX_PROCESSORS; i++) {
		metronomes[i] = child_fork();
		if (metronomes[i] == 0)
			metronome(stalled_ns, longer_ns, i);
	}
}

void step_stop_metronomes(void)
{
	for (int i = 0; i < MAX_PROCESSORS; i++)
		child_kill(&metronomes[i]);
}
