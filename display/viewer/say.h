/* SPDX-License-Identifier: BSD-2-Clause */
/* What zoe-display tells its user on stderr: one line each. */
#ifndef DISPLAY_SAY_H
#define DISPLAY_SAY_H

#include <stdbool.h>

/* "zoe-display: error: …". Always printed. */
void say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "zoe-display: …". Not printed after say_quietly(true). */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

void say_quietly(bool quiet);

#endif
