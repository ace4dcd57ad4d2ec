/* SPDX-License-Identifier: BSD-2-Clause */
/* What writers and readers share: names, time, errors, version. */
#ifndef ZOETROPE_POOL_H
#define ZOETROPE_POOL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ZOE_API __attribute__((visibility("default")))
#else
#define ZOE_API
#endif

#define ZOE_VERSION_MAJOR 0
#define ZOE_VERSION_MINOR 3
#define ZOE_VERSION_PATCH 0

/*
 * Room for a pool's name with its end: 1 to 64 letters, digits, '_' or '-'. The pool
 * NAME is the two shared memory objects /zoe.NAME and /zoe.NAME.seats.
 */
#define ZOE_NAME_BYTES 65

/* Room for who a reader is, and for a reader's group, with its end. */
#define ZOE_LABEL_BYTES 32

/* Limits of the shared layout. */
#define ZOE_MAX_SLOTS 256
#define ZOE_MAX_SEATS 64
#define ZOE_MAX_HOLD 64
#define ZOE_MAX_DEPTH 32

/* Deadlines: a point of CLOCK_MONOTONIC in ns, or one of these. */
#define ZOE_POLL INT64_C(0)   /* do not wait */
#define ZOE_FOREVER INT64_MAX /* wait without an end; the call still looks up ten times a second */

/* The policies by which a seat is granted frames. */
enum zoe_policy {
	/* The newest frame replaces what was not taken. Never makes the writer wait. */
	ZOE_LATEST = 0,
	/* Every frame, in order; the writer waits for room. Only on a pool whose writer
	 * allows it (zoe_writer_options.lossless). */
	ZOE_LOSSLESS = 1,
};

/* What a pool's seats get their frames through. */
enum zoe_mailbox {
	ZOE_MAILBOX_MUTEX = 0,  /* a robust pthread mutex; both sides need the same libc and PID namespace */
	ZOE_MAILBOX_ATOMIC = 1, /* atomic exchanges and a futex word, nothing else: for containers */
};

/* Which condition variable the seats of a ZOE_MAILBOX_MUTEX pool sleep on. */
enum zoe_cond {
	ZOE_COND_FUTEX = 0,   /* one futex word; survives a death at any instruction */
	ZOE_COND_PTHREAD = 1, /* the libc's pthread_cond_t, with its known defects */
};

/* What became of a pool: one whose name passes to a successor is live. */
enum zoe_state {
	ZOE_STATE_LIVE = 0,        /* frames come */
	ZOE_STATE_SOURCE_LOST = 1, /* the writer lives, its source gives nothing */
	ZOE_STATE_STALLED = 2,     /* the writer exists and does not run (stopped, or starved) */
	ZOE_STATE_ENDED = 3,       /* the writer said that no frame follows */
	ZOE_STATE_WRITER_GONE = 4, /* the writer died */
};

/* Why no frame follows in a pool that has ended, as its writer says (zoe_writer_set_end()). */
enum zoe_end {
	ZOE_END_INPUT = 0,   /* what it read is over; or it did not say */
	ZOE_END_STOPPED = 1, /* somebody asked it to stop, and may start it again */
	ZOE_END_FAILED = 2,  /* it could not go on: its source is gone, or its memory */
};

/*
 * Who goes on with the next pool of a name. Another format, size or codec of a writer that runs is no
 * end, and is followed in any case. What waits for the next looks every 10 ms: one that is over sooner is passed over,
 * unless its writer waits for readers.
 */
enum zoe_follow {
	ZOE_FOLLOW_RESTARTS = 0, /* of a writer that was stopped, failed or died; the end of its input is the end */
	ZOE_FOLLOW_ALWAYS = 1,   /* after the end of an input, too */
	ZOE_FOLLOW_NEVER =
		2, /* of nobody; but what has the name when one epoch has passed it on is taken for the next */
};

/*
 * For whom the frame under way in a lossless pool waits, of several one: a reader without room for it, or
 * one that is still to follow from the epoch before.
 */
struct zoe_wait {
	int64_t since_ns;            /* since when that frame waits; 0: it waits for nobody */
	uint32_t pid;                /* as the reader sees itself */
	uint32_t seat;               /* its number, in its epoch */
	char label[ZOE_LABEL_BYTES]; /* as the reader gave it: any bytes, then '\0' */
};

/* 1 for a name that a pool may have, otherwise 0. NULL is none. Any thread. */
ZOE_API int zoe_name_valid(const char *name);

/* CLOCK_MONOTONIC now, in ns. Any thread. */
ZOE_API int64_t zoe_now_ns(void);

/* The deadline that lies `ms` milliseconds from now; ZOE_POLL for one in the past. Any thread. */
ZOE_API int64_t zoe_deadline_in_ms(int64_t ms);

/*
 * What the last failing call of this thread says about itself: one line without a full
 * stop, with the names and numbers concerned. Valid until this thread's next failing
 * call; never NULL. Any thread.
 */
ZOE_API const char *zoe_error(void);

/*
 * For a program's handler of SIGBUS, with siginfo_t.si_addr. A pool's objects can be cut short by who may
 * write to them: their owner, and the seats by a member (zoe-capture --members); who then touches what is
 * gone gets that signal. 1: the address lies in such an object, and zeroes stand there now: return from the handler. A
 * reader goes on with the next epoch of the name, and a writer's next call says -EBADMSG. 0: it is no
 * business of this library. Async-signal-safe; any thread, whose SIGBUS must not be blocked.
 */
ZOE_API int zoe_handle_fault(const void *address);

/* The version of the library at run time, "MAJOR.MINOR.PATCH". */
ZOE_API const char *zoe_version(void);

#ifdef __cplusplus
}
#endif
#endif
