/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mailbox's body of atomic cells. Each step is one exchange, so there is no inside to
 * die in: a cell holds an item that is granted, or nothing.
 *
 * The writer grants before the exchange that makes the item visible, and takes back what
 * that exchange displaced; who gets an item out of a cell by an exchange is the only one
 * who got it.
 */
#include "pool/mailbox/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "pool/system/clock.h"

static int init(const struct zi_mailbox_view *view)
{
	struct zi_mailbox_atomic *box = &view->shared->atomic;
	memset(box, 0, sizeof(*box));
	zi_grants_reset(view->grants);
	return 0;
}

/* The cell with the oldest item; empty ones count as older still if `with_empty`. -1: none. */
static int oldest(const struct zi_mailbox_view *view, bool with_empty, uint64_t *found)
{
	int at = -1;
	*found = 0;
	for (uint32_t i = 0; i < view->depth; i++) {
		uint64_t item = atomic_load(&view->shared->atomic.cell[i]);
		if ((item == 0 && !with_empty) || (at >= 0 && item >= *found))
			continue;
		at = (int)i;
		*found = item;
	}
	return at;
}

static int put(const struct zi_mailbox_view *view, uint64_t item, struct zi_put *put)
{
	struct zi_mailbox_atomic *box = &view->shared->atomic;
	uint64_t found;

	*put = (struct zi_put){ 0 };
	if (zi_grants_has(view->grants, zi_item_slot(item)))
		return 0;
	int at = oldest(view, true, &found);
	assert(at >= 0); /* since the depth is 1 at least */
	zi_grants_give(view->grants, zi_item_slot(item));
	uint64_t before = atomic_exchange(&box->cell[at], item);
	if (before) {
		zi_grants_revoke(view->grants, zi_item_slot(before));
		put->displaced = 1;
	}
	/* The item before the look: the reader says that it sleeps before its last look for items. */
	put->asleep = atomic_load(&box->sleepers) != 0;
	return 0;
}

static void ring(const struct zi_mailbox_view *view)
{
	zi_futex_ring(&view->shared->atomic.word);
}

static int take_now(const struct zi_mailbox_view *view, uint64_t *item)
{
	struct zi_mailbox_atomic *box = &view->shared->atomic;
	uint64_t found = 0, again = 0;

	/* Bounded: each time round the writer has put something newer there. */
	for (int tries = 0; tries < ZOE_MAX_SLOTS; tries++) {
		if (oldest(view, false, &found) < 0)
			return -EAGAIN;
		/*
		 * Looked at twice: while the first look went from cell to cell, an older item may
		 * have come to one that was already passed. What was older than an item that has
		 * been seen was there before it, so the second look sees that.
		 */
		int at = oldest(view, false, &again);
		if (at < 0 || again != found || !atomic_compare_exchange_strong(&box->cell[at], &found, 0))
			continue;
		zi_grants_mark_taken(view->grants, zi_item_slot(found));
		*item = found;
		return 0;
	}
	return -EAGAIN;
}

static int take(const struct zi_mailbox_view *view, uint64_t *item, int64_t deadline_ns)
{
	struct zi_mailbox_atomic *box = &view->shared->atomic;

	int error = take_now(view, item);
	if (error != -EAGAIN || deadline_ns == ZOE_POLL || zoe_now_ns() >= deadline_ns)
		return error;
	atomic_store(&box->sleepers, 1);
	uint32_t word = atomic_load(&box->word);
	error = take_now(view, item);
	if (error == -EAGAIN) {
		zi_futex_wait(&box->word, word, deadline_ns);
		error = take_now(view, item);
	}
	atomic_store(&box->sleepers, 0);
	return error;
}

const struct zi_mailbox_body zi_mailbox_atomic_body = { init, put, ring, take };
