/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is given the latest frame. All of it with the writer's mutex held; nothing here
 * waits for a reader.
 *
 * A frame that a seat should have and could not be given (its reader just had the lock,
 * or no member of its group is idle) is owed: `owed` stands in its seat, its reader
 * rings when it is done with what it was doing, and housekeeping delivers what is the
 * latest by then.
 */
#ifndef ZI_DELIVERY_H
#define ZI_DELIVERY_H

#include <stdbool.h>

#include "pool/writer/state.h"

/* A frame was published just now: everybody who wants it. */
void zi_deliver_to_all(struct zoe_writer *writer, int64_t now_ns);

/* The latest frame to one seat, because it is new or because it is owed; to its group, if it has one. */
void zi_deliver_to(struct zoe_writer *writer, struct zi_seat_control *control);

/* Into the group of this name ("": none), and out of it. */
void zi_deliver_join(struct zoe_writer *writer, struct zi_seat_control *control, const char *group);
void zi_deliver_quit(struct zi_seat_control *control);

/* True while a seat, or a lossless group, is owed the latest frame; of lossless readers alone. */
bool zi_deliver_owes(const struct zoe_writer *writer);
bool zi_deliver_owes_lossless(const struct zoe_writer *writer);

/* True when this is a lossless reader's seat, and would lose the next frame if that were published now. */
bool zi_deliver_would_lose(struct zoe_writer *writer, struct zi_seat_control *control);

/* What all seats have of what they were given. */
void zi_deliver_outstanding(struct zoe_writer *writer, struct zi_mask *mask);

#endif
