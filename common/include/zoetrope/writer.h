/* SPDX-License-Identifier: BSD-2-Clause */
/* The writing side of a pool: what a capture program calls. */
#ifndef ZOETROPE_WRITER_H
#define ZOETROPE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zoetrope/frame.h>
#include <zoetrope/pool.h>
#include <zoetrope/source.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The writer of one epoch of a pool.
 *
 * Life: zoe_writer_create() prepares the shared memory without a name,
 * zoe_writer_announce() (or the first publish) takes the name, zoe_writer_end() says that
 * no more frames come, zoe_writer_destroy() removes the name. A stream that changes its
 * format goes on in a new writer that names the old one as its predecessor.
 *
 * Threads: every function may be called from any thread at any time, but for
 * zoe_writer_publish() and zoe_writer_announce(), which belong to one thread at a time,
 * and zoe_writer_destroy(), after which only zoe_writer_let_go() of kept slots may follow.
 *
 * A thread of the library's own does the housekeeping: it seats newcomers, takes back what dead
 * readers held, and delivers what a busy seat is owed. All its signals are blocked.
 */
struct zoe_writer;

/* Zeroes are good defaults for all but slot_bytes. */
struct zoe_writer_options {
	uint64_t slot_bytes;     /* room for one frame; rounded up to whole pages */
	uint32_t max_slots;      /* the most slots to take; 0: ZOE_MAX_SLOTS */
	uint64_t max_bytes;      /* the most shared memory for slots; 0: half of what is free then */
	uint32_t reserved_slots; /* slots that the writer itself may keep (a decoder's references) */
	uint32_t max_seats;      /* readers at once; 0: ZOE_MAX_SEATS */
	bool lossless;           /* readers may ask for ZOE_LOSSLESS, and publish may wait for them */
	enum zoe_mailbox mailbox;
	enum zoe_cond cond; /* of ZOE_MAILBOX_MUTEX */
	/* Groups, by name or number, whose processes may take seats, and look; NULL: only this user's (and members). */
	const char *members_group;
	const char *observers_group;
	/* The stream in one line, for those who list pools: shape, format, time base. May be NULL. */
	const struct zoe_frame_info *stream;
	/*
	 * The writer whose name this one takes over, its frames out and its readers
	 * following. Must outlive this one's first publish, and one that publishes nothing must
	 * itself outlive that of its successor, as must all before it. NULL: none.
	 */
	struct zoe_writer *predecessor;
	bool no_thread;      /* no housekeeping thread: publish and the waiting calls do its work */
	uint8_t reserved[7]; /* 0 */
};

/* A slot that the writer may fill: size_bytes bytes at data, page-aligned, until it is published. */
struct zoe_slot {
	uint32_t index;
	uint8_t *data;
	size_t size_bytes;
	uint64_t reserved[2]; /* 0 */
};

/* Since the writer was created. */
struct zoe_writer_stats {
	uint64_t epoch;
	uint64_t published; /* frames */
	uint64_t n_busy;    /* frames that some seat was not granted because it was busy */
	uint32_t n_slots;   /* slots in use so far */
	uint32_t max_slots;
	uint32_t n_readers;  /* seated now */
	uint32_t n_held;     /* slots that readers have now */
	uint64_t shm_bytes;  /* both objects, as allocated */
	uint32_t n_lossless; /* of n_readers, those that must not miss a frame */
	uint32_t reserved_word;
	uint64_t reserved[7]; /* 0 */
};

/*
 * Prepare a pool called `name`: its two objects, as yet without a name in the file
 * system. No slot is allocated before it is needed. Does not block.
 *
 * Errors: -EINVAL name, slot_bytes or a limit out of range; -E2BIG options of a newer release,
 * which this library does not know; -ENOENT no such group;
 * -ENOSPC not even three slots fit in shared memory, or a limit on the size of files is in the way
 * (zoe_error() has the numbers);
 * -EOPNOTSUPP this system's /dev/shm or libc cannot do it; -EACCES, -EPERM, -EMFILE,
 * -ENFILE, -ENOMEM, -ENOLCK, -EAGAIN (no thread) from the system.
 */
static __inline__ int zoe_writer_create(struct zoe_writer **writer, const char *name,
	const struct zoe_writer_options *options);

/*
 * What zoe_writer_create() calls: the same, with the size of the struct that `options` points at.
 * For other languages, and for dlsym(); in C and C++ a pointer to zoe_writer_create will do.
 */
ZOE_API int zoe_writer_create_sized(struct zoe_writer **writer, const char *name,
	const struct zoe_writer_options *options, size_t options_bytes);

static __inline__ int zoe_writer_create(struct zoe_writer **writer, const char *name,
	const struct zoe_writer_options *options)
{
	return zoe_writer_create_sized(writer, name, options, sizeof(*options));
}

/*
 * Take the name. From now on readers find the pool. A pool left behind by a writer that
 * died is replaced, the predecessor is retired as soon as it owes no lossless reader a frame,
 * and a live one is never touched. Calling it again does nothing. Never waits for a reader.
 *
 * Errors: -EBUSY another live writer has the name, or a successor of this one; -EEXIST the name belongs to something
 * that is no pool; -EACCES it, or its seats', belongs to another user; -ENOSPC, -ENOMEM, -EMFILE, -ENFILE,
 * -ENOLCK from the system; -ECHILD. After a failure it may be tried again, and a
 * predecessor still has the name.
 */
