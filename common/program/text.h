/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text that somebody else wrote (names of files, labels, formats, error texts), made fit for
 * where it goes. It may be any bytes.
 */
#ifndef ZI_TEXT_H
#define ZI_TEXT_H

#include <stddef.h>

/*
 * The same as UTF-8, with U+FFFD for each byte that is none: overlong forms, surrogates and a
 * character that was cut are none, too. The caller's to free(). NULL: no memory.
 */
char *zi_text_utf8(const char *text);

/*
 * Copy as much as `bytes` has room for, so that a terminal does nothing but show it: what is no UTF-8, and control
 * characters (C0, DEL and C1, whatever line ends and escape sequences are made of), as \xNN, byte by byte.
 */
void zi_text_shown(char *to, size_t bytes, const char *text);

/* Copy as much as `bytes` has room for, with a question mark for each byte that is not printable ASCII. */
void zi_text_printable(char *to, size_t bytes, const char *text);

#endif
