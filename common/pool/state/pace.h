/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When the next frame is due: the rhythm of a steady source, learned from the times at which
 * its frames were published, and the window before and after in which spinning pays. A state
 * machine that knows no clock.
 */
#ifndef ZI_PACE_H
#define ZI_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct zi_pace {
	int64_t period_ns;    /* from frame to frame, smoothed; 0: not known yet */
	int64_t last_ns;      /* of the newest frame */
	int64_t due_ns;       /* of the next, as a smoothed clock would have it */
	int64_t jitter_ns;    /* how far frames were from when they were due, smoothed */
	int64_t overslept_ns; /* how late this process wakes up, of the worst lately */
	uint32_t steady;      /* frames in a row that came about when they were due */
};

/* A frame of this reader's was published at that time. */
void zi_pace_note(struct zi_pace *pace, int64_t published_ns);

/* The reader slept until a time of CLOCK_MONOTONIC, and runs again since so much later. */
void zi_pace_overslept(struct zi_pace *pace, int64_t ns);

/*
 * Spin from *from_ns until *until_ns. False: do not spin at all, since the source is not steady,
 * the next frame is overdue, or the window would be more than a quarter of the period.
 */
bool zi_pace_window(const struct zi_pace *pace, int64_t now_ns, int64_t *from_ns, int64_t *until_ns);

#endif
