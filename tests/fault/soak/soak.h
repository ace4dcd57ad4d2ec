/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The soak from inside: a director that uses no part of the library (soak.c,
 * processes.c), the processes that it starts and kills (actor.c), and what can be seen of
 * them from outside (look.c). They share one anonymous page of control words.
 */
#ifndef SOAK_H
#define SOAK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <zoetrope/pool.h>

#include "support/pool_options.h"

#define SOAK_MAX_READERS 16
#define SOAK_RESERVED 3 /* slots that the writer keeps, as a decoder keeps references */
#define SOAK_MS INT64_C(1000000)
/*
 * What is not well after this long is wrong. It takes well below a second, as every-instruction shows;
 * but a machine with other work may keep from running whom nobody here sees.
 */
#define SOAK_PATIENCE_NS (5000 * SOAK_MS)

/* What an actor is told to do next; it answers by writing 0 back. */
enum soak_order {
	SOAK_GO_ON = 0,
	SOAK_ATTACH_AGAIN,     /* reader: detach and attach */
	SOAK_ATTACH_IN_THREAD, /* reader: the same, in a thread that ends */
	SOAK_CLOSE_ALL,        /* reader: close the descriptors, as a careless library does */
	SOAK_FORK,             /* leave a child behind that lives on */
	SOAK_NEW_EPOCH,        /* writer: go on at another size */
	SOAK_END,              /* end properly */
};

/* One process, as seen from both sides. Written by the actor but for the order. */
struct soak_words {
	_Atomic uint32_t order;
	_Atomic uint32_t argument;
	_Atomic int64_t must_end_ns; /* the call in hand promises to return by then; 0: none in hand */
	_Atomic uint32_t call;       /* which, for the report */
	_Atomic uint64_t frames;     /* acquired and found whole, or published */
	_Atomic uint64_t torn;
	_Atomic uint64_t refused; /* a slot or a seat was refused that the budget has */
	_Atomic uint64_t errors;  /* an answer that no header promises */
	_Atomic int32_t last_error;
	_Atomic int64_t longest_ns; /* writer: one publish */
};

struct soak_shared {
	_Atomic uint32_t settled; /* events after which all was found well, or not */
	struct soak_words writer;
	struct soak_words rival; /* the other writer of a race */
	struct soak_words reader[SOAK_MAX_READERS];
};

struct soak_plan {
	const char *name;
	uint32_t n_readers;
	struct pool_options pool;
	const _Atomic uint32_t *settled;
};

/* What reader i asks for: all different, the same in each life. */
uint32_t soak_hold(uint32_t reader);
uint32_t soak_depth(uint32_t reader);

/* The budget that admits exactly these readers. */
uint32_t soak_slots(uint32_t n_readers);

/* The lives of the actors; never return. */
_Noreturn void soak_reader(const struct soak_plan *plan, struct soak_words *words, uint32_t index);
_Noreturn void soak_writer(const struct soak_plan *plan, struct soak_words *words, uint32_t side);

/* A writer's exit status when somebody else has the name. */
#define SOAK_EXIT_BUSY 3

/* What can be seen from outside. */

struct soak_seats {
	uint32_t n_taken;
	uint32_t n_strangers; /* taken for a process that is none of the living */
	uint32_t n_doubles;   /* a second seat for the same process */
	uint32_t n_pinned;    /* free, with grants left */
};

/* Look at the seats of the pool that has the name now. False: there is none. */
bool soak_look_at_seats(const char *name, const pid_t *living, uint32_t n_living, struct soak_seats *seats);

struct soak_process {
	uint32_t n_pool_fds; /* descriptors of objects in /dev/shm */
	uint32_t n_other_fds;
	uint32_t n_maps;        /* of objects in /dev/shm */
	uint64_t anonymous_kib; /* resident */
};

void soak_look_at_process(pid_t pid, struct soak_process *process);

#define SOAK_MAX_THREADS 8

/* What was seen of a process's threads last. */
struct soak_threads {
	uint32_t n;
	pid_t tid[SOAK_MAX_THREADS];
	int64_t ran_ns[SOAK_MAX_THREADS];
	char state[SOAK_MAX_THREADS + 1]; /* 'R' runs or waits for a processor, 'S' sleeps …; the first is main()'s */
};

/* Look again. True: one of them would run, and has not run since the last look. */
bool soak_look_at_threads(pid_t pid, struct soak_threads *threads);

#endif
