/* SPDX-License-Identifier: BSD-2-Clause */
/* What the stepping needs of the machine that it runs on. */
#ifndef STEP_MACHINE_H
#define STEP_MACHINE_H

#include <stdint.h>

/* A /dev/shm of one's own, where that is permitted: the writer's look around it is the same each time. */
void step_own_shared_memory(void);

/* Who is not root may be, in a namespace: for step_own_shared_memory(). */
void step_be_root(void);

/*
 * A processor that stands still (its host gave it to somebody else) makes those late who
 * were not even ready to run. So each has a metronome, which notes when it last stood
 * still for longer than that.
 */
void step_start_metronomes(_Atomic int64_t *stalled_ns, int64_t longer_ns);
void step_stop_metronomes(void);

#endif
