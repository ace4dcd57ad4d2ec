/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What any transport must take: the time in which one process tells another, by one word of
 * shared memory, that something is there, and nothing else. Measured between two processes,
 * at the rate of what they are the floor of.
 */
#ifndef BENCH_FLOORS_H
#define BENCH_FLOORS_H

#include <stdint.h>

#include <zoetrope/histogram.h>

enum floor_kind {
	FLOOR_FUTEX, /* the other process sleeps in FUTEX_WAIT on the word, and is woken by FUTEX_WAKE */
	FLOOR_SPIN,  /* it looks at the word all the time */
};

/*
 * Adds, for each of n words sent at fps a second, the time from just before the word is written to
 * when the other process has seen it, to *latency (which begins empty). A word that was overtaken by the next one is
 * not counted. Errors: -ENOMEM, -EAGAIN (fork), -ETIMEDOUT, -ECHILD the other process failed, -EINTR.
 */
int floor_measure(enum floor_kind kind, uint32_t n, uint32_t fps, struct zoe_histogram *latency);

/* One FUTEX_WAKE of one sleeper on a word that other processes share. */
void floor_wake(_Atomic uint32_t *word);
/* Sleep while the word is `seen`, without an end. May return early. */
void floor_sleep(_Atomic uint32_t *word, uint32_t seen);

#endif
