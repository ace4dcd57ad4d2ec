/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at whatever pool has a name, from one epoch to the next: what observers and
 * those who read results have in common. Nothing is ever written.
 */
#ifndef ZI_FOLLOW_H
#define ZI_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "pool/system/descriptors.h"
#include "pool/view/view.h"

/* Asleep one looks up this often, whatever rings: another onlooker may have taken the wake-up away. */
#define ZI_FOLLOW_NS (50 * ZI_MS)

struct zi_follow {
	struct zi_descriptors descriptors; /* watches nothing; knows whether this is a forked child */
	char name[ZOE_NAME_BYTES];
	bool wants_seats;    /* the seats object, too */
	struct zi_view view; /* at the present epoch, if there is one */
	bool is_open;
	bool follows; /* the last pool was retired: its successor has the name */
};

/* Open, waiting until the deadline. 0, or what zoe_observer_open() says; then nothing needs closing. */
int zi_follow_open(struct zi_follow *follow, const char *name, bool wants_seats, int64_t deadline_ns);

/*
 * The present epoch is over: close it. 0: a successor has the name; or -ENODATA, -EOWNERDEAD
 * with zoe_error() set.
 */
int zi_follow_leave(struct zi_follow *follow, enum zi_fate fate);

/*
 * One look for the next epoch, with a short sleep if there is none. 0: found; -EAGAIN: look
 * again if there is time; otherwise what zoe_observer_next() says.
 */
int zi_follow_follow(struct zi_follow *follow, int64_t deadline_ns);

/* In a forked child only the memory of this process is freed. */
void zi_follow_close(struct zi_follow *follow);

#endif
