/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/observer/onlooker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "pool/system/thread.h"

static void close_view(struct zi_onlooker *onlooker)
{
	zi_view_close(&onlooker->view);
	memset(&onlooker->view, 0, sizeof(onlooker->view));
	onlooker->is_open = false;
}

static int open_view(struct zi_follow *follow, int64_t unused_deadline_ns)
{
	struct zi_onlooker *onlooker = follow->owner;

	ZI_UNCANCELLED;
	(void)unused_deadline_ns; /* a view takes no time */
	int error = zi_view_open(&onlooker->view, follow->name, &follow->trusted);
	if (!error)
		error = zi_view_check_live(&onlooker->view, follow->name);
	if (!error && onlooker->wants_seats) {
		error = zi_view_open_seats(&onlooker->view, follow->name, O_RDONLY);
		/* The reel was there: it is changing hands. */
		if (error == -ENOENT)
			error = -ESTALE;
	}
	if (error)
		close_view(onlooker);
	else
		onlooker->is_open = true;
	return error;
}

/* The thread that opens is cancelled while it waits: who allocated it will not hear of it any more. */
static void cancel_open(void *owner)
{
	zi_onlooker_close(owner);
	free(owner);
}

int zi_onlooker_open(struct zi_onlooker *onlooker, const char *name, const char *owner, bool wants_seats,
	int64_t deadline_ns)
{
	memset(onlooker, 0, sizeof(*onlooker));
	onlooker->wants_seats = wants_seats;
	int error = zi_follow_begin(&onlooker->follow, name, owner, open_view, onlooker);
	if (error)
		return error;
	onlooker->follow.cancelled = cancel_open;
	error = zi_follow_first(&onlooker->follow, deadline_ns);
	if (error)
		zi_onlooker_close(onlooker);
	/* Two objects that do not become one pool by then are none. */
	return error == -ETIMEDOUT ? -ENOENT : error;
}

int zi_onlooker_leave(struct zi_onlooker *onlooker, enum zi_view_state state)
{
	ZI_UNCANCELLED;
	int error = zi_view_fail_over(&onlooker->view, onlooker->follow.name, state);
	onlooker->follow.gone = zi_view_end(&onlooker->view);
	onlooker->follow.gone_pid = onlooker->view.reel->writer_pid;
	close_view(onlooker);
	onlooker->follow.awaits_successor = state == ZI_VIEW_RETIRED;
	return error ? zi_follow_end_of(&onlooker->follow, error) : 0;
}

int zi_onlooker_next(struct zi_onlooker *onlooker, int64_t deadline_ns)
{
	int error = zi_follow_next(&onlooker->follow, deadline_ns);

	if (!zi_follow_is_over(error) || onlooker->follow.is_over)
		return error;
	return zi_follow_end_of(&onlooker->follow, error);
}

void zi_onlooker_close(struct zi_onlooker *onlooker)
{
	ZI_UNCANCELLED;
	if (onlooker->is_open)
		zi_view_close(&onlooker->view);
	zi_follow_end(&onlooker->follow);
}
