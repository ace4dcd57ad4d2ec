/* SPDX-License-Identifier: BSD-2-Clause */
/* What was measured, as a table for people (aligned text) or for machines (JSON, CSV). */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "stats.h"

#define REPORT_MAX_COLUMNS 24
#define REPORT_NAME_BYTES 96
#define REPORT_YES_NO (-1) /* a figure of 1 is yes (in JSON true), 0 no (false) */

/* The options --json and --csv of a subcommand; neither: text. */
struct report_form {
	bool json, csv;
};

struct report_column {
	const char *key;   /* in JSON and CSV: "p50_us" */
	const char *title; /* over the column of the text: "p50 µs"; NULL: for machines only */
	int decimals;      /* or REPORT_YES_NO */
	bool runs;         /* of several runs: JSON and CSV give all of struct stats, not the median alone */
	bool spread;       /* text adds the middle half: 6.1 [5.9 6.4] */
};

/* A row: what was measured and, for each column, the figure; NAN for what was not. */
struct report_row {
	char name[REPORT_NAME_BYTES];
	struct stats cells[REPORT_MAX_COLUMNS];
};

/*
 * bench is the subcommand's name. columns are the caller's and stay. NULL on no memory; the
 * same goes for a row.
 */
struct report;
struct report *report_create(const char *bench, const struct report_column *columns, size_t n_columns);
void report_destroy(struct report **report);

/* Another row, each figure NAN. Valid until the next row is added. */
struct report_row *report_row(struct report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How it was measured: a JSON object's members ("fps", 500); takes the value. JSON alone prints it. */
void report_about(struct report *report, const char *key, json_t *value);

/* A sentence under the table: the headline ratio, or what was not as it should be. JSON has it in "notes". */
void report_note(struct report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Text: the table and the notes. JSON: one object {"bench", "about", "rows", "notes"}, on one line; a figure
 * that was not measured is null. CSV: a line of keys and a line for each row. Returns 0 or -1 (no memory).
 */
int report_print(const struct report *report, const struct report_form *form, FILE *out);

#endif
