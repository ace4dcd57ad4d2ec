/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slots, as the writer sees them: which is being filled, which holds a frame, which may
 * be used again. A state machine without I/O; the caller locks, maps and publishes.
 *
 *   FREE --begin--> FILLING --publish--> PUBLISHED --withdraw--> WITHDRAWN (kept only)
 *     ^                |                     |                       |
 *     |             let_go                begin, once nobody has it  |
 *     +----------------+------------------------- let_go ------------+
 *
 * A published slot may be begun anew when the writer does not keep it, no seat was
 * granted it, and it is not the latest.
 */
#ifndef ZI_SLOTS_H
#define ZI_SLOTS_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/pool.h>

/* A set of slots. */
struct zi_mask {
	uint64_t word[ZOE_MAX_SLOTS / 64];
};

static inline bool zi_mask_has(const struct zi_mask *mask, uint32_t slot)
{
	assert(slot < ZOE_MAX_SLOTS);
	return mask->word[slot / 64] >> (slot % 64) & 1;
}

static inline void zi_mask_add(struct zi_mask *mask, uint32_t slot)
{
	assert(slot < ZOE_MAX_SLOTS);
	mask->word[slot / 64] |= UINT64_C(1) << (slot % 64);
}

static inline void zi_mask_remove(struct zi_mask *mask, uint32_t slot)
{
	assert(slot < ZOE_MAX_SLOTS);
	mask->word[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
}

static inline uint32_t zi_mask_count(const struct zi_mask *mask)
{
	int n = 0;
	for (unsigned i = 0; i < sizeof(mask->word) / sizeof(mask->word[0]); i++)
		n += __builtin_popcountll(mask->word[i]);
	return (uint32_t)n;
}

enum zi_slot_state { ZI_SLOT_FREE, ZI_SLOT_FILLING, ZI_SLOT_PUBLISHED, ZI_SLOT_WITHDRAWN };

struct zi_slot {
	enum zi_slot_state state;
	bool kept;         /* the writer has a hold on it */
	uint64_t last_seq; /* of the frame that is or was in it; 0 none */
};

struct zi_slots {
	uint32_t n;      /* slots that exist */
	uint32_t max;    /* slots that may */
	uint64_t seq;    /* of the latest frame; 0 none yet */
	uint32_t latest; /* its slot; meaningful when seq > 0 */
	struct zi_slot slot[ZOE_MAX_SLOTS];
};

void zi_slots_init(struct zi_slots *slots, uint32_t max);

/* The usable slot whose frame is oldest, or -EAGAIN. `granted` is what all seats have. */
int zi_slots_choose(const struct zi_slots *slots, const struct zi_mask *granted);

/* Add a slot that now exists; returns its index. The caller has checked n < max. */
uint32_t zi_slots_add(struct zi_slots *slots);

/* Begin to fill a slot that zi_slots_choose or zi_slots_add gave. */
void zi_slots_begin(struct zi_slots *slots, uint32_t slot);

/* True for a slot between begin and publish. Any number may be asked about. */
bool zi_slots_filling(const struct zi_slots *slots, uint32_t slot);

/* Make a filling slot the latest frame; returns its sequence number. */
uint64_t zi_slots_publish(struct zi_slots *slots, uint32_t slot, bool keep);

/* Withdraw a kept, published slot. 0, -EBUSY, or -EINVAL when it is not one. */
int zi_slots_withdraw(struct zi_slots *slots, uint32_t slot, const struct zi_mask *granted);

/* End the writer's hold. False when it had none. */
bool zi_slots_let_go(struct zi_slots *slots, uint32_t slot);

/* How many slots the writer has a hold on. */
uint32_t zi_slots_count_kept(const struct zi_slots *slots);

#endif
