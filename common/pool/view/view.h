/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A look at one epoch of a pool: its objects opened by name, checked, and mapped
 * read-only. What readers, observers and those who list pools have in common.
 */
#ifndef ZI_VIEW_H
#define ZI_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zoetrope/frame.h>
#include <zoetrope/pool.h>
#include <zoetrope/source.h>

#include "pool/layout/layout.h"
#include "pool/system/descriptors.h"
#include "pool/system/owner.h"

struct zi_view {
	struct zi_descriptors descriptors; /* the descriptors of reel and seats, in this order */
	const struct zi_reel *reel;        /* at its greatest size */
	size_t reel_bytes;                 /* mapped; 0: it is a copy */
	uid_t owner;                       /* whose the reel is */
	const struct zi_seats *seats;      /* all of them, at their greatest size; NULL before zi_view_open_seats */
	size_t seats_bytes;
	/* From the checked header: */
	const struct zi_record *records;
	const uint8_t *pixels;
	uint64_t page_bytes;
	uint64_t slot_bytes;
	uint32_t n_slots; /* that may ever exist */
	uint32_t mailbox;
	enum zoe_cond cond;
	int64_t clock_ns; /* what our clock has more than the writer's: another time namespace */
	/* And that of the seats, which every member can write to: as it was when it was checked. */
	struct zi_seats layout;
};

/* The header and the slot table of a reel, read. */
struct zi_view_copy {
	struct zi_reel reel;
	struct zi_record records[ZOE_MAX_SLOTS]; /* seq is 0 where it was written to meanwhile */
	struct zi_record again[ZOE_MAX_SLOTS];
};

/* What became of an epoch. */
enum zi_view_state {
	ZI_VIEW_LIVE,
	ZI_VIEW_RETIRED,     /* a successor has the name, or will, since its objects were destroyed: follow it */
	ZI_VIEW_ENDED,       /* its writer said that no frame follows */
	ZI_VIEW_WRITER_GONE, /* its writer died */
};

/*
 * Open the reel of the pool of this name. On failure what was opened so far waits for
 * zi_view_close. Errors, with zoe_error() set: -ENOENT, -EPERM somebody's who is not trusted,
 * -EBADMSG, -EPROTONOSUPPORT and those of the system.
 */
int zi_view_open(struct zi_view *view, const char *name, const struct zi_owner *trusted);

/*
 * Instead of that a look that nothing behind the name can hurt, whoever's it is: nothing is mapped, so an
 * object that is cut short meanwhile is an error. The copy must stay as long as the view. Errors: as above but -EPERM.
 */
int zi_view_read(struct zi_view *view, const char *name, struct zi_view_copy *copy);

/*
 * The seats, too, mapped. `flags` are O_RDONLY or O_RDWR. -ESTALE: they are of another life than the reel.
 * -EUCLEAN: they are cut short or written over, for which their writer begins a new epoch.
 */
int zi_view_open_seats(struct zi_view *view, const char *name, int flags);

/*
 * True when what is mapped is no longer the pool's, or the header of the seats was written over: its members or its
 * owner did that. The next epoch of the name is to be looked for.
 */
bool zi_view_is_damaged(const struct zi_view *view);

/* Seat i of those below layout.n_seats. */
const struct zi_seat *zi_view_seat(const struct zi_view *view, uint32_t i);

/* Board i, or NULL: it does not exist (yet). Asks the kernel: for who sees a new one. */
const struct zi_board *zi_view_board(const struct zi_view *view, uint32_t i);

/* A time of the writer's clock by our own. 0, for none, stays 0. */
static inline int64_t zi_view_time(const struct zi_view *view, int64_t writers_ns)
{
	return writers_ns ? (int64_t)((uint64_t)writers_ns + (uint64_t)view->clock_ns) : 0;
}

/*
 * True when the writer is dead though its lock is held: by a child that it made with clone() itself, or with _Fork(),
 * which inherited the descriptor. Known once it has not run for a while, in the same PID namespace.
 */
bool zi_view_orphaned(const struct zi_reel *reel);

/* What became of it. Asks the kernel whether the writer lives, if `ask`; otherwise reads the shared state alone. */
enum zi_view_state zi_view_state(const struct zi_view *view, bool ask);

/* The same as its users are told it, with the time since when: for LIVE, that of the newest frame. */
enum zoe_state zi_view_status(const struct zi_view *view, int64_t *since_ns);

/* Who keeps its writer waiting. */
void zi_view_wait(const struct zi_reel *reel, struct zoe_wait *wait);

/* Why it has ended. */
enum zoe_end zi_view_end(const struct zi_view *view);

/* What its writer says of its source. False: nothing, or it is being written again and again. Reads the object. */
bool zi_view_source(const struct zi_view *view, struct zoe_source *source);

/* One that has ended so, as zi_view_fail_over() says it. */
int zi_view_fail_end(const char *name, enum zoe_end end, uint32_t writer_pid);

/*
 * An epoch that is over, with the sentence: -ENODATA its input has ended; -ECANCELED its writer was stopped;
 * -ECONNABORTED it failed; -EOWNERDEAD it died. 0 for one that lives or was retired.
 */
int zi_view_fail_over(const struct zi_view *view, const char *name, enum zi_view_state state);

/* 0 for an epoch that lives. Otherwise as zi_view_fail_over(), or -ESTALE for one that was retired just now. */
int zi_view_check_live(const struct zi_view *view, const char *name);

/* The times in this by our own clock. */
void zi_view_translate(const struct zi_view *view, struct zoe_frame_info *info);

/* The frame behind an item, but for `skipped`. False: it does not lie within its slot. */
bool zi_view_describe(const struct zi_view *view, uint64_t item, struct zoe_frame *frame);

/* Unmap, close. In a forked child nothing is there to be unmapped. */
void zi_view_close(struct zi_view *view);

#endif
