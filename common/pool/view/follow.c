/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/view/follow.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "pool/system/clock.h"
#include "pool/system/error.h"
#include "pool/view/view.h"

/* How often to look for a name that is not there yet, */
#define NAME_NS (10 * ZI_MS)
/* and for one that is just changing hands, or a seat that is just being freed. */
#define SETTLE_NS ZI_MS

bool zi_follow_is_over(int error)
{
	return error == -ENODATA || error == -ECANCELED || error == -ECONNABORTED || error == -EOWNERDEAD;
}

static bool is_absent(int error)
{
	return error == -ENOENT || zi_follow_is_over(error);
}

static bool is_settling(int error)
{
	return error == -ESTALE || error == -EUSERS || error == -EUCLEAN;
}

int zi_follow_begin(struct zi_follow *follow, const char *name, const char *trusted, zi_follow_open *open, void *owner)
{
	if (zi_check_name(name))
		return -EINVAL;
	memset(follow, 0, sizeof(*follow));
	int error = zi_owner_read(&follow->trusted, trusted);
	if (error)
		return error;
	memcpy(follow->name, name, strlen(name) + 1);
	follow->open = open;
	follow->owner = owner;
	return zi_descriptors_watch(&follow->descriptors);
}

/* What zi_follow_first() says when the time is up. */
static int give_up(int error)
{
	if (is_absent(error))
		return -ENOENT;
	if (error == -EUCLEAN)
		return -EBADMSG;
	return error == -EAGAIN || error == -ESTALE ? -ETIMEDOUT : error;
}

static int open_first(struct zi_follow *follow, int64_t deadline_ns)
{
	assert(follow->open);
	int64_t grace_end = 0; /* 0: there was no pool yet */

	for (;;) {
		int64_t end = zoe_now_ns() + follow->grace_ns;
		if (grace_end)
			end = grace_end;
		else if (end < deadline_ns)
			end = deadline_ns;
		int error = follow->open(follow, end);
		bool absent = is_absent(error);
		if (!absent && !grace_end)
			grace_end = end;
		if (absent)
			end = deadline_ns;
		if (!error)
			return 0;
		if (!(absent || is_settling(error)) || zoe_now_ns() >= end)
			return give_up(error);
		zi_sleep_until(zi_slice(end, absent ? NAME_NS : SETTLE_NS));
	}
}

static void cancel_first(void *argument)
{
	const struct zi_follow *follow = argument;
	if (follow->cancelled)
		follow->cancelled(follow->owner);
}

int zi_follow_first(struct zi_follow *follow, int64_t deadline_ns)
{
	int error;

	pthread_cleanup_push(cancel_first, follow);
	error = open_first(follow, deadline_ns);
	pthread_cleanup_pop(0);
	return error;
}

int zi_follow_end_of(struct zi_follow *follow, int error)
{
	assert(zi_follow_is_over(error));
	bool ends = error == -ENODATA || (error == -ECANCELED && follow->which == ZOE_FOLLOW_NEVER);

	follow->is_over = follow->which == ZOE_FOLLOW_NEVER;
	return ends && follow->which != ZOE_FOLLOW_ALWAYS ? -ENODATA : -EOWNERDEAD;
}

int zi_follow_next(struct zi_follow *follow, int64_t deadline_ns)
{
	if (follow->is_over)
		return zi_fail(ENODATA, "pool '%s' is over, and its next is not to be followed", follow->name);
	for (;;) {
		int error = follow->open(follow, deadline_ns);
		bool ends = follow->awaits_successor || follow->which == ZOE_FOLLOW_NEVER ||
			(follow->awaits_end && zi_follow_is_over(error));
		if (is_absent(error) && ends) {
			/* The name passed to a successor that is over already. */
			follow->awaits_successor = follow->awaits_end = false;
			return zi_follow_is_over(error)
				? error
				: zi_view_fail_end(follow->name, follow->gone, follow->gone_pid);
		}
		if (!error)
			follow->awaits_successor = follow->awaits_end = false;
		if (!is_absent(error) && !is_settling(error))
			return error;
		if (zoe_now_ns() >= deadline_ns)
			return -EAGAIN;
		/* Its writer may take as long as its next frame does. */
		bool awaits = follow->awaits_successor && error != -EUCLEAN;
		zi_sleep_until(zi_slice(deadline_ns, awaits ? SETTLE_NS : NAME_NS));
	}
}

void zi_follow_end(struct zi_follow *follow)
{
	zi_descriptors_close(&follow->descriptors);
}
