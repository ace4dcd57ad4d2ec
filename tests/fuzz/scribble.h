/* SPDX-License-Identifier: BSD-2-Clause */
/* The roles in scribble: a writer, a healthy reader, and those who write over what they can. */
#ifndef SCRIBBLE_H
#define SCRIBBLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/zoetrope.h>

#define HOLD 2
#define DEPTH 1

struct settings {
	enum zoe_mailbox mailbox;
	bool all; /* write over everybody's seats */
	uint64_t bytes, seed;
};

/* What the processes tell each other. */
struct shared {
	atomic_ulong published, no_slot, failed, destroyed, longest_publish_ns;
	atomic_ulong received, torn, disorder, errors, attached, longest_gap_ns;
	atomic_ulong results, bad_results;
	atomic_ulong scribbled;
	atomic_uint n_readers, n_held;
	atomic_bool over;
};

extern struct settings settings;
extern struct shared *shared;
extern char pool_name[ZOE_NAME_BYTES];

/* Numbers, the same for the same seed. */
void begin_to_roll(uint64_t seed);
uint64_t roll(void);

/* The lives of processes; each returns its exit status. */
int write_frames(void);
int read_frames(void);
#define SEAT_LOST 3 /* a scribbler that found no seat */
int scribble_a_life(void);
extern uint64_t life_bytes; /* that the next one writes, about */

/* Note where to write. 0, or -1: the pool has a damaged header, until its writer goes on in a new one. */
int find_targets(void);

#endif
