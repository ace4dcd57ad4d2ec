/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether wake-ups come. Who may look at a pool may also move those who sleep on a word of it to
 * another (FUTEX_REQUEUE), and they sleep on while their frames are replaced. Who finds that a
 * frame was there while it slept to the end sleeps only shortly for some time. A state machine
 * that knows no clock.
 */
#ifndef ZI_WAKES_H
#define ZI_WAKES_H

#include <stdint.h>

struct zi_wakes {
	int64_t short_until_ns; /* sleeps are short until then */
};

/* How long to sleep of what one would. */
int64_t zi_wakes_bound(const struct zi_wakes *wakes, int64_t now_ns, int64_t until_ns);

/* After a sleep that was to end at until_ns there is something that came at came_ns. */
void zi_wakes_note(struct zi_wakes *wakes, int64_t now_ns, int64_t until_ns, int64_t came_ns);

#endif
