/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/view/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "pool/system/clock.h"
#include "pool/system/error.h"

/* How often to look for a name that is not there. */
#define NAME_NS (10 * ZI_MS)

static void close_view(struct zi_follow *follow)
{
	zi_view_close(&follow->view);
	memset(&follow->view, 0, sizeof(follow->view));
	follow->is_open = false;
}

/* 0, or the errors of zi_view_open, -ENODATA (over), -EOWNERDEAD, -ESTALE (just changing). */
static int open_view(struct zi_follow *follow)
{
	int error = zi_view_open(&follow->view, follow->name);
	if (!error) {
		enum zi_fate fate = zi_view_fate(&follow->view, true);
		if (fate == ZI_FATE_GONE)
			error = zi_fail(EOWNERDEAD, "the writer of pool '%s' died", follow->name);
		else if (fate != ZI_FATE_LIVE)
			error = zi_fail(ENODATA, "pool '%s' has ended", follow->name);
		else if (follow->wants_seats)
			error = zi_view_open_seats(&follow->view, follow->name, O_RDONLY);
	}
	if (error)
		close_view(follow);
	else
		follow->is_open = true;
	return error;
}

static bool is_absent(int error)
{
	return error == -ENOENT || error == -ENODATA || error == -EOWNERDEAD || error == -ESTALE;
}

int zi_follow_open(struct zi_follow *follow, const char *name, bool wants_seats, int64_t deadline_ns)
{
	if (zi_check_name(name))
		return -EINVAL;
	memset(follow, 0, sizeof(*follow));
	memcpy(follow->name, name, strlen(name) + 1);
	follow->wants_seats = wants_seats;
	int error = zi_descriptors_watch(&follow->descriptors);
	if (error)
		return error;
	while (is_absent(error = open_view(follow)) && zoe_now_ns() < deadline_ns)
		zi_sleep_until(zi_slice(deadline_ns, NAME_NS));
	if (error)
		zi_follow_close(follow);
	return is_absent(error) ? -ENOENT : error;
}

int zi_follow_leave(struct zi_follow *follow, enum zi_fate fate)
{
	close_view(follow);
	follow->follows = fate == ZI_FATE_RETIRED;
	if (fate == ZI_FATE_GONE)
		return zi_fail(EOWNERDEAD, "the writer of pool '%s' died", follow->name);
	return fate == ZI_FATE_ENDED ? zi_fail(ENODATA, "pool '%s' has ended", follow->name) : 0;
}

int zi_follow_follow(struct zi_follow *follow, int64_t deadline_ns)
{
	int error = open_view(follow);
	bool followed = follow->follows;

	if (error == -ESTALE) {
		zi_sleep_until(zi_slice(deadline_ns, NAME_NS));
		return -EAGAIN;
	}
	if (!error || is_absent(error))
		follow->follows = false;
	if (!is_absent(error))
		return error;
	/* The name passed to a successor that is over already. */
	if (followed)
		return error == -EOWNERDEAD ? error : -ENODATA;
	zi_sleep_until(zi_slice(deadline_ns, NAME_NS));
	return -EAGAIN;
}

void zi_follow_close(struct zi_follow *follow)
{
	if (follow->is_open)
		zi_view_close(&follow->view);
	zi_descriptors_close(&follow->descriptors);
}
