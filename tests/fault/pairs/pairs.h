/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pairs of preemptions: a scene with one writer and one reader (or observer), who do the
 * same again and again, and the director who stops each of them somewhere in it.
 *
 * A round, for both: they act, which is where they are stopped; they settle, after which
 * the newest frame must be the reader's to have; the writer laps the pool while the reader
 * keeps what it got; the reader returns everything, after which nothing may be granted.
 */
#ifndef PAIRS_H
#define PAIRS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "fault/step/stage.h"

/* The marks, passed in this order in each round; PAIRS_START before the first. */
enum { PAIRS_START, PAIRS_ACT, PAIRS_DONE, PAIRS_SETTLED, PAIRS_LAPPED };

/* An instruction that a party came by. */
struct pairs_place {
	uint64_t rip;
	uint32_t before; /* the last place before with this address; its own index: none */
	bool inside;     /* in libzoetrope */
};

#define PAIRS_MAX_PLACES 16384

struct pairs_path {
	struct pairs_place *places; /* pairs_go_slowly() takes what it needs */
	uint32_t n, n_inside;
};

/* Why a party does not run. */
enum pairs_why {
	PAIRS_AT_MARK,
	PAIRS_AT_PLACE,
	PAIRS_ASLEEP,  /* in a futex, until somebody wakes it */
	PAIRS_BLOCKED, /* by a mutex that the other one has */
	PAIRS_ENDED,
};

/* turns.c: the parties run in turn, in one process, each on a stack of its own. */
struct pairs_party;

/* A party that will run part(argument), up to its first mark or sleep when it is told to go. */
struct pairs_party *pairs_enter(int (*part)(void *), void *argument);
void pairs_remove(struct pairs_party **party);

/* Called by a party: hand over to the director. */
void pairs_mark(int mark);

/* Let it run on until it stops of itself; who sleeps is woken for no reason. */
enum pairs_why pairs_go(struct pairs_party *party);

/* The same, adding where it comes by to a path. */
enum pairs_why pairs_go_slowly(struct pairs_party *party, struct pairs_path *path);

/* Let it run from its mark, or from where it fell asleep, to place k. False: it stopped before. */
bool pairs_reach(struct pairs_party *party, const struct pairs_path *path, uint32_t k);

enum pairs_why pairs_why(const struct pairs_party *party);
int pairs_at(const struct pairs_party *party); /* the last mark; -1 none yet */

/* True when it can go on without being woken. */
bool pairs_can_go(const struct pairs_party *party);

/* Make the code such that it can be stopped at any instruction. False: not permitted here. */
bool pairs_prepare(void);

/* scenarios.c: what they do. */
struct pairs_scenario {
	const char *name;
	int (*read)(void *scene);
	int (*write)(void *scene);
	uint32_t hold, depth; /* of the reader's seat; 0: it has none */
	uint32_t keeps;       /* frames that it still holds when a round begins */
	uint32_t publishes;   /* frames, in the writer's action */
	bool owes;            /* one more before that, which is not delivered yet */
};

#define PAIRS_SCENARIOS 4
extern const struct pairs_scenario pairs_scenarios[PAIRS_SCENARIOS];

/* What director, reader and writer share. */
struct pairs_scene {
	struct step_stage stage; /* its name, its options, what is wrong */
	const struct pairs_scenario *scenario;
	uint64_t newest; /* frame that is published, */
	uint64_t goal;   /* and that will be at the end of the writer's action */
	bool leave;
};

/* director.c: one round after the other. */
struct pairs_point {
	const struct pairs_scenario *scenario;
	bool writer_first; /* is stopped, and goes on first */
	const struct pairs_path *first, *second;
	uint32_t i, j; /* places of these paths */
};

struct pairs_director {
	struct pairs_scene scene;
	struct pairs_party *reader, *writer; /* NULL: there is no scene */
	enum zoe_mailbox mailbox;
	uint32_t moved; /* times that somebody did not come to its place */
};

/* Follow both through one action, undisturbed, and write down where they were. */
bool pairs_record(struct pairs_director *director, const struct pairs_scenario *scenario, struct pairs_path *reads,
	struct pairs_path *writes);

/* Record the way of the second one while the first is stopped, up to where it has acted, or sleeps. */
bool pairs_record_second(struct pairs_director *director, const struct pairs_point *point, struct pairs_path *path);

/* One round with both stopped once. If it is false, the scene's fault says what is wrong. */
bool pairs_try(struct pairs_director *director, const struct pairs_point *point);

/* Both leave, if they are there, and nothing may be left of them. */
bool pairs_leave(struct pairs_director *director);

#endif
