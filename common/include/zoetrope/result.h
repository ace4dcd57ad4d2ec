/* SPDX-License-Identifier: BSD-2-Clause */
/* What workers saw: marks on a frame, posted by a reader for everybody to read. */
#ifndef ZOETROPE_RESULT_H
#define ZOETROPE_RESULT_H

#include <stdint.h>

#include <zoetrope/frame.h>
#include <zoetrope/pool.h>
#include <zoetrope/reader.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ZOE_MAX_MARKS 512
#define ZOE_MAX_JSON_BYTES 16320 /* of a result's text, its '\0' included */

/* zoe_mark.kind */
enum zoe_mark_kind {
	ZOE_MARK_BOX = 0,   /* the rectangle from (x, y) to (x + width, y + height) */
	ZOE_MARK_POINT = 1, /* (x, y) */
	ZOE_MARK_LINE = 2,  /* from (x, y) to (x + width, y + height), which may be negative */
	ZOE_MARK_TEXT = 3,  /* the label alone, its upper left corner at (x, y) */
};

/*
 * One thing that was seen in a frame. 64 bytes, the same in shared memory.
 *
 * Coordinates are fractions of the coded picture, 0 to 1, as it lies in the planes: cropping
 * is applied (width_px, height_px), rotation and pixel aspect are not. The left edge of
 * pixel column c is at x = c / width_px, the upper edge of row r at y = r / height_px:
 *
 *      (0,0) ─────────────────────────────► x (1,0)
 *        │         (x, y)
 *        │           ┌──────────────┐  ▲
 *        │           │              │  │ height
 *        │           │              │  │
 *        │           └──────────────┘  ▼
 *        ▼           ◄─── width ────►
 *        y
 *      (0,1)                                (1,1)
 *
 * What is seen in part may stick out: -1 to 2 is allowed.
 */
struct zoe_mark {
	uint32_t kind; /* enum zoe_mark_kind */
	float score;   /* how sure, above 0 to 1; 0: not said */
	float x, y;
	float width, height;         /* of boxes (not below 0) and lines; else 0 */
	int64_t id;                  /* the same thing in other frames has the same one; 0: not said */
	char label[ZOE_LABEL_BYTES]; /* what it is, UTF-8, ended by '\0'; "" none */
};

/*
 * Post what was seen in `frame`: n_marks marks (0 to ZOE_MAX_MARKS; none is news, too) and
 * a JSON text (NULL or "": none). They stand on this reader's board, three results deep, where
 * zoe_results_next() of everybody finds them. `frame` is one that this reader acquired, held
 * still or released since: of it only `seq` and `epoch` are used, so a copy of the record
 * will do.
 *
 * Takes no lock. A reader's first result in an epoch waits, up to a second, for the writer to
 * make the board; every other one never waits.
 *
 * Errors: -EINVAL a mark is malformed or the text too long (zoe_error() says which); -ESTALE
 * the frame's epoch is over for this reader; -ENOSPC shared memory had no room for the board;
 * -ETIMEDOUT the writer did not answer; -ECHILD this reader belongs to the parent process;
 * -ENOMEM.
 */
ZOE_API int zoe_reader_post(struct zoe_reader *reader, const struct zoe_frame *frame, const struct zoe_mark *marks,
	uint32_t n_marks, const char *json);

/* What one worker said about one frame. */
struct zoe_result {
	char worker[ZOE_LABEL_BYTES]; /* the label of the reader that posted it */
	uint32_t seat;                /* where that reader sits: two workers may have one label */
	uint32_t n_marks;
	uint64_t epoch;
	uint64_t seq;    /* of the frame that it is about */
	uint64_t number; /* 1, 2, 3 … on this board; a gap means results not seen */
	int64_t posted_ns;
	const struct zoe_mark *marks; /* n_marks of them, checked: numbers finite, labels ended */
	const char *json;             /* as it was posted, ended by '\0'; "" none */
	uint64_t reserved[4];         /* 0 */
};

/*
 * The results of everybody who reads the pool of one name. Needs permission to read the
 * seats object (zoe-capture --members), takes no seat and delays nobody. It follows by
 * itself when a new epoch takes the name.
 *
 * Threads: it belongs to one thread at a time.
 */
struct zoe_results;

/*
 * Open the results of the pool called `name`, waiting for it to appear until deadline_ns.
 *
 * Errors: -EINVAL name; -ENOENT no such pool by the deadline, or only one whose writer
 * died; -EPERM it is neither this user's nor root's; -EBADMSG the object of that name is no pool or is damaged; -EPROTONOSUPPORT a
 * pool of another layout version; -EACCES, -EMFILE, -ENFILE, -ENOMEM from the system.
 */
ZOE_API int zoe_results_open(struct zoe_results **results, const char *name, int64_t deadline_ns);

/* The same of a pool that may be `owner`'s, too: zoe_reader_options.owner, where -EINVAL is no such user. */
ZOE_API int zoe_results_open_owned(struct zoe_results **results, const char *name, const char *owner,
	int64_t deadline_ns);

/* With which next pools of the name to go on. Without this: ZOE_FOLLOW_RESTARTS. */
ZOE_API void zoe_results_set_follow(struct zoe_results *results, enum zoe_follow follow);

/*
 * The next result, in the order of posting; waits for one until deadline_ns. The record and
 * what it points at are a checked copy of what stands on the board: they belong to `results`
 * and are valid until the next call. Who asks less often than a worker posts three results
 * misses some, and so may who reads when a new epoch begins, for up to a second, while a worker still
 * holds a frame of the last one.
 *
 * Errors: -EAGAIN nothing new by the deadline; -ENODATA, -EOWNERDEAD the pool is over, as
 * zoe_reader_acquire() says it (each once, after its last result: calling again waits for the next
 * epoch); -ECHILD it belongs to the parent process; and, while following, those of
 * zoe_results_open() but -ENOENT.
 */
ZOE_API int zoe_results_next(struct zoe_results *results, const struct zoe_result **result, int64_t deadline_ns);

/* Free it. Clears the pointer; NULL is fine. */
ZOE_API void zoe_results_close(struct zoe_results **results);

#ifdef __cplusplus
}
#endif
#endif
