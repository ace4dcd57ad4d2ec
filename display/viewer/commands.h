/* SPDX-License-Identifier: BSD-2-Clause */
/* What the user wants, from keys, mouse and window manager. */
#ifndef DISPLAY_WISHES_H
#define DISPLAY_WISHES_H

enum wish {
	WISH_NONE,
	WISH_QUIT,
	WISH_LEAVE, /* full screen, or the program */
	WISH_FULLSCREEN,
	WISH_PAUSE,
	WISH_STEP,
	WISH_SAVE,
	WISH_STATISTICS,
	WISH_OVERLAY,
	WISH_REDRAW, /* the window was uncovered or changed its size */
	N_WISHES,
};

/* The next wish, waiting for one for up to wait_ms (0: not). */
enum wish wishes_next(int wait_ms);

#endif
