/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pool/system/clock.h"
#include "stage.h"
#include "support/child.h"

#define BEAT_NS (10 * ZI_MS)
#define STILL_NS (10 * ZI_S) /* more than that is taken for standing still */

static pid_t metronomes[STEP_MAX_PROCESSORS];

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

static _Noreturn void metronome(struct step_machine *machine, int64_t longer_ns, uint32_t processor)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	sched_setaffinity(0, sizeof(set), &set);
	for (;;) {
		int64_t before = zoe_now_ns();
		nanosleep(&(struct timespec){ .tv_nsec = BEAT_NS }, NULL);
		pid_t child = fork();
		if (child == 0)
			_exit(0);
		if (child > 0)
			waitpid(child, NULL, 0);
		int64_t took = zoe_now_ns() - before;
		step_most(&machine->longest_ns, took);
		if (took > longer_ns)
			atomic_store(&machine->stalled_ns, zoe_now_ns());
		atomic_fetch_add(&machine->beats[processor], 1);
	}
}

void step_start_metronomes(struct step_machine *machine, int64_t longer_ns)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	machine->n = n < STEP_MAX_PROCESSORS ? (uint32_t)n : STEP_MAX_PROCESSORS;
	for (uint32_t i = 0; i < machine->n; i++) {
		metronomes[i] = child_fork();
		if (metronomes[i] == 0)
			metronome(machine, longer_ns, i);
	}
}

void step_stop_metronomes(struct step_machine *machine)
{
	for (uint32_t i = 0; i < machine->n; i++)
		child_kill(&metronomes[i]);
}

bool step_stood_still(struct step_machine *machine, int64_t since_ns)
{
	int64_t end = zoe_now_ns() + STILL_NS;
	for (uint32_t i = 0; i < machine->n; i++) {
		/* The one that is under way, and one that began after it. */
		uint32_t before = atomic_load(&machine->beats[i]);
		while (atomic_load(&machine->beats[i]) - before < 2) {
			if (zoe_now_ns() > end)
				return true;
			nanosleep(&(struct timespec){ .tv_nsec = BEAT_NS }, NULL);
		}
	}
	return atomic_load(&machine->stalled_ns) > since_ns;
}
