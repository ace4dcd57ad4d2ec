/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/grants.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define WORDS (ZOE_MAX_SLOTS / 64)

static uint64_t bit(uint32_t slot)
{
	return UINT64_C(1) << (slot % 64);
}

static bool has(const _Atomic uint64_t *mask, uint32_t slot)
{
	return atomic_load_explicit(&mask[slot / 64], memory_order_acquire) & bit(slot);
}

static void revoke(struct zi_grants *grants, uint32_t slot)
{
	atomic_fetch_and(&grants->granted[slot / 64], ~bit(slot));
}

void zi_grants_reset(struct zi_grants *grants, struct zi_queue *queue)
{
	for (int i = 0; i < WORDS; i++) {
		atomic_store(&grants->taken[i], 0);
		atomic_store(&grants->granted[i], 0);
	}
	memset(queue, 0, sizeof *queue);
}

void zi_grants_collect(const struct zi_grants *grants, struct zi_mask *mask)
{
	/* Acquire pairs with the release in zi_grants_return: the reader has done its looking. */
	for (int i = 0; i < WORDS; i++)
		mask->word[i] |= atomic_load_explicit(&grants->granted[i], memory_order_acquire);
}

unsigned zi_grants_waiting(const struct zi_grants *grants)
{
	int n = 0;
	for (int i = 0; i < WORDS; i++)
		n += __builtin_popcountll(atomic_load(&grants->granted[i]) & ~atomic_load(&grants->taken[i]));
	return (unsigned)n;
}

/* The queue's length, whatever a stray write made of it. */
static uint32_t length(struct zi_queue *queue)
{
	if (queue->count > ZOE_MAX_DEPTH)
		queue->count = ZOE_MAX_DEPTH;
	return queue->count;
}

static uint64_t pop(struct zi_queue *queue)
{
	uint64_t item = queue->item[0];
	queue->count--;
	memmove(queue->item, queue->item + 1, queue->count * sizeof queue->item[0]);
	return item;
}

unsigned zi_grants_put(struct zi_grants *grants, struct zi_queue *queue, uint32_t depth, uint64_t item)
{
	uint32_t slot = zi_item_slot(item);
	unsigned displaced = 0;

	if (has(grants->granted, slot))
		return 0;
	while (length(queue) >= depth) {
		revoke(grants, zi_item_slot(pop(queue)));
		displaced++;
	}
	atomic_fetch_or(&grants->granted[slot / 64], bit(slot));
	queue->item[queue->count++] = item;
	return displaced;
}

int zi_grants_take(struct zi_grants *grants, struct zi_queue *queue, uint64_t *item)
{
	while (length(queue) > 0) {
		uint32_t slot = zi_item_slot(queue->item[0]);
		bool granted = has(grants->granted, slot);
		/*
		 * Taken before it leaves the queue: whoever dies in between leaves a grant that
		 * is the dead reader's, and never one that is queued and handed out again.
		 */
		if (granted)
			atomic_fetch_or(&grants->taken[slot / 64], bit(slot));
		*item = pop(queue);
		if (granted)
			return 0;
	}
	return -EAGAIN;
}

void zi_grants_return(struct zi_grants *grants, uint32_t slot)
{
	atomic_fetch_and(&grants->taken[slot / 64], ~bit(slot));
	revoke(grants, slot);
}

void zi_grants_rebuild(struct zi_grants *grants, struct zi_queue *queue, uint32_t depth,
	const struct zi_record *records)
{
	memset(queue, 0, sizeof *queue);
	for (uint32_t slot = 0; slot < ZOE_MAX_SLOTS; slot++) {
		if (!has(grants->granted, slot) || has(grants->taken, slot))
			continue;
		uint64_t item = zi_item(atomic_load(&records[slot].seq), slot);
		if (queue->count == depth && item < queue->item[0]) {
			revoke(grants, slot);
			continue;
		}
		if (queue->count == depth)
			revoke(grants, zi_item_slot(pop(queue)));
		uint32_t at = queue->count++;
		for (; at > 0 && queue->item[at - 1] > item; at--)
			queue->item[at] = queue->item[at - 1];
		queue->item[at] = item;
	}
}
