/* SPDX-License-Identifier: BSD-2-Clause */
/* SIGINT, SIGTERM and SIGHUP as a wish to stop that every wait looks at. */
#ifndef CAPTURE_STOP_H
#define CAPTURE_STOP_H

#include <stdbool.h>
#include <stdint.h>

/* Install the handlers. 0 or a negative errno. */
int stop_install(void);

/* Has somebody asked to stop? Any thread, costs a load. */
bool stop_requested(void);

/* Sleep until CLOCK_MONOTONIC reaches until_ns or somebody asks to stop; true if so. */
bool stop_wait_until(int64_t until_ns);

#endif
