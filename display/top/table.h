/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in columns, onto paper or a screen. */
#ifndef TOP_TABLE_H
#define TOP_TABLE_H

#include <stdbool.h>
#include <stdio.h>

enum top_style { TOP_PLAIN, TOP_HEADING, TOP_ALARM, TOP_NOTE /* a line of its own, no cell */ };

/* Where text goes, from left to right and line by line. The struct of an implementation begins with this one. */
struct top_canvas {
	void (*text)(struct top_canvas *canvas, enum top_style style, const char *text);
	void (*end_line)(struct top_canvas *canvas);
};

/* Lines on a stream, all in one style. */
struct top_paper {
	struct top_canvas canvas;
	FILE *stream;
};
struct top_paper top_paper(FILE *stream);

struct top_column {
	const char *title;
	bool to_the_right;
};

#define TOP_MAX_COLUMNS 20

/* Rows are added, then all is printed, columns as wide as needed. Only printing tells that memory ran out. */
struct top_table;
struct top_table *top_table_create(const struct top_column *columns, int n_columns);
void top_table_destroy(struct top_table **table);

/* A row of dashes, into which put() puts what is known; or a line of text instead of cells. */
void top_table_row(struct top_table *table);
void top_table_put(struct top_table *table, int column, const char *format, ...) __attribute__((format(printf, 3, 4)));
void top_table_line(struct top_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Make this cell of the last row an alarm. */
void top_table_alarm(struct top_table *table, int column);

/* 0 or -ENOMEM: something is missing. A table that could not even be created is NULL here. */
int top_table_print(const struct top_table *table, struct top_canvas *canvas);

#endif
