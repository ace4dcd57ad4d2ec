/* SPDX-License-Identifier: BSD-2-Clause */
/* Time and sleep: CLOCK_MONOTONIC in nanoseconds, and futex words shared between processes. */
#ifndef ZI_CLOCK_H
#define ZI_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define ZI_MS INT64_C(1000000)
#define ZI_S INT64_C(1000000000)

struct timespec zi_timespec(int64_t ns);

/* CLOCK_REALTIME now, in ns. */
int64_t zi_wall_ns(void);

/* The earlier of the deadline and `ns` from now. */
int64_t zi_slice(int64_t deadline_ns, int64_t ns);

/* Sleep until then: not at all for a time that is past. */
void zi_sleep_until(int64_t until_ns);

/*
 * Sleep while *word is `value`, until the deadline at the latest. Wakes for no reason
 * too; the caller looks at its condition again. Works on a read-only mapping, as waking does: so it
 * takes its time to return from a wake-up that came with the word as it was.
 */
void zi_futex_wait(const _Atomic uint32_t *word, uint32_t value, int64_t deadline_ns);

/* The same, on a word that may be unmapped meanwhile, and at once. True: somebody woke us. */
bool zi_futex_wait_blindly(const _Atomic uint32_t *word, uint32_t value, int64_t deadline_ns);

/*
 * For who works whenever a word is rung that any member may ring, as fast as it can: a burst is let
 * through, and beyond it one in a millisecond, so that it costs no processor.
 */
struct zi_throttle {
	int64_t paid_until_ns;
};

/* Before the work: sleeps if there was too much of it lately, to the deadline at the latest. */
void zi_throttle(struct zi_throttle *throttle, int64_t deadline_ns);

/* Wake all who sleep on the word. */
void zi_futex_wake(_Atomic uint32_t *word);

/* Between two looks of a loop that spins: the other thread of this core goes first. */
static inline void zi_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* Add one to the word and wake all who sleep on it: how every doorbell rings. */
void zi_futex_ring(_Atomic uint32_t *word);

#endif
