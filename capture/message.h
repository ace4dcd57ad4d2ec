/* SPDX-License-Identifier: BSD-2-Clause */
/* What zoe-capture says on standard error, and what FFmpeg's libraries may say. */
#ifndef CAPTURE_MESSAGE_H
#define CAPTURE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

/* quiet: errors only. verbose: FFmpeg's own messages too. */
void message_init(bool quiet, bool verbose);

/* "zoe-capture: …" unless quiet. Any thread. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "zoe-capture: error: …". Any thread. */
void say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Rewrite the terminal's last line, which the next message ends. */
void say_progress(const char *line);

/* Is there a terminal for a progress line? */
bool message_has_progress(void);

/* The last error that FFmpeg's libraries logged, "" if none; then forget it. */
void message_take_av_error(char *into, size_t n_bytes);

/* Has the Matroska demuxer, which treats it as any other end, logged that the file is cut? */
bool message_saw_cut_file(void);

#endif
