/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/state/slots.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

void zi_slots_init(struct zi_slots *slots, uint32_t max)
{
	assert(max <= ZOE_MAX_SLOTS);
	memset(slots, 0, sizeof(*slots));
	slots->max = max;
}

static bool is_latest(const struct zi_slots *slots, uint32_t slot)
{
	return slots->seq > 0 && slots->latest == slot;
}

static bool usable(const struct zi_slots *slots, uint32_t slot, const struct zi_mask *granted)
{
	return !slots->slot[slot].kept && !is_latest(slots, slot) && !zi_mask_has(granted, slot);
}

int zi_slots_choose(const struct zi_slots *slots, const struct zi_mask *granted)
{
	int oldest = -EAGAIN;
	for (uint32_t i = 0; i < slots->n; i++) {
		if (!usable(slots, i, granted))
			continue;
		/* The oldest, so that who looks without a seat has the longest look. */
		if (oldest < 0 || slots->slot[i].last_seq < slots->slot[oldest].last_seq)
			oldest = (int)i;
	}
	return oldest;
}

uint32_t zi_slots_add(struct zi_slots *slots)
{
	assert(slots->n < slots->max);
	return slots->n++;
}

void zi_slots_begin(struct zi_slots *slots, uint32_t slot)
{
	assert(slot < slots->n && !slots->slot[slot].kept && !is_latest(slots, slot));
	slots->slot[slot].state = ZI_SLOT_FILLING;
	slots->slot[slot].kept = true;
}

bool zi_slots_filling(const struct zi_slots *slots, uint32_t slot)
{
	return slot < slots->n && slots->slot[slot].state == ZI_SLOT_FILLING;
}

uint64_t zi_slots_publish(struct zi_slots *slots, uint32_t slot, bool keep)
{
	assert(zi_slots_filling(slots, slot));
	slots->seq++;
	slots->latest = slot;
	slots->slot[slot] = (struct zi_slot){
		.state = ZI_SLOT_PUBLISHED,
		.kept = keep,
		.last_seq = slots->seq,
	};
	return slots->seq;
}

int zi_slots_withdraw(struct zi_slots *slots, uint32_t slot, const struct zi_mask *granted)
{
	if (slot >= slots->n || slots->slot[slot].state != ZI_SLOT_PUBLISHED)
		return -EINVAL;
	if (is_latest(slots, slot) || zi_mask_has(granted, slot))
		return -EBUSY;
	slots->slot[slot].state = ZI_SLOT_WITHDRAWN;
	return 0;
}

bool zi_slots_let_go(struct zi_slots *slots, uint32_t slot)
{
	if (slot >= slots->n || !slots->slot[slot].kept)
		return false;
	slots->slot[slot].kept = false;
	if (slots->slot[slot].state != ZI_SLOT_PUBLISHED)
		slots->slot[slot].state = ZI_SLOT_FREE;
	return true;
}

uint32_t zi_slots_count_kept(const struct zi_slots *slots)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < slots->n; i++)
		n += slots->slot[i].kept;
	return n;
}
