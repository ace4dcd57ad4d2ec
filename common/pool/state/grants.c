/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/state/grants.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define WORDS (ZOE_MAX_SLOTS / 64)

static uint64_t bit(uint32_t slot)
{
	assert(slot < ZOE_MAX_SLOTS);
	return UINT64_C(1) << (slot % 64);
}

static bool has(const _Atomic uint64_t *mask, uint32_t slot)
{
	return atomic_load_explicit(&mask[slot / 64], memory_order_acquire) & bit(slot);
}

void zi_grants_reset(struct zi_grants *grants)
{
	for (int i = 0; i < WORDS; i++) {
		atomic_store(&grants->taken[i], 0);
		atomic_store(&grants->granted[i], 0);
	}
}

bool zi_grants_has(const struct zi_grants *grants, uint32_t slot)
{
	return has(grants->granted, slot);
}

void zi_grants_give(struct zi_grants *grants, uint32_t slot)
{
	atomic_fetch_or(&grants->granted[slot / 64], bit(slot));
}

void zi_grants_revoke(struct zi_grants *grants, uint32_t slot)
{
	atomic_fetch_and(&grants->granted[slot / 64], ~bit(slot));
}

void zi_grants_mark_taken(struct zi_grants *grants, uint32_t slot)
{
	atomic_fetch_or(&grants->taken[slot / 64], bit(slot));
}

struct zi_mask zi_grants_collect(const struct zi_grants *grants)
{
	struct zi_mask mask;
	/* Acquire pairs with the release in zi_grants_return: the reader has done its looking. */
	for (int i = 0; i < WORDS; i++)
		mask.word[i] = atomic_load_explicit(&grants->granted[i], memory_order_acquire);
	return mask;
}

unsigned zi_grants_waiting(const struct zi_grants *grants)
{
	int n = 0;
	for (int i = 0; i < WORDS; i++)
		n += __builtin_popcountll(atomic_load(&grants->granted[i]) & ~atomic_load(&grants->taken[i]));
	return (unsigned)n;
}

/* The queue's length, whatever a stray write made of it. Read once in each step. */
static uint32_t length(struct zi_queue *queue)
{
	uint32_t count = atomic_load_explicit(&queue->count, memory_order_relaxed);
	return count < ZOE_MAX_DEPTH ? count : ZOE_MAX_DEPTH;
}

static void set_length(struct zi_queue *queue, uint32_t count)
{
	atomic_store_explicit(&queue->count, count, memory_order_relaxed);
}

/* Take item `at` of `count` out; returns how many are left. */
static uint32_t drop(struct zi_queue *queue, uint32_t at, uint32_t count)
{
	assert(at < count && count <= ZOE_MAX_DEPTH);
	memmove(queue->item + at, queue->item + at + 1, (count - at - 1) * sizeof(queue->item[0]));
	return count - 1;
}

unsigned zi_grants_put(struct zi_grants *grants, struct zi_queue *queue, uint32_t depth, uint64_t item)
{
	assert(depth >= 1 && depth <= ZOE_MAX_DEPTH);
	uint32_t slot = zi_item_slot(item), count = length(queue);
	unsigned displaced = 0;

	if (has(grants->granted, slot))
		return 0;
	for (uint32_t i = count; i-- > 0;)
		if (zi_item_slot(queue->item[i]) == slot)
			count = drop(queue, i, count);
	while (count >= depth) {
		zi_grants_revoke(grants, zi_item_slot(queue->item[0]));
		count = drop(queue, 0, count);
		displaced++;
	}
	zi_grants_give(grants, slot);
	queue->item[count] = item;
	set_length(queue, count + 1);
	return displaced;
}

int zi_grants_take(struct zi_grants *grants, struct zi_queue *queue, uint64_t *item)
{
	uint32_t count = length(queue);
	bool granted = false;

	while (count > 0 && !granted) {
		*item = queue->item[0];
		granted = has(grants->granted, zi_item_slot(*item));
		/*
		 * Taken before it leaves the queue: whoever dies in between leaves a grant that
		 * is the dead reader's, and never one that is queued and handed out again.
		 */
		if (granted)
			zi_grants_mark_taken(grants, zi_item_slot(*item));
		count = drop(queue, 0, count);
		set_length(queue, count);
	}
	return granted ? 0 : -EAGAIN;
}

void zi_grants_return(struct zi_grants *grants, uint32_t slot)
{
	atomic_fetch_and(&grants->taken[slot / 64], ~bit(slot));
	zi_grants_revoke(grants, slot);
}

/* Add an item where its age belongs; when there are `depth` already the oldest goes. */
static uint32_t insert(struct zi_grants *grants, struct zi_queue *queue, uint32_t depth, uint32_t count, uint64_t item)
{
	if (count == depth) {
		if (item < queue->item[0]) {
			zi_grants_revoke(grants, zi_item_slot(item));
			return count;
		}
		zi_grants_revoke(grants, zi_item_slot(queue->item[0]));
		count = drop(queue, 0, count);
	}
	uint32_t at = count;
	for (; at > 0 && queue->item[at - 1] > item; at--)
		queue->item[at] = queue->item[at - 1];
	queue->item[at] = item;
	return count + 1;
}

void zi_grants_rebuild(struct zi_grants *grants, struct zi_queue *queue, uint32_t depth,
	const struct zi_record *records, uint32_t n_slots)
{
	assert(depth >= 1 && depth <= ZOE_MAX_DEPTH);
	uint32_t count = 0;
	for (uint32_t slot = 0; slot < ZOE_MAX_SLOTS; slot++) {
		if (!has(grants->granted, slot) || has(grants->taken, slot))
			continue;
		if (slot < n_slots)
			count = insert(grants, queue, depth, count, zi_item(atomic_load(&records[slot].seq), slot));
		else
			zi_grants_revoke(grants, slot);
	}
	set_length(queue, count);
}
