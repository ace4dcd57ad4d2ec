/* SPDX-License-Identifier: BSD-2-Clause */
/* Pictures at the times that their timestamps say. */
#ifndef CAPTURE_PACE_H
#define CAPTURE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "picture.h"

struct pace {
	bool anchored;
	int64_t anchor_ns; /* CLOCK_MONOTONIC at pts 0 */
	int64_t end_ns;    /* CLOCK_MONOTONIC when the last picture has been shown */
};

/*
 * Wait until it is the picture's turn. A late one is due at once and does not shift those
 * after it; the clock is set anew where timestamps jump, when the picture before has had
 * its time, or more than a second is lost.
 * True if somebody asked to stop.
 */
bool pace_wait(struct pace *pace, const struct picture *picture);

/* Wait until the last picture has had its time. True if somebody asked to stop. */
bool pace_wait_end(const struct pace *pace);

#endif
