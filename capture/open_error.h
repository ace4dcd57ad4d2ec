/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong when an input cannot be opened, and what helps: of its name, and of the AVERROR. */
#ifndef CAPTURE_OPEN_ERROR_H
#define CAPTURE_OPEN_ERROR_H

#include <stdbool.h>

/* True where a part of the password is in what FFmpeg says, since it takes that for the host. */
bool open_error_hides_detail(const char *name);

/* Better words than FFmpeg's; NULL: there are none. */
const char *open_error_words(const char *name, int error);

/* What helps. */
const char *open_error_hint(const char *name, int error);

/* False for what the user has to mend first, */
bool open_error_may_pass(const char *name, int error);

/* and true where that is on the command line, so that waiting never helps. */
bool open_error_is_mistake(const char *name, int error);

#endif
