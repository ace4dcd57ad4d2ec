/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON Lines: one object a line, each line written out at once and whole. */
#ifndef ZI_JSON_LINE_H
#define ZI_JSON_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

/* An object, and how many digits its real numbers have (0: all that tell doubles apart). */
struct zi_json_part {
	json_t *object;
	unsigned digits;
};

/*
 * Print the object as a line and flush it. Takes the reference, also after an error, so that
 * a constructor can stand in the call. Errors: -ENOMEM, also where the object is NULL; the
 * stream's, such as -ENOSPC or -EPIPE.
 */
int zi_json_line(FILE *stream, json_t *object, unsigned digits);

/*
 * A string from text that may be any bytes: those that are no UTF-8 become U+FFFD, so that no
 * line is lost for one. NULL: no memory.
 */
json_t *zi_json_text(const char *text);

/* The same, and null for the empty text. */
json_t *zi_json_text_or_null(const char *text);

/* A number that is known, or null. */
json_t *zi_json_real_if(bool known, double value);
json_t *zi_json_integer_if(bool known, json_int_t value);

/* The same with the members of all these objects in one. */
int zi_json_line_of(FILE *stream, const struct zi_json_part *parts, size_t n_parts);

#endif
