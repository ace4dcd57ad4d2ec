/* SPDX-License-Identifier: BSD-2-Clause */
/* An input that ends before its own end. */
#ifndef CAPTURE_INPUT_END_H
#define CAPTURE_INPUT_END_H

#include <stdbool.h>
#include <stddef.h>

struct input;

/* Of an input that has been read to its end, and is not read again: true when something is missing, and `why` says what. */
bool input_is_cut(struct input *input, char *why, size_t n_bytes);

#endif
