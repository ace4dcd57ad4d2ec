/* SPDX-License-Identifier: BSD-2-Clause */
/* What the director sees of pool and processes without taking part: files and /proc. */
#include "soak.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/layout/layout.h"

static bool is_living(uint32_t pid, const pid_t *living, uint32_t n_living)
{
	for (uint32_t i = 0; i < n_living; i++)
		if (living[i] == (pid_t)pid)
			return true;
	return false;
}

static bool has_grants(const struct zi_seat *seat)
{
	uint64_t any = 0;
	for (uint32_t i = 0; i < ZOE_MAX_SLOTS / 64; i++)
		any |= seat->grants.granted[i] | seat->grants.taken[i];
	return any != 0;
}

static void count_seats(const struct zi_seats *header, const pid_t *living, uint32_t n_living, struct soak_seats *seats)
{
	uint32_t pids[ZOE_MAX_SEATS];

	memset(seats, 0, sizeof(*seats));
	for (uint32_t i = 0; i < header->n_seats; i++) {
		const struct zi_seat *seat = (const struct zi_seat *)((const uint8_t *)header + header->seats_offset +
			i * header->seat_bytes);
		if (seat->state == ZI_SEAT_FREE) {
			seats->n_pinned += has_grants(seat);
			continue;
		}
		for (uint32_t j = 0; j < seats->n_taken; j++)
			seats->n_doubles += pids[j] == seat->pid;
		pids[seats->n_taken++] = seat->pid;
		seats->n_strangers += !is_living(seat->pid, living, n_living);
	}
}

bool soak_look_at_seats(const char *name, const pid_t *living, uint32_t n_living, struct soak_seats *seats)
{
	char path[128];
	struct stat status;

	snprintf(path, sizeof(path), "/dev/shm/zoe.%s.seats", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool found = fstat(fd, &status) == 0 && status.st_size > 0;
	size_t bytes = (size_t)status.st_size;
	const struct zi_seats *header = found ? mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	close(fd);
	if (header == MAP_FAILED)
		return false;
	count_seats(header, living, n_living, seats);
	munmap((void *)(uintptr_t)header, bytes);
	return true;
}

static void count_fds(pid_t pid, struct soak_process *process)
{
	char path[64], target[256];

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *directory = opendir(path);
	for (struct dirent *entry; directory && (entry = readdir(directory));) {
		if (entry->d_name[0] == '.')
			continue;
		ssize_t n = readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);
		bool is_pool = n > 9 && strncmp(target, "/dev/shm/", 9) == 0;
		process->n_pool_fds += is_pool;
		process->n_other_fds += !is_pool;
	}
	if (directory)
		closedir(directory);
}

void soak_look_at_process(pid_t pid, struct soak_process *process)
{
	char path[64], line[512];

	memset(process, 0, sizeof(*process));
	count_fds(pid, process);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		process->n_maps += strstr(line, "/dev/shm/") != NULL;
	if (file)
		fclose(file);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		unsigned long long kib;
		if (sscanf(line, "RssAnon: %llu", &kib) == 1)
			process->anonymous_kib = kib;
	}
	if (file)
		fclose(file);
}

/* The first line of a thread's file in /proc. */
static bool read_line(char *line, int size, pid_t pid, const char *tid, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/%d/task/%s/%s", (int)pid, tid, name);
	FILE *file = fopen(path, "re");
	bool found = file && fgets(line, size, file);
	if (file)
		fclose(file);
	return found;
}

/* How long this thread had run when it was looked at last; -1: it is new. */
static int64_t ran_before(const struct soak_threads *threads, pid_t tid)
{
	for (uint32_t i = 0; i < threads->n; i++)
		if (threads->tid[i] == tid)
			return threads->ran_ns[i];
	return -1;
}

static void look_at_thread(pid_t pid, const char *tid, struct soak_threads *threads)
{
	char line[512], state = '?';
	long long ran = 0;

	if (read_line(line, sizeof(line), pid, tid, "schedstat"))
		sscanf(line, "%lld", &ran);
	/* The name before the state stands in brackets and may have any letter in it. */
	if (read_line(line, sizeof(line), pid, tid, "stat") && strrchr(line, ')'))
		sscanf(strrchr(line, ')'), ") %c", &state);
	threads->tid[threads->n] = (pid_t)atoi(tid);
	threads->ran_ns[threads->n] = ran;
	threads->state[threads->n++] = state;
}

bool soak_look_at_threads(pid_t pid, struct soak_threads *threads)
{
	const struct soak_threads before = *threads;
	bool starved = false;
	char path[64];

	*threads = (struct soak_threads){ 0 };
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	DIR *directory = opendir(path);
	for (struct dirent *entry; directory && (entry = readdir(directory)) && threads->n < SOAK_MAX_THREADS;)
		if (entry->d_name[0] != '.')
			look_at_thread(pid, entry->d_name, threads);
	if (directory)
		closedir(directory);
	for (uint32_t i = 0; i < threads->n; i++)
		starved |= threads->state[i] == 'R' && threads->ran_ns[i] == ran_before(&before, threads->tid[i]);
	return starved;
}
