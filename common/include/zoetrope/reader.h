/* SPDX-License-Identifier: BSD-2-Clause */
/* The reading side of a pool: what viewers and analysis workers call. */
#ifndef ZOETROPE_READER_H
#define ZOETROPE_READER_H

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
 * A reader of the pool of one name. It has a seat in the pool's present epoch and follows
 * by itself when a new epoch takes the name; frames that it still holds of an old one
 * stay valid.
 *
 * Threads: a reader belongs to one thread at a time. Many readers may live in a process.
 */
struct zoe_reader;

/*
 * Which frames, and how many. Zeroes are good defaults: the newest frame, always.
 *
 *   latest    the default: the newest frame replaces one that was not taken
 *   queue N   ZOE_LATEST with depth N: the N newest wait, the oldest makes room
 *   lossless  ZOE_LOSSLESS: every frame; the writer waits
 *
 * and, with any of these, `every`, `max_fps` and `group` keep frames away at the writer, where
 * they cost nothing:
 *
 *   group     the readers of one group share the stream. Each frame goes to at most one of
 *             them, to one that is idle: it has nothing waiting, and holds fewer frames than
 *             it may (so `hold` is how many it works on at once). While nobody is, the
 *             newest frame waits for who is first. With ZOE_LOSSLESS to exactly one.
 */
struct zoe_reader_options {
	enum zoe_policy policy;
	uint32_t hold;     /* frames held at once, 1 to ZOE_MAX_HOLD; 0: 2, in a group 1 */
	uint32_t depth;    /* frames waiting in the mailbox, 1 to ZOE_MAX_DEPTH; 0: 1 */
	uint32_t every;    /* one frame in so many; 0: each */
	double max_fps;    /* at most so many frames a second, 0.001 to 1000; 0: no limit */
	const char *group; /* the group's name, as a pool's, at most 31 bytes; NULL: none */
	const char *label; /* who this is, for those who list readers; NULL: the program's name */
	/*
	 * Spin shortly before the next frame is due, instead of sleeping until it comes: a wake-up
	 * takes microseconds, a look at memory does not. The period is learned from the frames; where it
	 * is not steady, the reader sleeps as ever.
	 */
	bool spin;
	uint8_t reserved_bytes[7]; /* 0 */
	/*
	 * Whose pool it may be, beside this user's and root's: a user's name or number, or "any"; NULL: of
	 * those alone who are in a group of this process's, and gave it to that and to no others. Who owns a pool decides what
	 * is seen in it, and can end who reads it.
	 */
	const char *owner;
	enum zoe_follow follow; /* with which next pools of the name to go on */
	uint8_t reserved[4];    /* 0 */
};

struct zoe_status {
	enum zoe_state state;
	int64_t since_ns; /* when that began; LIVE: when the last frame was published */
	uint64_t epoch;
	uint64_t received;   /* frames acquired, over all epochs */
	uint64_t skipped;    /* frames published and not acquired, while seated */
	uint32_t writer_pid; /* as the writer sees itself */
	uint32_t n_held;     /* frames held now */
	enum zoe_end end;    /* ENDED: why */
	uint32_t reserved_word;
	uint64_t reserved[3]; /* 0 */
};

/*
 * Take a seat in the pool called `name`, waiting for the pool to appear until
 * deadline_ns (ZOE_POLL: it must be there). Once it is there, up to one second more goes
 * to being seated.
 *
 * Errors: -EINVAL name or options out of range, or no such owner; -E2BIG options of a newer
 * release, which this library does not know; -ENOENT no such pool by the deadline, or only one whose
 * writer died; -EPERM it is another user's, whom the options do not name;
 * -EBADMSG the object of that name is no pool or is damaged; -EPROTONOSUPPORT a pool of another
 * layout version; -EXDEV its writer has another glibc or PID namespace; -EOPNOTSUPP lossless asked
 * for and not allowed; -ENOSPC the slot budget has no room for hold + depth more; -EUSERS every
 * seat is taken; -ETIMEDOUT the writer did not answer; -EACCES, -EMFILE, -ENFILE, -ENOMEM from the
 * system.
 */
