/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Following a name from one epoch of its pool to the next: which failures to open it mean that
 * it is not there yet, which that it is just changing hands, and how long to go on. What there is
 * to open is the owner's: a view, or a seat.
 */
#ifndef ZI_FOLLOW_H
#define ZI_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/pool.h>

#include "pool/system/descriptors.h"
#include "pool/system/owner.h"

struct zi_follow;

/*
 * One try to open whatever pool has the name now. 0; -ENOENT, or what zi_follow_is_over(): no pool that
 * lives; -ESTALE, -EUSERS, -EUCLEAN (its seats are damaged): one that is just changing; -EAGAIN: no answer by the deadline, and what was
 * begun waits for the next try; anything else is final.
 */
typedef int zi_follow_open(struct zi_follow *follow, int64_t deadline_ns);

struct zi_follow {
	struct zi_descriptors descriptors; /* holds none; knows whether this is a forked child */
	char name[ZOE_NAME_BYTES];
	struct zi_owner trusted; /* whose pool of that name it may be */
	zi_follow_open *open;
	void *owner;                    /* of the opened: what `open` works on */
	void (*cancelled)(void *owner); /* called if the thread is cancelled while it waits for the first; or NULL */
	int64_t grace_ns;               /* how long a pool that is there may take, whatever the deadline */
	bool awaits_successor;          /* the last epoch was retired: another has the name */
	bool awaits_end;                /* the last epoch was left before its end, which is still to be told */
	enum zoe_follow which;          /* pools of other writers are followed */
	bool is_over;                   /* none is followed any more */
	uint32_t gone_pid;              /* its writer's */
	enum zoe_end gone; /* as the retired epoch says, when nobody is left to be asked for its successor's end */
};

/*
 * Nothing is opened yet. `trusted` as zi_owner_read() takes it. 0, or -EINVAL, -ENOMEM with zoe_error() set:
 * then nothing needs closing.
 */
int zi_follow_begin(struct zi_follow *follow, const char *name, const char *trusted, zi_follow_open *open, void *owner);

/*
 * The first epoch, waiting for it until the deadline. 0; -ENOENT: none that lives; -ETIMEDOUT: one
 * that does not answer or keeps changing; -EBADMSG: one that stays damaged; or what is final.
 */
int zi_follow_first(struct zi_follow *follow, int64_t deadline_ns);

/* True for what zi_view_fail_over() says of an epoch that is over. */
bool zi_follow_is_over(int error);

/*
 * An epoch is over, as zi_view_fail_over() says it: -ENODATA, or -EOWNERDEAD where its user is to go on. With
 * ZOE_FOLLOW_NEVER no other is opened after this.
 */
int zi_follow_end_of(struct zi_follow *follow, int error);

/*
 * The next epoch, waiting for it until the deadline, with a last try then. 0: opened; -EAGAIN: none by the
 * deadline; the successor is over already, or gone, as zi_view_fail_over() says it; or what is final.
 */
int zi_follow_next(struct zi_follow *follow, int64_t deadline_ns);

void zi_follow_end(struct zi_follow *follow);

#endif
