/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For whom a lossless pool's next frame has to wait: readers that asked for every frame and have no
 * space for it, and those that are still to come from the epochs before. Nobody else makes it wait.
 */
#ifndef ZI_LOSSLESS_H
#define ZI_LOSSLESS_H

#include <stdbool.h>

#include "pool/writer/state.h"

/*
 * True when the next frame may be published; otherwise the reel tells who keeps it waiting. With the
 * mutex held; locks those of the predecessors.
 */
bool zi_lossless_ready(struct zoe_writer *writer);

/* How many lossless readers are seated. With the mutex held. */
uint32_t zi_lossless_count(const struct zoe_writer *writer);

/* The frame that waited is given up. With the mutex held. */
void zi_lossless_give_up(struct zoe_writer *writer);

#endif
