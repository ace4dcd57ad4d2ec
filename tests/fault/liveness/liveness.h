/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The liveness matrix from inside: in each case one process, the victim, does something
 * to itself, and the other side of its pool, the witness, says whether it is dead.
 */
#ifndef LIVENESS_H
#define LIVENESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "support/pool_options.h"

enum side { READER, WRITER };

struct liveness_shared {
	_Atomic int32_t victim_pid; /* as the director sees it */
	_Atomic uint32_t ready[2];  /* seated, and holding a frame; seen by the witness */
	_Atomic uint32_t refused;   /* the reader may not take part: -EXDEV */
	_Atomic uint32_t skipped;   /* an errno: the victim cannot be prepared here */
	_Atomic uint32_t go;        /* the victim does its action */
	_Atomic uint32_t done;      /* it is about to, or has done it */
	_Atomic uint32_t dead;      /* the witness was told that the victim is dead */
	_Atomic uint32_t frames;    /* the writer publishes again */
	_Atomic uint32_t release;   /* the victim's child may end */
	_Atomic int32_t said;       /* what the victim's own next call answered */
	_Atomic uint32_t stayed;    /* it took a new seat and kept it */
};

/* How a victim is prepared. */
enum {
	IN_USER_NAMESPACE = 1 << 0,
	IN_PID_NAMESPACE = 1 << 1,
	BIG = 1 << 2, /* a gigabyte of pool */
};

struct liveness_case {
	const char *name; /* of the pool */
	struct liveness_shared *shared;
	struct pool_options pool;
	enum side side; /* the victim's */
	unsigned place; /* IN_…, BIG */
	uint64_t slot_bytes;
	void (*action)(const struct liveness_case *test_case); /* NULL: the director does it */
	struct zoe_reader *reader;                             /* the victim's, if it is one */
	const struct zoe_frame *held;
};

/* The two processes of a case; they end by being killed. */
_Noreturn void liveness_take_role(struct liveness_case *test_case, enum side side);

/* What a victim does to itself. */
void action_exit(const struct liveness_case *test_case);
void action_exec(const struct liveness_case *test_case);
void action_exec_in_thread(const struct liveness_case *test_case);
void action_main_thread_exit(const struct liveness_case *test_case);
void action_nothing(const struct liveness_case *test_case);
void action_munmap(const struct liveness_case *test_case);
void action_close(const struct liveness_case *test_case);
void action_fork_child_dies(const struct liveness_case *test_case);
void action_fork_parent_dies(const struct liveness_case *test_case);
void action_bare_fork_parent_dies(const struct liveness_case *test_case);
void action_dump(const struct liveness_case *test_case);

#endif
