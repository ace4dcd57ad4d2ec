/* SPDX-License-Identifier: BSD-2-Clause */
/* The taking of a name: zoe_writer_announce(), and what a writer that gives up leaves to remove. */
#ifndef ZI_ANNOUNCE_H
#define ZI_ANNOUNCE_H

#include "pool/writer/state.h"

/* Remove the temporary names, ours or the predecessor's. */
void zi_writer_unlink_temps(struct zoe_writer *writer);

#endif
