/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader from inside: reader.c follows epochs and takes frames, post.c posts, notifier.c feeds its descriptor. */
#ifndef ZI_READER_STATE_H
#define ZI_READER_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/reader.h>

#include "pool/reader/attachment.h"
#include "pool/state/pace.h"
#include "pool/state/wakes.h"
#include "pool/view/follow.h"

struct zoe_reader {
	struct zi_follow follow; /* the name, from one epoch to the next */
	struct zi_request request;
	bool spins;                       /* shortly before a frame is due */
	struct zi_pace pace;              /* then: when that is */
	struct zi_wakes wakes;            /* whether they come */
	struct zi_attachment *attachment; /* to the present epoch; NULL: none, look for one */
	struct zi_attachment *old;        /* left, with frames still held or the next not yet found */
	uint64_t skipped_before;          /* frames of the pool that was left, not acquired */
	struct zoe_status past;           /* of the attachments that are no more */
	struct zi_notifier *notifier;     /* NULL: nobody asked for a descriptor */
};

/* notifier.c. All but zoe_reader_get_fd() do nothing for a reader that has no notifier. */

/* Attend to this attachment, or none, from now on. The one before is not looked at after this returns. */
void zi_notifier_attend(struct zoe_reader *reader, struct zi_attachment *attachment);

/* The descriptor is not readable until there is something new, or zi_notifier_look() finds something. */
void zi_notifier_clear(struct zoe_reader *reader);
void zi_notifier_look(struct zoe_reader *reader);

/* End the thread and close the descriptor. In a forked child only the memory is freed. */
void zi_notifier_stop(struct zoe_reader *reader);

#endif
