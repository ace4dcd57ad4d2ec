/* SPDX-License-Identifier: BSD-2-Clause */
/* What the user asks for, by keys, mouse and window manager. */
#ifndef DISPLAY_COMMANDS_H
#define DISPLAY_COMMANDS_H

enum command {
	COMMAND_NONE,
	COMMAND_QUIT,
	COMMAND_LEAVE, /* full screen, or the program */
	COMMAND_FULLSCREEN,
	COMMAND_PAUSE,
	COMMAND_STEP,
	COMMAND_SAVE,
	COMMAND_STATISTICS,
	COMMAND_OVERLAY,
	COMMAND_REDRAW, /* the window was uncovered or changed its size */
	N_COMMANDS,
};

/* The next command, waiting for one for up to wait_ms (0: not). */
enum command commands_next(int wait_ms);

#endif
