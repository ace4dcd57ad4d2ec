/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program waits for is said once, on standard error, and that it goes on. */
#ifndef ZI_WAITING_H
#define ZI_WAITING_H

#include <stdbool.h>
#include <stddef.h>

struct zi_waiting {
	const char *pool;
	bool is_said;
	enum { ZI_WORKERS_UNSAID, ZI_WORKERS_MISSED, ZI_WORKERS_CAME } workers;
};

/* There is no pool yet. */
void zi_waiting_for_pool(struct zi_waiting *waiting);

/* It is over, and why (one line), and what comes after it is waited for. */
void zi_waiting_for_next(struct zi_waiting *waiting, const char *why);

/* It is there: frames, or results. */
void zi_waiting_is_over(struct zi_waiting *waiting);

/*
 * No result of these workers came (n 0: of nobody) for a while, and who posts instead, if
 * that can be known. Once.
 */
void zi_waiting_for_workers(struct zi_waiting *waiting, const char *const *workers, size_t n);

/* A result of this one came. */
void zi_waiting_worker_came(struct zi_waiting *waiting, const char *worker);

#endif
