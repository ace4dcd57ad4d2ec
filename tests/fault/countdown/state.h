/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process has that a failed call may leak. */
#ifndef COUNTDOWN_STATE_H
#define COUNTDOWN_STATE_H

#include <stdbool.h>

enum { STATE_FDS, STATE_MAPS, STATE_THREADS, STATE_OBJECTS, STATE_BLOCKS, STATE_TEMP, N_STATES };

extern const char *const state_names[N_STATES];

struct state {
	long n[N_STATES];
};

/*
 * Count descriptors, mappings of /dev/shm, threads, objects of this pool in /dev/shm,
 * blocks of memory, and temporary names, which a writer may keep until its next try.
 */
void state_take(struct state *state, const char *pool);

/* The same, once there are no more threads than `wanted`: one that has ended is listed a moment longer. */
void state_settle(struct state *state, const char *pool, const struct state *wanted);

#endif
