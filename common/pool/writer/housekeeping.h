/* SPDX-License-Identifier: BSD-2-Clause */
/* The seats, as the writer looks after them, and the thread that does it. */
#ifndef ZI_HOUSEKEEPING_H
#define ZI_HOUSEKEEPING_H

#include <stdbool.h>
#include <stdint.h>

#include "pool/writer/state.h"

/* All seats empty. 0 or -errno. */
int zi_house_init(struct zoe_writer *writer, const struct zoe_writer_options *options);

/* One round: seat the newcomers, take back what the dead had, deliver what is owed. */
void zi_house_keep(struct zoe_writer *writer);

/* Begin and end the thread that keeps house. 0 or -errno. */
int zi_house_start(struct zoe_writer *writer);
void zi_house_stop(struct zoe_writer *writer);

/* With the mutex held: wake every reader; how many are seated? */
void zi_house_ring(struct zoe_writer *writer);
uint32_t zi_house_seated(const struct zoe_writer *writer);

/* Say that the pool is over and wake everybody who sleeps for a frame. With the mutex held. */
void zi_writer_close(struct zoe_writer *writer, enum zi_pool_state state);

/* Of a predecessor: has every lossless reader followed to the next pool? Locks its mutex. */
bool zi_house_was_left(struct zoe_writer *writer);

#endif
