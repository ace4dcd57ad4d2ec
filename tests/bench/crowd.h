/* SPDX-License-Identifier: BSD-2-Clause */
/* What one publish costs the writer in front of many readers, and what as many bare wakes cost. */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include <zoetrope/zoetrope.h>

#include "turns.h"

enum crowd_kind {
	CROWD_ASLEEP, /* each reader sleeps in zoe_reader_acquire() and is woken by each publish */
	CROWD_AWAKE,  /* none sleeps: all are stopped (SIGSTOP) between two acquires, and nobody is woken */
	CROWD_BARE,   /* no pool: as many processes asleep on a futex word each, one FUTEX_WAKE for each */
};

struct crowd {
	enum crowd_kind kind;
	uint32_t readers, frames, fps;
	enum zoe_mailbox mailbox;
	enum zoe_cond cond;
};

/* The figures of its turns: of one zoe_writer_publish(), or of all the wakes together. */
enum { CROWD_P50, CROWD_P99, CROWD_PUBLISHED, CROWD_RECEIVED }; /* µs, µs, counts (received: CROWD_ASLEEP alone) */

void crowd_turn(struct turn *turn, const struct crowd *crowd);

#endif
