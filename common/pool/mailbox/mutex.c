/* SPDX-License-Identifier: BSD-2-Clause */
/* The mailbox's body of a robust mutex and a condition variable. */
#include "pool/mailbox/mailbox.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "pool/mailbox/robust.h"
#include "pool/system/clock.h"

/* How often the writer, or a poll, tries the lock before it moves on: about a microsecond. */
#define TRIES 32

/* Of the condition variable; NULL: it has the futex body. */
static pthread_cond_t *pthread_body(const struct zi_mailbox_view *view)
{
	return view->cond == ZOE_COND_PTHREAD ? &view->shared->mutex.pthread : NULL;
}

static int init(const struct zi_mailbox_view *view)
{
	struct zi_mailbox_mutex *box = &view->shared->mutex;
	memset(box, 0, sizeof(*box));
	zi_grants_reset(view->grants);
	int error = zi_cond_init(&box->cond, pthread_body(view));
	return error ? error : zi_robust_init(&box->mutex);
}

/*
 * Whoever gets the lock of the dead makes the mailbox whole. Repair is not reset: what
 * the reader has taken it still has.
 */
static void repair(const struct zi_mailbox_view *view)
{
	zi_grants_rebuild(view->grants, &view->shared->mutex.queue, view->depth, view->records, view->n_slots);
	pthread_mutex_consistent(&view->shared->mutex.mutex);
}

/* True when the lock is ours, repaired if need be. `error` is what a pthread lock call returned. */
static bool locked(const struct zi_mailbox_view *view, int error)
{
	if (error == EOWNERDEAD)
		repair(view);
	return error == 0 || error == EOWNERDEAD;
}

static bool try_lock(const struct zi_mailbox_view *view)
{
	/* One that a stray write made another than the writer made is as good as busy for ever. */
	if (!zi_robust_is_ours(&view->shared->mutex.mutex))
		return false;
	for (int i = 0; i < TRIES; i++) {
		int error = pthread_mutex_trylock(&view->shared->mutex.mutex);
		if (locked(view, error))
			return true;
		if (error != EBUSY)
			return false;
		zi_pause();
	}
	return false;
}

static int put(const struct zi_mailbox_view *view, uint64_t item, struct zi_put *put)
{
	struct zi_mailbox_mutex *box = &view->shared->mutex;
	*put = (struct zi_put){ 0 };
	if (!try_lock(view))
		return -EBUSY;
	put->displaced = zi_grants_put(view->grants, &box->queue, view->depth, item);
	put->asleep = zi_cond_has_sleeper(&box->cond);
	pthread_mutex_unlock(&box->mutex);
	return 0;
}

static void ring(const struct zi_mailbox_view *view)
{
	zi_cond_signal(&view->shared->mutex.cond, pthread_body(view));
}

/* What a reader says when it could not have the lock by its deadline, or never can. */
static int fail_lock(const struct zi_mailbox_view *view, int error)
{
	if (zi_robust_is_ours(&view->shared->mutex.mutex) && (error == EBUSY || error == ETIMEDOUT))
		return -EAGAIN;
	return -ESTALE;
}

static int lock_until(const struct zi_mailbox_view *view, int64_t deadline_ns)
{
	int error = EBUSY;
	if (deadline_ns == ZOE_POLL
			? try_lock(view)
			: locked(view, error = zi_robust_lock_until(&view->shared->mutex.mutex, deadline_ns)))
		return 0;
	return fail_lock(view, error);
}

/* The writer came by while we had the lock, and we are about to sleep: it shall come again. */
static void tell_missed(const void *context)
{
	const struct zi_mailbox_view *view = context;
	atomic_thread_fence(memory_order_seq_cst);
	if (view->owed && atomic_load(view->owed))
		zi_futex_ring(view->doorbell);
}

static int take(const struct zi_mailbox_view *view, uint64_t *item, int64_t deadline_ns)
{
	struct zi_mailbox_mutex *box = &view->shared->mutex;
	const struct zi_cond_unlocked unlocked = { tell_missed, view };
	int error = lock_until(view, deadline_ns);
	if (error)
		return error;
	error = zi_grants_take(view->grants, &box->queue, item);
	if (error == -EAGAIN && deadline_ns != ZOE_POLL && zoe_now_ns() < deadline_ns) {
		error = zi_cond_wait(&box->cond, pthread_body(view), &box->mutex, deadline_ns, &unlocked);
		if (!locked(view, error))
			return fail_lock(view, error);
		error = zi_grants_take(view->grants, &box->queue, item);
	}
	pthread_mutex_unlock(&box->mutex);
	return error;
}

const struct zi_mailbox_body zi_mailbox_mutex_body = { init, put, ring, take };
