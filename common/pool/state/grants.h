/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grants: what a seat may look at, and the queue of what it has not taken yet. A state
 * machine without I/O. The masks are atomic and true without any lock; the queue belongs
 * to whoever has locked the mailbox.
 *
 * An item names a frame: its sequence number and, in the low 8 bits, its slot.
 */
#ifndef ZI_GRANTS_H
#define ZI_GRANTS_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pool/layout/layout.h"
#include "pool/state/slots.h"

static inline uint64_t zi_item(uint64_t seq, uint32_t slot)
{
	assert(slot < ZOE_MAX_SLOTS);
	return seq << 8 | slot;
}

static inline uint32_t zi_item_slot(uint64_t item)
{
	return item & 0xff;
}

static inline uint64_t zi_item_seq(uint64_t item)
{
	return item >> 8;
}

static_assert(ZOE_MAX_SLOTS == 256, "an item has 8 bits for its slot");

/*
 * Items granted and not taken, oldest first. A stray write can come in between at any
 * time, so the count is read once in each step, bounded, and written back at its end.
 */
struct zi_queue {
	_Atomic uint32_t count;
	uint32_t reserved;
	uint64_t item[ZOE_MAX_DEPTH];
};

/* Nothing granted. */
void zi_grants_reset(struct zi_grants *grants);

/* What the seat says it has. Ordered before the reuse of what it has not. */
struct zi_mask zi_grants_collect(const struct zi_grants *grants);

/* How many grants wait in the mailbox. Takes no lock; only the reader makes it fewer. */
unsigned zi_grants_waiting(const struct zi_grants *grants);

/* The same as a question, for who asks often. */
static inline bool zi_grants_any_waiting(const struct zi_grants *grants)
{
	uint64_t any = 0;
	for (int i = 0; i < ZOE_MAX_SLOTS / 64; i++)
		any |= atomic_load_explicit(&grants->granted[i], memory_order_acquire) &
			~atomic_load_explicit(&grants->taken[i], memory_order_relaxed);
	return any != 0;
}

/* The single steps, for a mailbox without a queue. True when the seat has this slot. */
bool zi_grants_has(const struct zi_grants *grants, uint32_t slot);

/* Writer: grant it, before it can be seen in the mailbox; take back what was not taken. */
void zi_grants_give(struct zi_grants *grants, uint32_t slot);
void zi_grants_revoke(struct zi_grants *grants, uint32_t slot);

/* Reader: it is out of the mailbox. */
void zi_grants_mark_taken(struct zi_grants *grants, uint32_t slot);

/*
 * Grant an item and queue it; when `depth` are queued already the oldest makes room and
 * is no longer granted. Granting what the seat has already does nothing. Returns the
 * number of items displaced. Stale items of the same slot (repaired while the reader was
 * just returning it) go.
 */
unsigned zi_grants_put(struct zi_grants *grants, struct zi_queue *queue, uint32_t depth, uint64_t item);

/* Take the oldest queued item that is granted. 0 or -EAGAIN. */
int zi_grants_take(struct zi_grants *grants, struct zi_queue *queue, uint64_t *item);

/* Return a taken item. The slot may be overwritten from here on. */
void zi_grants_return(struct zi_grants *grants, uint32_t slot);

/*
 * Make the queue anew from what was granted and not taken, after somebody died with the
 * mailbox locked. `records` is the slot table, with n_slots entries; grants beyond it are
 * nobody's and go.
 */
void zi_grants_rebuild(struct zi_grants *grants, struct zi_queue *queue, uint32_t depth,
	const struct zi_record *records, uint32_t n_slots);

#endif
