/* SPDX-License-Identifier: BSD-2-Clause */
/* Which pools there are, and the removal of those that their writers left behind. */
#ifndef ZOETROPE_LIST_H
#define ZOETROPE_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/frame.h>
#include <zoetrope/histogram.h>
#include <zoetrope/pool.h>
#include <zoetrope/reader.h>
#include <zoetrope/source.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One seat that somebody has. What a reader wrote about itself is as true as the reader is. */
struct zoe_reader_info {
	uint32_t seat;               /* its index */
	uint64_t incarnation;        /* the seat's life: another reader has another */
	char label[ZOE_LABEL_BYTES]; /* as the reader gave it: any bytes, then '\0' */
	uint32_t pid;                /* as the reader sees itself */
	enum zoe_policy policy;
	uint32_t hold;               /* frames that it may hold */
	uint32_t depth;              /* and have waiting */
	uint32_t every;              /* it is given one frame in so many; 1: each */
	double max_fps;              /* and at most so many a second; 0: no limit */
	char group[ZOE_LABEL_BYTES]; /* whose frames it shares; "" none */
	uint32_t n_held;             /* frames that it has in its hands now */
	uint32_t n_waiting;          /* frames in its mailbox */
	uint64_t received;           /* frames that it took */
	uint64_t displaced;          /* frames that a newer one replaced before it took them */
	uint64_t withheld;           /* frames that `every` and `max_fps` kept from it */
	uint64_t posted;             /* results on its board */
	/* What it measured of the frames that it gave back; the list's, valid as long as this record. */
	const struct zoe_histogram *age;  /* from published to acquired */
	const struct zoe_histogram *held; /* from acquired to released */
	bool alive; /* false: it died just now, and its seat is about to be freed; in a stale pool also: it left */
	uint64_t reserved[8]; /* 0 */
};

/* One name, as it was found. */
struct zoe_pool_info {
	char name[ZOE_NAME_BYTES];
	/*
	 * 0, or why there is no more to be known than the name, `stale` and shm_bytes:
	 * -ENOENT only remains of a pool are there (a temporary name, seats without a reel);
	 * -EBADMSG what has the name is no pool, or damaged; -EPROTONOSUPPORT a pool of another
	 * layout version; -EACCES it may not be read by this user; or an error of the system.
	 * Whose it is is no error: to look at it hurts nobody.
	 */
	int error;
	const char *why;    /* that in one line; NULL when error is 0 */
	bool stale;         /* left by a writer that is dead: zoe_pool_clean() removes it */
	uint64_t shm_bytes; /* as allocated */

	enum zoe_state state;
	int64_t since_ns; /* when that began; LIVE: when the last frame was published, or 0 */
	uint64_t epoch;
	uint32_t writer_pid;     /* as the writer sees itself */
	bool same_pids;          /* this process is in the writer's PID namespace */
	int64_t created_wall_ns; /* CLOCK_REALTIME */
	char libc[32];           /* the writer's */
	/* The newest frame, or before the first what the writer said of the stream; zeroes where unknown. */
	struct zoe_frame_info stream;
	uint64_t published;  /* frames */
	uint64_t copied;     /* of them, those copied or converted into their slots */
	double frames_per_s; /* from the times of the last few; 0 unknown */
	uint32_t n_slots;
	uint32_t max_slots;
	uint64_t slot_bytes;
	enum zoe_mailbox mailbox;
	enum zoe_cond cond;
	bool lossless;

	int readers_error; /* 0, or why the readers are not known: -EACCES, -ENOENT, -EBADMSG … */
	uint32_t max_seats;
	uint32_t n_held; /* slots that readers have in their hands; one held by two counts once */
	uint32_t n_readers;
	struct zoe_wait wait; /* who keeps a lossless writer waiting */
	uint32_t owner;       /* the user whose it is; UINT32_MAX where that is not known */
	enum zoe_end end;     /* ENDED: why */
	/* What its writer says of its source, the list's, valid as long as this record; NULL: nothing. */
	const struct zoe_source *source;
	struct zoe_reader_info readers[ZOE_MAX_SEATS];
};

/*
 * The names that were there when the list was opened, in alphabetical order. Looking is
 * all that a list does: it takes no seat and no lock, writes nothing, and delays nobody. It maps
 * nothing either, so that a pool of another user's that is cut short meanwhile hurts nobody who looks.
 *
 * Threads: a list belongs to one thread at a time.
 */
struct zoe_list;

/* Read the names. Errors: -EACCES, -EMFILE, -ENFILE, -ENOENT, -ENOMEM from the system. */
ZOE_API int zoe_list_open(struct zoe_list **list);

/*
 * Look at the next of them; those that are gone by now are passed over. The record is the
 * list's, valid until the next call. Does not block.
 *
 * Errors: -ENODATA there is no other.
 */
ZOE_API int zoe_list_next(struct zoe_list *list, const struct zoe_pool_info **info);

/* Free the list. Clears the pointer; NULL is fine. */
ZOE_API void zoe_list_close(struct zoe_list **list);

/* What zoe_pool_clean() removed. */
struct zoe_cleaned {
	uint32_t n_objects;
	uint64_t bytes;       /* that they had; readers that still hold frames keep them for a while */
	uint64_t reserved[2]; /* 0 */
};

/*
 * Remove what a dead writer left of the pool called `name`: both objects, seats without a
 * reel, temporary names. Never those of a living writer, nor anything that is no pool.
 * Readers that hold frames of it keep them. Does not block. *cleaned is set in any case.
 *
 * Errors: -EINVAL name; -ENOENT nothing of that name is there, or nothing that a dead
 * writer left; -EBUSY its writer lives; -EBADMSG what has the name is no pool; -EACCES,
 * -EPERM another user's; -EMFILE, -ENFILE, -ENOMEM, -ENOSPC, -ENOLCK, -EIO from the system.
 */
ZOE_API int zoe_pool_clean(const char *name, struct zoe_cleaned *cleaned);

#ifdef __cplusplus
}
#endif
#endif