static __inline__ int zoe_reader_attach(struct zoe_reader **reader, const char *name,
	const struct zoe_reader_options *options, int64_t deadline_ns);

/*
 * What zoe_reader_attach() calls: the same, with the size of the struct that `options` points at.
 * For other languages, and for dlsym(); in C and C++ a pointer to zoe_reader_attach will do.
 */
ZOE_API int zoe_reader_attach_sized(struct zoe_reader **reader, const char *name,
	const struct zoe_reader_options *options, size_t options_bytes, int64_t deadline_ns);

static __inline__ int zoe_reader_attach(struct zoe_reader **reader, const char *name,
	const struct zoe_reader_options *options, int64_t deadline_ns)
{
	return zoe_reader_attach_sized(reader, name, options, sizeof(*options), deadline_ns);
}

/*
 * The next frame that this seat was granted: with ZOE_LATEST the newest that was not yet
 * acquired. Waits for one until deadline_ns. The frame is the caller's until
 * zoe_reader_release(); up to `hold` may be held.
 *
 * Errors:
 *   -EAGAIN     nothing new by the deadline; zoe_reader_get_status() says why
 *   -ENODATA    the pool has ended, every frame was delivered, and no other is to be expected
 *   -EOWNERDEAD the same, but one that is to be followed may come (zoe_reader_options.follow): the writer
 *               was stopped, failed, or died, which is said at most 250 ms after
 *   -EBUSY      `hold` frames are held: release one
 *   -ESTALE     the seat was lost (something closed this process's descriptors, or wrote over the seat);
 *               the next call takes another
 *   -ECHILD     this reader belongs to the parent process
 *   and, while following a new epoch, those of zoe_reader_attach() but -ENOENT
 * -ENODATA and -EOWNERDEAD are each said once: calling again waits for the pool's next
 * epoch, as long as the deadline allows. With ZOE_FOLLOW_NEVER -EOWNERDEAD is said of a writer that failed
 * or died, and every further call says -ENODATA. So one that goes on until -ENODATA is a right loop with any of them.
 */
ZOE_API int zoe_reader_acquire(struct zoe_reader *reader, const struct zoe_frame **frame, int64_t deadline_ns);

/*
 * Return a frame. In any order. NULL is fine. Never waits: the memory of an epoch that is over goes with its last
 * frame, or with a later call while another thread forks.
 */
ZOE_API void zoe_reader_release(struct zoe_reader *reader, const struct zoe_frame *frame);

/*
 * A descriptor for poll(), epoll and event loops: readable when zoe_reader_acquire() has
 * something to say. Then call that with ZOE_POLL until it says -EAGAIN. (While there is no pool
 * it is readable 20 times a second: the reader looks for one only in that call.)
 *
 * It is the reader's, the same with every call, and closed by zoe_reader_detach(). The first
 * call starts a thread of the library's own, which watches the pool; all its signals are blocked.
 *
 * Returns the descriptor, or an error: -EMFILE, -ENFILE, -ENOMEM, -EAGAIN (no thread) from
 * the system; -ECHILD.
 */
ZOE_API int zoe_reader_get_fd(struct zoe_reader *reader);

/* The pool's state and this reader's counters, without waiting. Errors: none. */
ZOE_API void zoe_reader_get_status(struct zoe_reader *reader, struct zoe_status *status);

/*
 * How the source of the present epoch does. zoe_status says since when it is lost.
 * Errors: -ENODATA the writer has not said, or there is no epoch now; -ECHILD.
 */
ZOE_API int zoe_reader_get_source(struct zoe_reader *reader, struct zoe_source *source);

/* Return every frame, give up the seat, free the reader. Clears the pointer; NULL is fine. */
ZOE_API void zoe_reader_detach(struct zoe_reader **reader);

#ifdef __cplusplus
}
#endif
#endif
