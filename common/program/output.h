/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program prints on standard output, when it could not be written: one line, and exit 1. */
#ifndef ZI_OUTPUT_H
#define ZI_OUTPUT_H

/*
 * Open the standard streams that are closed, so that nothing else gets their numbers: reading
 * standard input is at its end, writing the others fails. Before other files are opened.
 */
void zi_output_init(void);

/* Write out what is buffered. 0, or 1 after having said that something could not be written. */
int zi_output_finish(void);

/* Say that standard output could not be written, and why (a negative errno). Returns 1. */
int zi_output_fail(int error);

#endif
