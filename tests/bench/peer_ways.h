/* SPDX-License-Identifier: BSD-2-Clause */
/* The ways that zoe-bench peers compares: which there are, which can be measured here, and a turn of one. */
#ifndef BENCH_PEER_WAYS_H
#define BENCH_PEER_WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "floors.h"
#include "peer_run.h"
#include "turns.h"

enum { WAY_ZOETROPE, WAY_ZOETROPE_POLL, WAY_FUTEX_FLOOR = 10, WAY_SPIN_FLOOR, N_WAYS };

struct way {
	const char *name;
	const char *program, *argument; /* of tests/bench/peers, and what it calls this way; NULL: a floor */
	bool polls;                     /* asks again and again, and is compared with who does the same */
	enum floor_kind floor;
	const char *what;
};

extern const struct way ways[N_WAYS];

enum { N_PROGRAMS = 6 };

/* A series of turns, with what they have in common. */
struct ways_session {
	const char *place;            /* of the programs; NULL: see peer_find() */
	uint32_t width_px, height_px; /* the largest frame */
	uint32_t frames, fps;
	int64_t limit_ns; /* for a turn, over the time that its frames take */
	struct {
		bool wanted, available;
		char path[4096];
		char line[PEER_LINE_BYTES]; /* its version, or why it is not available */
		struct peer_run server;     /* what it needs beside it, */
		bool unsettled;             /* some of whose users died */
	} programs[N_PROGRAMS];
};

/*
 * See which of the wanted ways can be measured, and start what they need. 0, or -EINTR; ways_close()
 * follows in any case.
 */
int ways_open(struct ways_session *session, const bool wanted[N_WAYS]);
void ways_close(struct ways_session *session);

/* What is to be said of the program that a way needs: its version, or why it is not available. */
bool ways_available(const struct ways_session *session, const struct way *way);
const char *ways_line(const struct ways_session *session, const struct way *way);

/* One way with one size, in its turns. */
struct way_turn {
	struct ways_session *session;
	const struct way *way;
	uint32_t width_px, height_px;
	bool failed; /* and is not tried again */
	char why[PEER_LINE_BYTES];
	uint64_t missed; /* frames that were sent and not received, of all runs */
};

/* Fill in a turn that measures *way_turn, which stays the caller's. A peer that fails is no error, but `failed`. */
void ways_turn(struct turn *turn, struct way_turn *way_turn);

#endif
