/* SPDX-License-Identifier: BSD-2-Clause */
#include "state.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"

const char *const state_names[N_STATES] = {
	[STATE_FDS] = "descriptors",
	[STATE_MAPS] = "mappings",
	[STATE_THREADS] = "threads",
	[STATE_OBJECTS] = "objects in /dev/shm",
	[STATE_BLOCKS] = "blocks of memory",
	[STATE_TEMP] = "temporary names and locks",
};

static bool ends(const char *text, const char *end)
{
	size_t length = strlen(text), n = strlen(end);
	return length >= n && strcmp(text + length - n, end) == 0;
}

static long entries(const char *path, const char *prefix, const char *suffix)
{
	long n = 0;
	DIR *directory = opendir(path);
	if (!directory)
		abort();
	for (struct dirent *entry; (entry = readdir(directory));)
		n += entry->d_name[0] != '.' && strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
			ends(entry->d_name, suffix);
	closedir(directory);
	return n;
}

static long mappings(void)
{
	char line[512];
	long n = 0;
	FILE *maps = fopen("/proc/self/maps", "re");
	if (!maps)
		abort();
	while (fgets(line, sizeof(line), maps))
		n += strstr(line, "/dev/shm/") != NULL;
	fclose(maps);
	return n;
}

void state_take(struct state *state, const char *pool)
{
	char prefix[128];
	snprintf(prefix, sizeof(prefix), "zoe.%s", pool);
	state->n[STATE_FDS] = entries("/proc/self/fd", "", "");
	state->n[STATE_MAPS] = mappings();
	state->n[STATE_THREADS] = entries("/proc/self/task", "", "");
	state->n[STATE_TEMP] = entries("/dev/shm", prefix, ".tmp") + entries("/dev/shm", prefix, ".lock");
	state->n[STATE_OBJECTS] = entries("/dev/shm", prefix, "") - state->n[STATE_TEMP];
	state->n[STATE_BLOCKS] = fault_blocks();
}

void state_settle(struct state *state, const char *pool, const struct state *wanted)
{
	for (int i = 0; i < 100; i++) {
		state_take(state, pool);
		if (state->n[STATE_THREADS] <= wanted->n[STATE_THREADS])
			return;
		usleep(10000);
	}
}
