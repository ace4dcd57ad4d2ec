/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that fail on request. Each system and pthread call that libzoetrope makes and
 * that can fail is wrapped by the linker (--wrap, see countdown.cmake); while a thread is
 * armed its calls are counted and the n-th one fails.
 */
#ifndef COUNTDOWN_CALLS_H
#define COUNTDOWN_CALLS_H

#include <stdbool.h>
#include <stdint.h>

/* What became of an armed stretch. */
struct fault_report {
	const char *call;  /* the function that failed; NULL: fewer than n calls were made */
	int error;         /* with this errno */
	unsigned n_errors; /* ways in which that function can fail */
};

/*
 * From here on this thread's n-th call (1, 2, …) fails in its `which`-th way (0, 1, …),
 * and with `always` every later call of the same function, too: a table of descriptors
 * that is full stays full. (A few failures pass by themselves, see there.)
 */
void fault_arm(unsigned n, unsigned which, bool always);
struct fault_report fault_disarm(void);

/* Let this thread's clock_gettime() run ahead, so that nobody waits for a pause to pass. */
void fault_skew(int64_t ns);

/* Blocks that the program had from calloc() or reallocarray() and did not free. */
long fault_blocks(void);

/*
 * How often each function failed so far, over all processes forked after this was called.
 * fault_count() says how many never did, and prints them all if `print`.
 */
bool fault_share(void);
unsigned fault_count(bool print);

#endif
