/* SPDX-License-Identifier: BSD-2-Clause */
/* Grants and the queue of a mailbox through their transitions. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "pool/state/grants.h"

static struct zi_grants grants;
static struct zi_queue queue;
static struct zi_record records[ZOE_MAX_SLOTS];
static uint64_t item;

static void begin(void)
{
	zi_grants_reset(&grants);
	memset(&queue, 0, sizeof(queue));
	memset(records, 0, sizeof(records));
}

static bool granted(uint32_t slot)
{
	struct zi_mask mask = zi_grants_collect(&grants);
	return zi_mask_has(&mask, slot);
}

TestSuite(grants, .init = begin);

/* An item is a sequence number and a slot. */
Test(grants, item)
{
	cr_assert(zi_item_seq(zi_item(UINT64_C(0xabcdef0123), 255)) == UINT64_C(0xabcdef0123));
	cr_assert(zi_item_slot(zi_item(7, 255)) == 255);
}

/* What was put can be taken, once, and stays granted until it is returned. */
Test(grants, put_take_return)
{
	cr_assert(zi_grants_put(&grants, &queue, 1, zi_item(5, 200)) == 0);
	cr_assert(granted(200) && zi_grants_waiting(&grants) == 1);
	cr_assert(zi_grants_take(&grants, &queue, &item) == 0 && item == zi_item(5, 200));
	cr_assert(granted(200) && zi_grants_waiting(&grants) == 0);
	cr_assert(zi_grants_take(&grants, &queue, &item) == -EAGAIN);
	zi_grants_return(&grants, 200);
	cr_assert(!granted(200));
}

/* At depth 1 the newest replaces what was not taken, and the old is no longer granted. */
Test(grants, newest_replaces)
{
	zi_grants_put(&grants, &queue, 1, zi_item(1, 0));
	cr_assert(zi_grants_put(&grants, &queue, 1, zi_item(2, 1)) == 1);
	cr_assert(!granted(0) && granted(1));
	zi_grants_take(&grants, &queue, &item);
	cr_assert(zi_item_seq(item) == 2);
}

/* What was taken is not displaced. */
Test(grants, taken_stays)
{
	zi_grants_put(&grants, &queue, 1, zi_item(1, 0));
	zi_grants_take(&grants, &queue, &item);
	cr_assert(zi_grants_put(&grants, &queue, 1, zi_item(2, 1)) == 0);
	cr_assert(zi_grants_put(&grants, &queue, 1, zi_item(3, 2)) == 1);
	cr_assert(granted(0) && !granted(1) && granted(2));
}

/* Deeper queues keep their order and drop the oldest. */
Test(grants, deep_queue)
{
	unsigned displaced = 0;
	for (uint32_t i = 1; i <= 5; i++)
		displaced += zi_grants_put(&grants, &queue, 3, zi_item(i, i));
	cr_assert(displaced == 2 && zi_grants_waiting(&grants) == 3);
	for (uint32_t i = 3; i <= 5; i++)
		cr_assert(zi_grants_take(&grants, &queue, &item) == 0 && zi_item_seq(item) == i);
}

/* A seat is never granted again what it has. */
Test(grants, no_second_grant)
{
	zi_grants_put(&grants, &queue, 2, zi_item(1, 0));
	zi_grants_put(&grants, &queue, 2, zi_item(1, 0));
	cr_assert(queue.count == 1);
	zi_grants_take(&grants, &queue, &item);
	zi_grants_put(&grants, &queue, 2, zi_item(1, 0));
	cr_assert(zi_grants_take(&grants, &queue, &item) == -EAGAIN);
}

/* A queued item that is not granted (the grant went with a repair) is passed over. */
Test(grants, take_without_a_grant)
{
	zi_grants_put(&grants, &queue, 2, zi_item(1, 0));
	zi_grants_put(&grants, &queue, 2, zi_item(2, 1));
	zi_grants_return(&grants, 0);
	cr_assert(zi_grants_take(&grants, &queue, &item) == 0 && zi_item_seq(item) == 2);
}

/* A queue whose length was overwritten is bounded, not believed. */
Test(grants, overwritten_length)
{
	queue.count = 0xffffffff;
	zi_grants_put(&grants, &queue, 4, zi_item(9, 3));
	cr_assert(queue.count == 4);
	queue.count = 0xffffffff;
	while (zi_grants_take(&grants, &queue, &item) == 0)
		;
	cr_assert(queue.count == 0);
}

/* After a death with the lock held the queue comes back from the masks, oldest first, without what was taken. */
Test(grants, rebuild)
{
	zi_grants_put(&grants, &queue, 4, zi_item(10, 4));
	zi_grants_take(&grants, &queue, &item);
	for (uint32_t i = 0; i < 3; i++) {
		atomic_store(&records[3 - i].seq, 20 + i);
		zi_grants_put(&grants, &queue, 4, zi_item(20 + i, 3 - i));
	}
	memset(&queue, 0x5a, sizeof(queue));
	zi_grants_rebuild(&grants, &queue, 4, records, ZOE_MAX_SLOTS);
	cr_assert(queue.count == 3);
	for (uint32_t i = 0; i < 3; i++)
		cr_assert(zi_grants_take(&grants, &queue, &item) == 0 && item == zi_item(20 + i, 3 - i));
	cr_assert(granted(4));
}

/* A death between the grant and the displacement leaves one too many: the oldest goes. */
Test(grants, rebuild_with_one_too_many)
{
	for (uint32_t i = 0; i < 3; i++) {
		atomic_store(&records[i].seq, 3 - i);
		zi_grants_put(&grants, &queue, 3, zi_item(3 - i, i));
	}
	zi_grants_rebuild(&grants, &queue, 1, records, ZOE_MAX_SLOTS);
	cr_assert(queue.count == 1 && granted(0) && !granted(1) && !granted(2));
}

/* The same where the newest comes last in the table. */
Test(grants, rebuild_with_the_newest_last)
{
	for (uint32_t i = 0; i < 3; i++) {
		atomic_store(&records[i].seq, 1 + i);
		zi_grants_put(&grants, &queue, 3, zi_item(1 + i, i));
	}
	zi_grants_rebuild(&grants, &queue, 1, records, ZOE_MAX_SLOTS);
	cr_assert(queue.count == 1 && !granted(0) && !granted(1) && granted(2));
}

/* Grants beyond the slot table, from a stray write, are not looked up: they go. */
Test(grants, rebuild_beyond_the_table)
{
	zi_grants_give(&grants, 3);
	zi_grants_give(&grants, 255);
	zi_grants_rebuild(&grants, &queue, 4, records, 4);
	cr_assert(queue.count == 1 && granted(3) && !granted(255));
}

/* An item that a repair queued while its slot was being returned does not stand beside the slot's next one. */
Test(grants, stale_item_of_the_same_slot)
{
	zi_grants_put(&grants, &queue, 4, zi_item(1, 7));
	zi_grants_return(&grants, 7);
	zi_grants_put(&grants, &queue, 4, zi_item(2, 7));
	cr_assert(queue.count == 1);
	cr_assert(zi_grants_take(&grants, &queue, &item) == 0 && zi_item_seq(item) == 2);
}
