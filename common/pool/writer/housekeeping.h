/* SPDX-License-Identifier: BSD-2-Clause */
/* The seats, as the writer looks after them, and the thread that does it. */
#ifndef ZI_HOUSEKEEPING_H
#define ZI_HOUSEKEEPING_H

#include <stdbool.h>
#include <stdint.h>

#include "pool/writer/state.h"

/* All seats empty. 0 or -errno. */
int zi_housekeeping_init(struct zoe_writer *writer, const struct zoe_writer_options *options);

/* One round: seat the newcomers, take back what the dead had, deliver what is owed. */
void zi_housekeeping_run(struct zoe_writer *writer);

/* 0, or -EBADMSG once the objects were found destroyed, after which nobody is seated. With the mutex held. */
int zi_housekeeping_check(struct zoe_writer *writer);

/* Begin and end the thread of housekeeping. 0 or -errno. */
int zi_housekeeping_start(struct zoe_writer *writer);
void zi_housekeeping_stop(struct zoe_writer *writer);

/* Wake every reader; count those that are seated. Both with the mutex held. */
void zi_housekeeping_ring(struct zoe_writer *writer);
uint32_t zi_housekeeping_seated(const struct zoe_writer *writer);

/* Say that the pool is over, or retired, and wake everybody who sleeps for a frame. With the mutex held. */
void zi_writer_close(struct zoe_writer *writer);

/*
 * Close a pool whose name a successor has, once it owes no lossless reader a frame: who finds it retired
 * and its mailbox empty moves on. Readers that may miss frames are not waited for. With the mutex held.
 */
void zi_housekeeping_retire(struct zoe_writer *writer);

#endif
