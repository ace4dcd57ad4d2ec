/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A seat's mailbox: the writer puts items in, the seat's reader takes them out, and
 * sleeps when there is none. It has two bodies:
 *
 *   mutex   a robust process-shared pthread mutex and a condition variable. The writer
 *           only ever tries the lock: a reader that was stopped inside its few locked
 *           instructions misses a frame and delays nobody. A reader waits for the lock
 *           until its deadline: a stopped writer delays it no longer. Who finds that
 *           somebody died inside rebuilds the queue from the grants and goes on.
 *   atomic  cells that are exchanged, and a futex word. No pthread object, so it works
 *           between different libcs and PID namespaces, and what a wild write makes of
 *           it harms its own seat only.
 *
 * Only who may attach depends on which one is in use: pthread objects want the same libc and PID namespace
 * on both sides (check_host in attachment.c).
 */
#ifndef ZI_MAILBOX_H
#define ZI_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "pool/layout/layout.h"
#include "pool/mailbox/cond.h"
#include "pool/state/grants.h"

/*
 * In shared memory, behind its seat. With glibc on 64 bits the mutex, the words to sleep on
 * and a queue of one are one cache line: all that changes hands with a frame.
 */
struct zi_mailbox_mutex {
	pthread_mutex_t mutex;
	struct zi_cond cond;
	struct zi_queue queue;
	pthread_cond_t pthread; /* the other body of the condition variable */
};

struct zi_mailbox_atomic {
	_Atomic uint32_t word;                /* + 1 for each ring; a futex word */
	_Atomic uint32_t sleepers;            /* 1: the reader sleeps or is about to */
	_Atomic uint64_t cell[ZOE_MAX_DEPTH]; /* an item, or 0; as many as the seat's depth are used */
};

struct zi_mailbox {
	union {
		struct zi_mailbox_mutex mutex;
		struct zi_mailbox_atomic atomic;
	};
};

/* What came of putting an item in. */
struct zi_put {
	unsigned displaced; /* items that made room */
	bool asleep;        /* the reader sleeps, or is about to: ring */
};

/* One side's view of it. */
struct zi_mailbox_view {
	const struct zi_mailbox_body *body;
	struct zi_mailbox *shared;
	struct zi_grants *grants;
	const struct zi_record *records; /* the slot table, */
	uint32_t n_slots;                /* with so many entries */
	uint32_t depth;
	enum zoe_cond cond; /* of the mutex body */
	/* The reader's: the writer's note that it came by while the lock was held, and what to ring then. */
	const _Atomic uint32_t *owed;
	_Atomic uint32_t *doorbell;
};

struct zi_mailbox_body {
	/* Make mailbox and grants anew: empty, unlocked, over whatever was there. 0 or -errno. */
	int (*init)(const struct zi_mailbox_view *view);
	/*
	 * Writer: grant the item and put it in. What the seat has already is not granted again. 0,
	 * or -EBUSY when the reader has the lock. Never waits, and wakes nobody: a reader that is
	 * asleep is rung afterwards.
	 */
	int (*put)(const struct zi_mailbox_view *view, uint64_t item, struct zi_put *put);
	/* Wake the reader, for a frame or for other news. Never waits. */
	void (*ring)(const struct zi_mailbox_view *view);
	/*
	 * Reader: take the oldest item, sleeping once if there is none, until the deadline at
	 * the latest. 0, or -EAGAIN: there was none, a ring brought other news, or the lock
	 * could not be had by the deadline; or -ESTALE: somebody wrote over it, and it never can be.
	 */
	int (*take)(const struct zi_mailbox_view *view, uint64_t *item, int64_t deadline_ns);
};

/* The body of this kind, or NULL if there is none. */
const struct zi_mailbox_body *zi_mailbox_body(uint32_t kind);

extern const struct zi_mailbox_body zi_mailbox_mutex_body;
extern const struct zi_mailbox_body zi_mailbox_atomic_body;

static inline int zi_mailbox_init(const struct zi_mailbox_view *view)
{
	return view->body->init(view);
}

static inline int zi_mailbox_put(const struct zi_mailbox_view *view, uint64_t item, struct zi_put *put)
{
	return view->body->put(view, item, put);
}

static inline void zi_mailbox_ring(const struct zi_mailbox_view *view)
{
	view->body->ring(view);
}

static inline int zi_mailbox_take(const struct zi_mailbox_view *view, uint64_t *item, int64_t deadline_ns)
{
	return view->body->take(view, item, deadline_ns);
}

#endif
