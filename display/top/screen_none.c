/* SPDX-License-Identifier: BSD-2-Clause */
/* In screen.c's place where there is no ncurses. */
#include <errno.h>

#include "top.h"

int top_screen(const struct top_settings *settings, const char **why)
{
	(void)settings;
	*why = "built without ncurses";
	return -ENOTSUP;
}
