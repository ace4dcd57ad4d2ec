/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a writer consists of, for the files of this folder: create.c makes the pool, announce.c
 * takes the name, writer.c fills and publishes slots, delivery.c grants them, housekeeping.c looks
 * after the seats, lossless.c knows for whom a publish has to wait.
 *
 * Lock order: the writer's own mutex, then its predecessor's, and so on back; then a seat's byte
 * (never waiting), then a seat's mutex (only tried).
 */
#ifndef ZI_WRITER_STATE_H
#define ZI_WRITER_STATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/writer.h>

#include "pool/layout/layout.h"
#include "pool/mailbox/mailbox.h"
#include "pool/state/grants.h"
#include "pool/state/policy.h"
#include "pool/state/slots.h"
#include "pool/system/descriptors.h"

/* Readers that share the stream. */
struct zi_group {
	char name[ZOE_LABEL_BYTES];
	uint32_t n_members;
	uint64_t given_seq; /* the newest frame that one of them was given */
};

/* What the writer knows of a seat by itself: nothing here can be changed by a reader. */
struct zi_seat_control {
	struct zi_seat *seat;
	struct zi_timing *timing;
	struct zi_mailbox_view box; /* its depth is this seat's */
	bool used;                  /* somebody had it since its last reset */
	bool answered;              /* its present life had a verdict, or left: who claims it now is another */
	bool seated;
	struct zi_policy policy;
	struct zi_group *group;     /* NULL: none */
	bool owed;                  /* the latest frame is owed */
	bool asleep;                /* it was granted something and is yet to be rung */
	uint32_t reserved;          /* slots: hold + depth */
	struct zi_mask outstanding; /* granted, and not seen to be returned */
	bool has_board;             /* it keeps it when the next reader comes */
};

struct zoe_writer {
	/* Constant after zoe_writer_create. */
	char name[ZOE_NAME_BYTES];
	uint64_t epoch;
	struct zi_descriptors descriptors; /* the descriptors of reel and seats, in this order */
	struct zi_reel *reel;
	size_t reel_bytes; /* mapped: the greatest size that the reel may grow to */
	struct zi_record *records;
	uint8_t *pixels;
	uint64_t slot_bytes;
	struct zi_seats *seats;
	struct zi_seats header; /* what was written there; of what changes only how it began */
	size_t seats_bytes;     /* mapped: up to the boards, which the writer never looks at */
	uint64_t board_bytes;
	struct zi_doorbell_page *doorbells;
	uint32_t n_seats;
	uint32_t reserved_slots;
	bool has_thread;
	pthread_t thread;

	pthread_mutex_t mutex; /* guards what follows and every grant */
	struct zi_slots slots;
	struct zi_seat_control seat_controls[ZOE_MAX_SEATS];
	uint32_t n_used; /* those beyond were never used: nobody need look at them */
	struct zi_group groups[ZOE_MAX_SEATS];
	uint32_t n_groups;              /* that were ever used */
	uint32_t n_boards;              /* that exist */
	struct zoe_writer *predecessor; /* until this pool has its first frame out */
	bool named;                     /* the name is ours */
	bool replaced;                  /* a successor has it */
	bool linked;                    /* both objects had temporary names, */
	bool has_temp[2];               /* reel, seats: and still have */
	bool over;                      /* retired or ended */
	bool destroyed;                 /* freed when the last hold ends */
	bool stop;                      /* the housekeeping thread ends */
	bool damaged;                   /* members or its owner destroyed the objects: it can only end */
	enum zoe_end end;               /* why it will be, or was, over */
	uint64_t n_busy;
	int64_t full_until_ns;  /* shared memory was full: do not ask before */
	int full_error;         /* the errno that said so */
	int64_t census_ns;      /* when it was last asked who is alive */
	int64_t waits_since_ns; /* a frame waits for a lossless reader; 0: none does */
};

static inline uint32_t zi_seat_index(const struct zoe_writer *writer, const struct zi_seat_control *control)
{
	return (uint32_t)(control - writer->seat_controls);
}

static inline int zi_writer_reel_fd(const struct zoe_writer *writer)
{
	return writer->descriptors.fds[0];
}

static inline int zi_writer_seats_fd(const struct zoe_writer *writer)
{
	return writer->descriptors.fds[1];
}

/* The latest frame as an item; 0 before the first. With the mutex held. */
static inline uint64_t zi_writer_latest(const struct zoe_writer *writer)
{
	return writer->slots.seq ? zi_item(writer->slots.seq, writer->slots.latest) : 0;
}

#endif
