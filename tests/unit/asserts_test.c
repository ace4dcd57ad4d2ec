/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A caller of ours that breaks what a function asks of it ends the process there, in release builds,
 * too: a death of each kind. Bytes out of shared memory never get this far; the fuzzers see to that.
 */
#include <criterion/criterion.h>
#include <signal.h>

#include "pool/mailbox/mailbox.h"
#include "pool/reader/attachment.h"
#include "pool/state/grants.h"
#include "pool/state/slots.h"
#include "pool/system/descriptors.h"
#include "pool/system/object.h"
#include "pool/view/view.h"

static struct zi_slots slots;
static struct zi_grants grants;
static struct zi_queue queue;

/* A number out of range. */
Test(asserts, slot_out_of_range, .signal = SIGABRT)
{
	zi_grants_return(&grants, ZOE_MAX_SLOTS);
}

Test(asserts, depth_of_none, .signal = SIGABRT)
{
	zi_grants_put(&grants, &queue, 0, zi_item(1, 0));
}

Test(asserts, seat_out_of_range, .signal = SIGABRT)
{
	const struct zi_view view = { .layout.n_seats = 3 };
	zi_view_seat(&view, 3);
}

Test(asserts, descriptor_out_of_range, .signal = SIGABRT)
{
	const struct zi_descriptors descriptors = { .fds = { -1, -1 } };
	zi_descriptors_intact(&descriptors, 2);
}

/* A step that the state does not allow. */
Test(asserts, more_slots_than_there_may_be, .signal = SIGABRT)
{
	zi_slots_init(&slots, 1);
	zi_slots_add(&slots);
	zi_slots_add(&slots);
}

Test(asserts, filled_twice, .signal = SIGABRT)
{
	zi_slots_init(&slots, 3);
	uint32_t slot = zi_slots_add(&slots);
	zi_slots_begin(&slots, slot);
	zi_slots_begin(&slots, slot);
}

Test(asserts, published_without_filling, .signal = SIGABRT)
{
	zi_slots_init(&slots, 3);
	zi_slots_publish(&slots, zi_slots_add(&slots), false);
}

Test(asserts, the_latest_is_not_filled, .signal = SIGABRT)
{
	zi_slots_init(&slots, 3);
	uint32_t slot = zi_slots_add(&slots);
	zi_slots_begin(&slots, slot);
	zi_slots_publish(&slots, slot, false);
	zi_slots_begin(&slots, slot);
}

/* An argument that means nothing. */
Test(asserts, nothing_to_grow_by, .signal = SIGABRT)
{
	zi_object_grow(-1, 0, 0);
}

Test(asserts, a_seat_for_no_frame, .signal = SIGABRT)
{
	const struct zi_request request = { .depth = 1 };
	const struct zi_follow follow = { .name = "a" };
	struct zi_attachment *attachment;
	zi_attachment_claim(&attachment, &follow, &request);
}

/* The same calls as they should be. */
Test(asserts, right_calls_live)
{
	zi_slots_init(&slots, 3);
	uint32_t slot = zi_slots_add(&slots);
	zi_slots_begin(&slots, slot);
	cr_assert(zi_slots_publish(&slots, slot, false) == 1);
	zi_grants_put(&grants, &queue, 1, zi_item(1, slot));
	zi_grants_return(&grants, ZOE_MAX_SLOTS - 1);
	cr_assert(zi_grants_has(&grants, slot));
}