ZOE_API int zoe_writer_announce(struct zoe_writer *writer);

/*
 * Take a free slot to fill: the one whose frame is oldest, or a new one while the limits
 * allow. The writer has a hold on it until publish ends it or zoe_writer_let_go().
 * Never waits.
 *
 * Errors: -EAGAIN every slot is held by the writer or a reader; -ENOSPC shared memory is
 * full (and no slot free); -EBADF something closed this process's descriptors; -EBADMSG the pool was
 * destroyed by a member or its owner: go on in a new one that names it as its predecessor; -ENOMEM;
 * -ECHILD.
 */
ZOE_API int zoe_writer_begin(struct zoe_writer *writer, struct zoe_slot *slot);

/* zoe_writer_publish(), flags */
enum {
	ZOE_PUBLISH_KEEP = 1 << 0, /* keep the hold: the writer goes on reading this slot */
};

/*
 * Publish a filled slot: give it the next sequence number, make it the latest, and grant
 * it to the seats. From here on nobody writes to its pixels. info->planes must lie within
 * the slot. A slot is published at most once between begin and its reuse.
 *
 * Waits, up to deadline_ns, only in a pool that is lossless, until each lossless seat has
 * room, and before the first frame until the lossless readers of the predecessor have followed (of a
 * group one). zoe_writer_get_wait() says for whom. Otherwise bounded and short, whatever readers do.
 *
 * Errors, with the slot left as it was: -EINVAL not a slot in filling, or planes outside
 * it; -ETIMEDOUT a lossless reader has no room yet: call again; -EBADMSG as zoe_writer_begin(); those of
 * zoe_writer_announce(); -ECHILD.
 */
ZOE_API int zoe_writer_publish(struct zoe_writer *writer, uint32_t slot, const struct zoe_frame_info *info,
	unsigned flags, int64_t deadline_ns);

/*
 * Withdraw a published slot that is kept: when no reader has it and it is not the latest,
 * its sequence number is made invalid, and nobody can come to it any more. The hold
 * stays. A decoder that recycles buffers may have this one back only after this.
 *
 * Errors: -EBUSY a reader has it or it is the latest; -EINVAL not published; -ECHILD.
 */
ZOE_API int zoe_writer_withdraw(struct zoe_writer *writer, uint32_t slot);

/*
 * End the writer's hold on a slot. One that was not published is abandoned and free at
 * once; a published one is free when no reader has it, it is not the latest, and room is
 * needed. Any thread, also after zoe_writer_destroy(): the memory lives until the last
 * hold ends.
 */
ZOE_API void zoe_writer_let_go(struct zoe_writer *writer, uint32_t slot);

/*
 * Say that the source gives nothing (a camera unplugged, a stream gone) or is back.
 * Readers see the state and since when; frames that are out stay as they are.
 */
ZOE_API void zoe_writer_source_lost(struct zoe_writer *writer, bool lost);

/* Say how the source does, for readers and lists: as often as you like. Its `why` ends with '\0'. */
ZOE_API void zoe_writer_set_source(struct zoe_writer *writer, const struct zoe_source *source);

/*
 * Why this pool will end, when zoe_writer_end() or zoe_writer_destroy() ends it; of a writer that
 * says nothing, ZOE_END_INPUT. Readers go on after it, or do not, by this. Once it has ended: no effect, and
 * once a successor has its name only on readers that are owed frames. Who had a frame of it, and finds that its
 * successor is gone, too, takes this for the end of that.
 */
ZOE_API void zoe_writer_set_end(struct zoe_writer *writer, enum zoe_end end);

/* Wait until at least n readers are seated. Errors: -ETIMEDOUT by the deadline; -EBADMSG; -ECHILD. */
ZOE_API int zoe_writer_wait_readers(struct zoe_writer *writer, uint32_t n, int64_t deadline_ns);

/*
 * Say that no frame follows. Frames still owed to a busy seat are delivered first, until
 * the deadline. Readers then take what is in their mailboxes and get -ENODATA, or -EOWNERDEAD where they are
 * to go on with what comes after it: zoe_writer_set_end().
 *
 * Errors: -ETIMEDOUT some seat did not get its last frame (the pool has ended all the
 * same); -ECHILD.
 */
ZOE_API int zoe_writer_end(struct zoe_writer *writer, int64_t deadline_ns);

/* For whom a publish waits, or waited when it gave up: until the frame is published, or let go of. Errors: none. */
ZOE_API void zoe_writer_get_wait(struct zoe_writer *writer, struct zoe_wait *wait);

/* Counters. Errors: none. */
ZOE_API void zoe_writer_get_stats(struct zoe_writer *writer, struct zoe_writer_stats *stats);

/*
 * End the pool if that is still to be done, remove its name if it still has it, and free
 * the writer. Frames that readers hold stay readable. Clears the pointer; NULL is fine.
 */
ZOE_API void zoe_writer_destroy(struct zoe_writer **writer);

#ifdef __cplusplus
}
#endif
#endif
