/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which frames a seat's reader wants of those that are published. A state machine
 * without I/O; the times are the caller's.
 */
#ifndef ZI_POLICY_H
#define ZI_POLICY_H

#include <stdbool.h>
#include <stdint.h>

struct zi_policy {
	bool lossless;
	uint32_t hold;        /* frames that may be in the reader's hands */
	uint32_t every;       /* one frame in so many; 0, 1: each */
	uint64_t interval_ns; /* from one to the next, in the long run; 0: no limit */
	uint64_t next_seq;    /* the first frame that `every` lets through, */
	int64_t due_ns;       /* and the time from which the interval does */
};

/* True for a frame that its reader wants now. */
bool zi_policy_wants(const struct zi_policy *policy, uint64_t seq, int64_t now_ns);

/* It is given this frame: reckon from here. */
void zi_policy_pass(struct zi_policy *policy, uint64_t seq, int64_t now_ns);

#endif
