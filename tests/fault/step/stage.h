/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stage on which a victim is killed or stopped: a pool, a healthy writer ("capture"),
 * healthy readers ("watchers"), and the page of shared memory by which a director tells
 * them what to do and they say what became of it.
 *
 * All of them are processes that die with their director. Whoever finds something wrong
 * says so once, in words, in the stage's `fault`.
 */
#ifndef STEP_STAGE_H
#define STEP_STAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <zoetrope/zoetrope.h>

#define STEP_WATCHERS 3

/* The bounds that the promises name, and what a call may come late on a busy machine. */
#define STEP_BACK_MS 1000   /* a killed reader's seat and grants are back */
#define STEP_LEARN_MS 500   /* a killed writer is known to be dead */
#define STEP_FOLLOW_MS 1000 /* a restarted writer is followed */
#define STEP_LATE_MS 400    /* after its deadline */
/* Longer than any of them: what did not happen by then does not happen. */
#define STEP_PATIENCE_MS 3000

/* What capture is told. */
enum step_order {
	STEP_PUBLISH,        /* one frame */
	STEP_LAP,            /* a dozen, each to reach the first `n_lapped` watchers */
	STEP_PUBLISH_ASLEEP, /* one, as soon as the victim sleeps */
	STEP_SEAT_ASLEEP,    /* keep no house until the victim sleeps; both say when they are ready for it */
	STEP_SETTLE,         /* wait until only `n_seated` seats are taken and the others as good as new */
	STEP_END,            /* end the pool, and leave */
};

/* What a watcher is to do: it looks at this between its calls. */
enum step_request {
	STEP_WATCH, /* acquire, look, release */
	STEP_IDLE,  /* nothing */
	STEP_LOCK,  /* nothing, with its own mailbox locked (where there is a lock) */
	STEP_LEAVE, /* detach and end well */
};

struct step_watch {
	_Atomic uint32_t request, is; /* enum step_request; `is` follows */
	_Atomic uint32_t attached;
	_Atomic uint32_t calls;      /* made and returned from */
	_Atomic int64_t gone_ns;     /* when it was told that there is no writer; 0: since then a frame came */
	_Atomic uint64_t epoch, seq; /* of its newest frame */
	_Atomic uint64_t frames, results;
	bool keeps;   /* holds its first frame to the end */
	bool is_owed; /* more than `frames_before`, after the victim went on */
	uint64_t frames_before;
	pid_t pid;
};

struct step_stage {
	/* Set by the director before anybody starts. */
	char name[ZOE_NAME_BYTES];
	enum zoe_mailbox mailbox;
	enum zoe_cond cond;
	uint32_t max_seats;  /* of capture's pool */
	int64_t patience_ms; /* of a watcher's calls */
	uint32_t n_lapped, n_seated;
	_Atomic int victim; /* its pid */
	int mark;           /* that it passed last */
	bool linger;        /* the ..._ASLEEP orders wait for `cancel` */
	bool strict;        /* nobody was killed or stopped yet: everything goes as written */

	_Atomic uint32_t asked, done; /* counts of orders; futex words */
	_Atomic uint32_t order, ready;
	_Atomic uint32_t cancel;
	pid_t capture;
	_Atomic uint64_t epoch;     /* of capture's pool, once its first frame is out */
	_Atomic int64_t longest_ns; /* that a publish of capture's took */
	_Atomic int64_t late_ns;    /* that a call came back after its deadline at most */

	struct step_watch watch[STEP_WATCHERS];
	_Atomic uint32_t faulty;
	char fault[240];
	_Atomic int64_t gap_ns; /* the longest that somebody was without the processor */
};

/* Everything as new, nobody there. The name is this process's own. */
void step_stage_reset(struct step_stage *stage, const struct step_stage *like);

/* Say what is wrong; the first who speaks is heard. Returns false. */
bool step_fault(struct step_stage *stage, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Raise a maximum that several processes share. */
void step_most(_Atomic int64_t *most, int64_t value);

/* Look several times a millisecond until done(argument), at most `ms`. Notes how long the machine let us not run. */
bool step_until(struct step_stage *stage, bool (*done)(struct step_stage *, void *), void *argument, int64_t ms);

/* A frame's number as text: what a result about it says. */
void step_number(char text[24], uint64_t seq);

/* Start a process that runs part(stage, number), and dies with us. */
pid_t step_enter(struct step_stage *stage, int (*part)(struct step_stage *, int), int number);

/* It has to end by itself, and well; else it is killed and that is a fault. */
bool step_leave(struct step_stage *stage, pid_t *pid, const char *who);

/* Nothing of the pool may be left in shared memory; what is is removed. */
bool step_clean(struct step_stage *stage);

/*
 * The longest that one of those on the stage, or the director, was ready to run and got no
 * processor, in ns: what came late then says nothing about the pool.
 */
int64_t step_starved(struct step_stage *stage);

/* How many seats of the pool that has the name are in this state now. */
uint32_t step_count_seats(const struct step_stage *stage, uint32_t state);

/*
 * The director's orders to capture. _send is for what waits for the victim's sleep,
 * _settled ends that; _ask waits until the order is carried out.
 */
void step_send(struct step_stage *stage, enum step_order order);
bool step_settled(struct step_stage *stage);
bool step_ask(struct step_stage *stage, enum step_order order);

/* capture.c, watch.c: parts for step_enter. */
int step_capture(struct step_stage *stage, int side);
int step_watch(struct step_stage *stage, int number);

/* Frames: square pictures, each word of which says whose it is. */
struct zoe_frame_info step_info(uint32_t side);
void step_draw(const struct zoe_slot *slot, uint32_t side, uint64_t epoch, uint64_t seq);
bool step_whole(const struct zoe_frame *frame);

#endif
