/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of video devices. */
#ifndef CAPTURE_DEVICES_H
#define CAPTURE_DEVICES_H

#include <stdbool.h>

/*
 * Print the video devices that there are, for people or as JSON lines, with a command that captures each. No device is
 * no error, and said. 0, or 1 when it could not be printed, and that was said.
 */
int devices_list(bool json);

#endif
