/* SPDX-License-Identifier: BSD-2-Clause */
/* The viewer: frames from the source into the window, until somebody has had enough. */
#ifndef DISPLAY_VIEWER_H
#define DISPLAY_VIEWER_H

#include "settings.h"

struct viewer;

/* Open the window. Errors, said on stderr: those of window_create(). */
int viewer_create(struct viewer **viewer, const struct settings *settings);

/* Run until the end, or until a signal asks to stop; returns 0, or -1 after an error, said on stderr. */
int viewer_run(struct viewer *viewer);

/* Write the screenshot, conclude the verification, print the summary. Returns the exit status. */
int viewer_conclude(struct viewer *viewer, int run_error);

/* Clears the pointer; NULL is fine. */
void viewer_destroy(struct viewer **viewer);

#endif
