/* SPDX-License-Identifier: BSD-2-Clause */
/* What it costs a reader to take a frame that is waiting and to give it back; and to look in vain. */
#ifndef BENCH_HANDOVER_H
#define BENCH_HANDOVER_H

#include <zoetrope/zoetrope.h>

#include "turns.h"

struct handover {
	uint32_t rounds;
	enum zoe_mailbox mailbox;
	enum zoe_cond cond;
};

/*
 * The figures of its turns, in ns. Writer and reader are in one process. HANDOVER_FRAME: the median over `rounds`
 * frames of one zoe_reader_acquire() and one zoe_reader_release(), with the frame in the mailbox before; from
 * each the median of two clock readings in a row is taken away. HANDOVER_POLL: zoe_reader_acquire() with ZOE_POLL and nothing
 * there, the median of batches.
 */
enum { HANDOVER_FRAME, HANDOVER_POLL };

void handover_turn(struct turn *turn, const struct handover *handover);

#endif
