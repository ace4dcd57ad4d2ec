/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A seat's mailbox: the writer puts items in, the seat's reader takes them out, and
 * sleeps when there is none. The body here is a robust process-shared pthread mutex and a
 * condition variable; put, take, ring and init are all that anybody else knows of it.
 *
 * The writer only ever tries the lock: a reader that was stopped inside its few locked
 * instructions misses a frame and delays nobody. A reader waits for the lock until its
 * deadline: a stopped writer delays it no longer. Who finds that somebody died inside
 * rebuilds the queue from the grants and goes on.
 */
#ifndef ZI_MAILBOX_H
#define ZI_MAILBOX_H

#include <pthread.h>
#include <stdint.h>

#include "pool/cond.h"
#include "pool/grants.h"
#include "pool/layout.h"

/* In shared memory, on a page of its own. */
struct zi_mailbox {
	pthread_mutex_t mutex;
	struct zi_cond cond;
	struct zi_queue queue;
};

/* One side's view of it. */
struct zi_mailbox_view {
	struct zi_mailbox *shared;
	struct zi_grants *grants;
	const struct zi_record *records;        /* the slot table */
	uint32_t depth;
	enum zoe_cond cond;
};

/* Make mailbox and grants anew: empty, unlocked, over whatever was there. 0 or -errno. */
int zi_mailbox_init(const struct zi_mailbox_view *view);

/*
 * Writer: grant the item and queue it, and wake the reader. *displaced becomes the
 * number of items that made room. 0, or -EBUSY when the reader has the lock. Never waits.
 */
int zi_mailbox_put(const struct zi_mailbox_view *view, uint64_t item, unsigned *displaced);

/* Wake the reader, giving it nothing: there is news of another kind. Never waits. */
void zi_mailbox_ring(const struct zi_mailbox_view *view);

/*
 * Reader: take the oldest item, sleeping once if there is none, until the deadline at
 * the latest. 0, or -EAGAIN: there was none, a ring brought other news, or the lock could
 * not be had by the deadline.
 */
int zi_mailbox_take(const struct zi_mailbox_view *view, uint64_t *item, int64_t deadline_ns);

#endif
