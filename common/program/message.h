/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program says on standard error: whole lines that begin with its name, and, where
 * that is a terminal, one line of progress that is written over. Any thread may say
 * something at any time; lines of several threads or programs do not mix.
 */
#ifndef ZI_MESSAGE_H
#define ZI_MESSAGE_H

#include <stdbool.h>

/*
 * The name that messages begin with (not copied), and whether all but errors are kept back.
 * Before other threads are made. Without it the name is that of the executable.
 */
void zi_message_init(const char *program, bool quiet);

/* "PROGRAM: …", unless quiet. */
void zi_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "PROGRAM: error: …", always. Returns 1, the exit status of a run that failed. */
int zi_message_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same in the name of a part of the program ("zoe-bench decode"), before zi_message_init() or after. */
int zi_message_error_of(const char *program, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* True when progress can be shown: at zi_message_init() standard error was a terminal, and it is not quiet. */
bool zi_message_has_progress(void);

/* Write over the line of progress. It stays unfinished: the next message begins a line of its own. */
void zi_message_progress(const char *line);

#endif
