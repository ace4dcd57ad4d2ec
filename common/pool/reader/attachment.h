/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reader's attachment to one epoch of a pool: the two objects mapped, a seat claimed, the
 * frames held. A reader has one present attachment, and keeps old ones while it holds frames
 * of theirs.
 */
#ifndef ZI_ATTACHMENT_H
#define ZI_ATTACHMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/reader.h>

#include "pool/layout/layout.h"
#include "pool/mailbox/mailbox.h"
#include "pool/reader/request.h"
#include "pool/view/follow.h"
#include "pool/view/view.h"

struct zi_attachment;

struct zi_held {
	struct zoe_frame frame; /* first: what the user has a pointer to */
	struct zi_attachment *attachment;
	uint32_t slot;
	bool used;
	int64_t acquired_ns;
};

struct zi_attachment {
	struct zi_view view;
	struct zi_seat *seat;               /* our own, read-write; NULL: given up */
	struct zi_timing *timing;           /* in it */
	struct zi_doorbell_page *doorbells; /* read-write */
	uint64_t seat_bytes, page_bytes;    /* mapped at seat and doorbell page */
	uint32_t seat_index;
	uint64_t incarnation;
	struct zi_mailbox_view box;
	struct zi_board *board; /* our own, read-write; NULL: none yet */
	uint64_t board_bytes;   /* mapped at board */
	uint64_t posted;        /* number of the newest result there */
	bool seated;
	uint64_t last_seq;       /* of the newest frame acquired; 0 none */
	bool counts_first;       /* frames before the first one acquired were skipped, too */
	uint64_t skipped_before; /* frames of the epoch before this that were not acquired */
	int64_t checked_ns;      /* when the kernel was last asked whether the writer lives */
	uint32_t hold;
	uint32_t n_held;
	struct zi_attachment *older; /* in the reader's list of old ones */
	struct zi_held held[];       /* `hold` of them */
};

/*
 * Open the pool that this follows and claim a seat. Does not wait for the writer's answer.
 *
 * Errors, with zoe_error() set: those of zoe_reader_attach(), where -ENOENT is no such
 * pool, -ENODATA one that has ended, -EOWNERDEAD one whose writer died, -ESTALE one that
 * is just changing (look again), -EUSERS no seat free just now.
 */
int zi_attachment_claim(struct zi_attachment **attachment, const struct zi_follow *follow,
	const struct zi_request *request);

/*
 * Wait until the claim is answered. 0: seated. -EAGAIN: not by the deadline. -ESTALE: the
 * pool ended before. Otherwise refused: -ENOSPC, -EOPNOTSUPP, -EINVAL.
 */
int zi_attachment_await(struct zi_attachment *attachment, const char *name, int64_t deadline_ns);

/* False once the seat was reset: it is no longer ours. */
bool zi_attachment_owns_seat(const struct zi_attachment *attachment);

/*
 * True when something closed its descriptors. The mappings keep the locks alive, but nothing
 * can be asked any more.
 */
bool zi_attachment_lost_descriptors(const struct zi_attachment *attachment);

/* True when members or the owner destroyed what it has of the pool. Costs a load where nothing was. */
bool zi_attachment_is_cut(const struct zi_attachment *attachment);

/* Tell the writer that there is room or news, if it waits for that. */
void zi_attachment_ring(struct zi_attachment *attachment);

/*
 * Return every frame, give up the seat, unmap, free. In a forked child only the memory
 * of this process is freed.
 */
void zi_attachment_close(struct zi_attachment *attachment);

/*
 * The same for one that holds no frame, without waiting. False while another thread forks: the seat is
 * given up, and the rest waits for another try.
 */
bool zi_attachment_try_close(struct zi_attachment *attachment);

#endif
