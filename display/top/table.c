/* SPDX-License-Identifier: BSD-2-Clause */
#include "table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define CELL_BYTES 168
#define GAP "  "

struct row {
	struct row *next;
	bool is_line;    /* cell[0] is all of it */
	unsigned alarms; /* a bit for each column */
	char cell[TOP_MAX_COLUMNS][CELL_BYTES];
};

struct top_table {
	const struct top_column *columns;
	int n_columns;
	struct row *first, *last;
	bool incomplete;
};

struct top_table *top_table_create(const struct top_column *columns, int n_columns)
{
	struct top_table *table = calloc(1, sizeof(*table));

	if (table) {
		table->columns = columns;
		table->n_columns = n_columns;
	}
	return table;
}

/* NULL without memory: the row is dropped with all its cells. */
static struct row *add_row(struct top_table *table)
{
	struct row *row = table ? calloc(1, sizeof(*row)) : NULL;

	if (!row) {
		if (table)
			table->incomplete = true;
		return NULL;
	}
	if (table->last)
		table->last->next = row;
	else
		table->first = row;
	table->last = row;
	return row;
}

void top_table_row(struct top_table *table)
{
	struct row *row = add_row(table);

	for (int i = 0; row && i < table->n_columns; i++)
		strcpy(row->cell[i], "-");
}

static void write_cell(struct top_table *table, int column, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

static void write_cell(struct top_table *table, int column, const char *format, va_list arguments)
{
	if (table && table->last && !table->incomplete)
		vsnprintf(table->last->cell[column], CELL_BYTES, format, arguments);
}

void top_table_put(struct top_table *table, int column, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_cell(table, column, format, arguments);
	va_end(arguments);
}

void top_table_alarm(struct top_table *table, int column)
{
	if (table && table->last && !table->incomplete)
		table->last->alarms |= 1U << column;
}

void top_table_line(struct top_table *table, const char *format, ...)
{
	struct row *row = add_row(table);
	va_list arguments;

	if (!row)
		return;
	row->is_line = true;
	va_start(arguments, format);
	write_cell(table, 0, format, arguments);
	va_end(arguments);
}

static void measure(const struct top_table *table, int *widths)
{
	for (int i = 0; i < table->n_columns; i++)
		widths[i] = (int)strlen(table->columns[i].title);
	for (const struct row *row = table->first; row; row = row->next)
		for (int i = 0; !row->is_line && i < table->n_columns; i++)
			if ((int)strlen(row->cell[i]) > widths[i])
				widths[i] = (int)strlen(row->cell[i]);
}

/* A last column that is aligned to the left is not padded. */
static void print_cell(const struct top_table *table, int column, const char *text, int width, enum top_style style,
	struct top_canvas *canvas)
{
	char padded[CELL_BYTES + 8];
	bool last = column == table->n_columns - 1;

	if (table->columns[column].to_the_right)
		snprintf(padded, sizeof(padded), "%*s", width, text);
	else
		snprintf(padded, sizeof(padded), "%-*s", last ? 0 : width, text);
	canvas->text(canvas, style, padded);
	if (last)
		canvas->end_line(canvas);
	else
		canvas->text(canvas, style == TOP_HEADING ? style : TOP_PLAIN, GAP);
}

int top_table_print(const struct top_table *table, struct top_canvas *canvas)
{
	int widths[TOP_MAX_COLUMNS] = { 0 };

	if (!table)
		return -ENOMEM;
	measure(table, widths);
	for (int i = 0; i < table->n_columns; i++)
		print_cell(table, i, table->columns[i].title, widths[i], TOP_HEADING, canvas);
	for (const struct row *row = table->first; row; row = row->next) {
		if (row->is_line) {
			canvas->text(canvas, TOP_NOTE, row->cell[0]);
			canvas->end_line(canvas);
			continue;
		}
		for (int i = 0; i < table->n_columns; i++)
			print_cell(table, i, row->cell[i], widths[i], row->alarms >> i & 1 ? TOP_ALARM : TOP_PLAIN,
				canvas);
	}
	return table->incomplete ? -ENOMEM : 0;
}

void top_table_destroy(struct top_table **pointer)
{
	struct top_table *table = *pointer;

	*pointer = NULL;
	while (table && table->first) {
		struct row *row = table->first;

		table->first = row->next;
		free(row);
	}
	free(table);
}

static void write_text(struct top_canvas *canvas, enum top_style style, const char *text)
{
	(void)style;
	fputs(text, ((struct top_paper *)canvas)->stream);
}

static void write_end(struct top_canvas *canvas)
{
	putc('\n', ((struct top_paper *)canvas)->stream);
}

struct top_paper top_paper(FILE *stream)
{
	return (struct top_paper){ { write_text, write_end }, stream };
}
