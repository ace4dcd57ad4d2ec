/* SPDX-License-Identifier: BSD-2-Clause */
/* What the stepping needs of the machine that it runs on. */
#ifndef STEP_MACHINE_H
#define STEP_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* A /dev/shm of one's own, where that is permitted: the writer's look around it is the same each time. */
void step_own_shared_memory(void);

/* Who is not root may be, in a namespace: for step_own_shared_memory(). */
void step_be_root(void);

#define STEP_MAX_PROCESSORS 64

/*
 * A processor that stands still (its host gave it to somebody else) makes those late who
 * were not even ready to run, and so does a kernel that lets no process begin or end. So each processor has a
 * metronome, which sleeps, has a child, and notes when that took far too long. In memory that processes share.
 */
struct step_machine {
	_Atomic int64_t stalled_ns; /* when it last had */
	_Atomic int64_t longest_ns;
	_Atomic uint32_t beats[STEP_MAX_PROCESSORS];
	uint32_t n; /* processors with a metronome */
};

void step_start_metronomes(struct step_machine *machine, int64_t longer_ns);
void step_stop_metronomes(struct step_machine *machine);

/* True when a processor has stood still since then, or does so now: that is waited for. */
bool step_stood_still(struct step_machine *machine, int64_t since_ns);

#endif
