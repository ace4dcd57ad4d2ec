/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who looks at whatever pool has a name, without a seat: what observers and those who read results
 * have in common. Nothing is ever written.
 */
#ifndef ZI_ONLOOKER_H
#define ZI_ONLOOKER_H

#include <stdbool.h>
#include <stdint.h>

#include "pool/view/follow.h"
#include "pool/view/view.h"

/* Asleep one looks up this often, whatever rings: another onlooker may have taken the wake-up away. */
#define ZI_ONLOOKER_NS (50 * ZI_MS)

struct zi_onlooker {
	struct zi_follow follow;
	bool wants_seats;    /* the seats object, too */
	struct zi_view view; /* of the present epoch, while is_open */
	bool is_open;
};

/*
 * Open, waiting until the deadline. 0, or what zoe_observer_open_owned() says; then nothing needs closing. A thread
 * that is cancelled meanwhile frees the onlooker, at which an allocation must begin.
 */
int zi_onlooker_open(struct zi_onlooker *onlooker, const char *name, const char *owner, bool wants_seats,
	int64_t deadline_ns);

/*
 * The present epoch is over: close it. 0: a successor has the name; or -ENODATA, -EOWNERDEAD
 * with zoe_error() set.
 */
int zi_onlooker_leave(struct zi_onlooker *onlooker, enum zi_view_state state);

/*
 * The next epoch, by the deadline. 0: it is open; -EAGAIN: none yet; -ENODATA, -EOWNERDEAD: it is over already; or
 * what is final.
 */
int zi_onlooker_next(struct zi_onlooker *onlooker, int64_t deadline_ns);

/* In a forked child only the memory of this process is freed. */
void zi_onlooker_close(struct zi_onlooker *onlooker);

#endif
