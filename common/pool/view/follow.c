/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/view/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "pool/system/clock.h"
#include "pool/system/error.h"

/* How often to look for a name that is not there. */
#define NAME_NS (10 * ZI_MS)

static void close_view(struct zi_watch *watch)
{
	zi_view_close(&watch->view);
	memset(&watch->view, 0, sizeof watch->view);
	watch->is_open = false;
}

/* 0, or the errors of zi_view_open, -ENODATA (over), -EOWNERDEAD, -ESTALE (just changing). */
static int open_view(struct zi_watch *watch)
{
	int error = zi_view_open(&watch->view, watch->name);
	if (!error) {
		enum zi_fate fate = zi_view_fate(&watch->view, true);
		if (fate == ZI_FATE_GONE)
			error = zi_fail(EOWNERDEAD, "the writer of pool '%s' died", watch->name);
		else if (fate != ZI_FATE_LIVE)
			error = zi_fail(ENODATA, "pool '%s' has ended", watch->name);
		else if (watch->wants_seats)
			error = zi_view_open_seats(&watch->view, watch->name, O_RDONLY);
	}
	if (error)
		close_view(watch);
	else
		watch->is_open = true;
	return error;
}

static bool is_absent(int error)
{
	return error == -ENOENT || error == -ENODATA || error == -EOWNERDEAD || error == -ESTALE;
}

static void nap(int64_t deadline_ns)
{
	struct timespec until = zi_timespec(zi_slice(deadline_ns, NAME_NS));
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

int zi_watch_open(struct zi_watch *watch, const char *name, bool wants_seats, int64_t deadline_ns)
{
	if (!zoe_name_valid(name))
		return zi_fail(EINVAL, "'%.80s' is no name for a pool: 1 to %d letters, digits, '_' or '-'",
			name ? name : "", ZOE_NAME_BYTES - 1);
	memset(watch, 0, sizeof *watch);
	memcpy(watch->name, name, strlen(name) + 1);
	watch->wants_seats = wants_seats;
	int error = zi_descriptors_watch(&watch->descriptors);
	if (error)
		return zi_fail(-error, "cannot watch for forks: %s", strerror(-error));
	while (is_absent(error = open_view(watch)) && zoe_now_ns() < deadline_ns)
		nap(deadline_ns);
	if (error)
		zi_watch_close(watch);
	return is_absent(error) ? -ENOENT : error;
}

int zi_watch_leave(struct zi_watch *watch, enum zi_fate fate)
{
	close_view(watch);
	watch->follows = fate == ZI_FATE_RETIRED;
	if (fate == ZI_FATE_GONE)
		return zi_fail(EOWNERDEAD, "the writer of pool '%s' died", watch->name);
	return fate == ZI_FATE_ENDED ? zi_fail(ENODATA, "pool '%s' has ended", watch->name) : 0;
}

int zi_watch_follow(struct zi_watch *watch, int64_t deadline_ns)
{
	int error = open_view(watch);
	bool followed = watch->follows;

	if (error == -ESTALE) {
		nap(deadline_ns);
		return -EAGAIN;
	}
	if (!error || is_absent(error))
		watch->follows = false;
	if (!is_absent(error))
		return error;
	/* The name passed to a successor that is over already. */
	if (followed)
		return error == -EOWNERDEAD ? error : -ENODATA;
	nap(deadline_ns);
	return -EAGAIN;
}

void zi_watch_close(struct zi_watch *watch)
{
	if (watch->is_open)
		zi_view_close(&watch->view);
	zi_descriptors_close(&watch->descriptors);
}
