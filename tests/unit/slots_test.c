/* SPDX-License-Identifier: BSD-2-Clause */
/* The slots' state machine through its transitions. */
#include <criterion/criterion.h>
#include <errno.h>

#include "pool/state/slots.h"

static struct zi_slots slots;
static struct zi_mask nobody;

static struct zi_mask somebody_has(uint32_t slot)
{
	struct zi_mask mask = { 0 };
	mask.word[slot / 64] = UINT64_C(1) << (slot % 64);
	return mask;
}

static void begin(void)
{
	zi_slots_init(&slots, 8);
}

static uint32_t publish(bool keep)
{
	int slot = zi_slots_choose(&slots, &nobody);
	uint32_t i = slot < 0 ? zi_slots_add(&slots) : (uint32_t)slot;
	zi_slots_begin(&slots, i);
	zi_slots_publish(&slots, i, keep);
	return i;
}

TestSuite(slots, .init = begin);

/* A pool begins without any slot. */
Test(slots, choose_from_none)
{
	cr_assert(zi_slots_choose(&slots, &nobody) == -EAGAIN);
}

/* With nobody looking two slots go round: one is the latest, the other is filled. */
Test(slots, alternate_between_two)
{
	for (int i = 0; i < 10; i++)
		cr_assert(publish(false) == (uint32_t)i % 2);
	cr_assert(slots.n == 2 && slots.seq == 10);
}

/* The latest is not given out, though the writer does not keep it. */
Test(slots, latest_is_not_chosen)
{
	publish(false);
	cr_assert(zi_slots_choose(&slots, &nobody) == -EAGAIN);
}

/* A slot that a seat has is not given out. */
Test(slots, granted_is_not_chosen)
{
	uint32_t first = publish(false);
	publish(false);
	struct zi_mask mask = somebody_has(first);
	cr_assert(zi_slots_choose(&slots, &mask) == -EAGAIN);
	cr_assert(zi_slots_choose(&slots, &nobody) == (int)first);
}

/* A slot beyond the first word of the mask is looked up in the right one. */
Test(slots, granted_in_a_high_word)
{
	zi_slots_init(&slots, 256);
	for (int i = 0; i < 200; i++)
		publish(true);
	publish(true);
	for (uint32_t i = 0; i < 200; i++)
		zi_slots_let_go(&slots, i);
	for (uint32_t i = 0; i < 199; i++) {
		int chosen = zi_slots_choose(&slots, &nobody);
		zi_slots_begin(&slots, (uint32_t)chosen);
	}
	struct zi_mask mask = somebody_has(199);
	cr_assert(zi_slots_choose(&slots, &mask) == -EAGAIN);
	mask = somebody_has(135);
	cr_assert(zi_slots_choose(&slots, &mask) == 199);
}

/* A kept slot is not given out before the writer lets go. */
Test(slots, kept_is_not_chosen)
{
	uint32_t first = publish(true);
	publish(false);
	cr_assert(zi_slots_choose(&slots, &nobody) == -EAGAIN);
	cr_assert(zi_slots_let_go(&slots, first));
	cr_assert(!zi_slots_let_go(&slots, first));
	cr_assert(zi_slots_choose(&slots, &nobody) == (int)first);
}

/* The slot being filled is nobody else's. */
Test(slots, filling_is_not_chosen)
{
	zi_slots_begin(&slots, zi_slots_add(&slots));
	cr_assert(zi_slots_choose(&slots, &nobody) == -EAGAIN);
	cr_assert(zi_slots_filling(&slots, 0) && !zi_slots_filling(&slots, 1));
}

/* A slot abandoned in filling is free at once, and no sequence number was used. */
Test(slots, abandoned)
{
	zi_slots_begin(&slots, zi_slots_add(&slots));
	cr_assert(zi_slots_let_go(&slots, 0));
	cr_assert(zi_slots_choose(&slots, &nobody) == 0 && slots.seq == 0);
	cr_assert(!zi_slots_filling(&slots, 0));
}

/* Of the free slots the one with the oldest frame goes first; one never used is older still. */
Test(slots, oldest_first)
{
	uint32_t a = publish(true), b = publish(true), c = publish(true);
	publish(true);
	zi_slots_let_go(&slots, c);
	zi_slots_let_go(&slots, a);
	zi_slots_let_go(&slots, b);
	cr_assert(zi_slots_choose(&slots, &nobody) == (int)a);
	uint32_t fresh = zi_slots_add(&slots);
	cr_assert(zi_slots_choose(&slots, &nobody) == (int)fresh);
}

/* Withdrawing needs a published slot that nobody has and that is not the latest, and works once. */
Test(slots, withdraw)
{
	uint32_t first = publish(true);
	cr_assert(zi_slots_withdraw(&slots, first, &nobody) == -EBUSY);
	publish(true);
	struct zi_mask mask = somebody_has(first);
	cr_assert(zi_slots_withdraw(&slots, first, &mask) == -EBUSY);
	cr_assert(zi_slots_withdraw(&slots, first, &nobody) == 0);
	cr_assert(zi_slots_withdraw(&slots, first, &nobody) == -EINVAL);
	cr_assert(zi_slots_withdraw(&slots, 7, &nobody) == -EINVAL);
	cr_assert(zi_slots_choose(&slots, &nobody) == -EAGAIN);
	zi_slots_let_go(&slots, first);
	cr_assert(zi_slots_choose(&slots, &nobody) == (int)first);
}

/* What the writer has a hold on is counted: filling, published and withdrawn alike. */
Test(slots, count_kept)
{
	uint32_t first = publish(true);
	publish(true);
	publish(false);
	zi_slots_withdraw(&slots, first, &nobody);
	zi_slots_begin(&slots, zi_slots_add(&slots));
	cr_assert(zi_slots_count_kept(&slots) == 3);
}
