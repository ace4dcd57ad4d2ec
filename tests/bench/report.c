/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <zoetrope/pool.h>

#include "program/json_line.h"

#define CELL_BYTES 64

struct report {
	const char *bench;
	const struct report_column *columns;
	size_t n_columns, n_rows;
	struct report_row *rows;
	json_t *about, *notes;
};

struct report *report_create(const char *bench, const struct report_column *columns, size_t n_columns)
{
	struct report *report = calloc(1, sizeof(*report));
	if (!report)
		return NULL;
	*report = (struct report){ bench, columns, n_columns, 0, NULL, json_object(), json_array() };
	if (!report->about || !report->notes || n_columns > REPORT_MAX_COLUMNS)
		report_destroy(&report);
	return report;
}

void report_destroy(struct report **report)
{
	if (!*report)
		return;
	json_decref((*report)->about);
	json_decref((*report)->notes);
	free((*report)->rows);
	free(*report);
	*report = NULL;
}

struct report_row *report_row(struct report *report, const char *format, ...)
{
	struct report_row *rows = realloc(report->rows, (report->n_rows + 1) * sizeof(*rows));
	if (!rows)
		return NULL;
	report->rows = rows;
	struct report_row *row = &rows[report->n_rows++];
	for (size_t i = 0; i < REPORT_MAX_COLUMNS; i++)
		row->cells[i] = stats_of(NULL, 0);
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(row->name, sizeof(row->name), format, arguments);
	va_end(arguments);
	return row;
}

void report_about(struct report *report, const char *key, json_t *value)
{
	json_object_set_new(report->about, key, value);
}

void report_note(struct report *report, const char *format, ...)
{
	char text[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	json_array_append_new(report->notes, zi_json_text(text));
}

/* Text */

static void format_cell(char text[CELL_BYTES], const struct report_column *column, const struct stats *stats)
{
	int n = column->decimals;
	if (isnan(stats->median))
		snprintf(text, CELL_BYTES, "-");
	else if (n == REPORT_YES_NO)
		snprintf(text, CELL_BYTES, "%s", stats->median > 0 ? "yes" : "no");
	else if (column->spread && stats->n > 1)
		snprintf(text, CELL_BYTES, "%.*f [%.*f %.*f]", n, stats->median, n, stats->q1, n, stats->q3);
	else
		snprintf(text, CELL_BYTES, "%.*f", n, stats->median);
}

/* Columns that UTF-8 text takes on a terminal: continuation bytes take none. */
static int width_of(const char *text)
{
	int width = 0;
	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static int column_width(const struct report *report, size_t column)
{
	char text[CELL_BYTES];
	int width = width_of(report->columns[column].title);
	for (size_t i = 0; i < report->n_rows; i++) {
		format_cell(text, &report->columns[column], &report->rows[i].cells[column]);
		width = width_of(text) > width ? width_of(text) : width;
	}
	return width;
}

/* Names to the left, figures to the right. */
static void print_line(const struct report *report, FILE *out, const struct report_row *row, int name_width,
	const int *widths)
{
	const char *name = row ? row->name : "";
	fprintf(out, "%s%*s", name, name_width - width_of(name), "");
	for (size_t i = 0; i < report->n_columns; i++) {
		char text[CELL_BYTES];
		if (!report->columns[i].title)
			continue;
		if (row)
			format_cell(text, &report->columns[i], &row->cells[i]);
		else
			snprintf(text, sizeof(text), "%s", report->columns[i].title);
		fprintf(out, "  %*s%s", widths[i] - width_of(text), "", text);
	}
	fputc('\n', out);
}

static void print_text(const struct report *report, FILE *out)
{
	int widths[REPORT_MAX_COLUMNS] = { 0 }, name_width = 0;
	size_t i;
	json_t *note;
	for (i = 0; i < report->n_columns; i++)
		widths[i] = report->columns[i].title ? column_width(report, i) : 0;
	for (i = 0; i < report->n_rows; i++)
		name_width = width_of(report->rows[i].name) > name_width ? width_of(report->rows[i].name) : name_width;
	print_line(report, out, NULL, name_width, widths);
	for (i = 0; i < report->n_rows; i++)
		print_line(report, out, &report->rows[i], name_width, widths);
	json_array_foreach(report->notes, i, note)
		fprintf(out, "%s\n", json_string_value(note));
}

/* JSON. JSON has no NAN. */

static json_t *json_number_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_cell(const struct report_column *column, const struct stats *stats)
{
	if (column->decimals == REPORT_YES_NO && stats->n > 0)
		return json_boolean(stats->median > 0);
	if (!column->runs)
		return json_number_or_null(stats->median);
	if (stats->n == 0)
		return json_null();
	return json_pack("{so so so so so sI}", "median", json_number_or_null(stats->median), "q1",
		json_number_or_null(stats->q1), "q3", json_number_or_null(stats->q3), "min",
		json_number_or_null(stats->min), "max", json_number_or_null(stats->max), "runs", (json_int_t)stats->n);
}

static json_t *json_row(const struct report *report, const struct report_row *row)
{
	json_t *object = json_pack("{ss}", "name", row->name);
	for (size_t i = 0; object && i < report->n_columns; i++)
		json_object_set_new(object, report->columns[i].key, json_cell(&report->columns[i], &row->cells[i]));
	return object;
}

static int print_json(const struct report *report, FILE *out)
{
	json_t *rows = json_array();
	for (size_t i = 0; rows && i < report->n_rows; i++)
		json_array_append_new(rows, json_row(report, &report->rows[i]));
	json_t *whole = json_pack("{ss ss sO so sO}", "bench", report->bench, "version", zoe_version(), "about",
		report->about, "rows", rows, "notes", report->notes);
	return zi_json_line(out, whole, 9);
}

/* CSV. Names have no quotes in them. */

static void print_csv(const struct report *report, FILE *out)
{
	static const char *const parts[] = { "", "_q1", "_q3", "_min", "_max" };
	fputs("name", out);
	for (size_t i = 0; i < report->n_columns; i++)
		for (size_t part = 0; part < (report->columns[i].runs ? 5 : 1); part++)
			fprintf(out, ",%s%s", report->columns[i].key, parts[part]);
	fputc('\n', out);
	for (size_t r = 0; r < report->n_rows; r++) {
		fprintf(out, "\"%s\"", report->rows[r].name);
		for (size_t i = 0; i < report->n_columns; i++) {
			const struct stats *stats = &report->rows[r].cells[i];
			double values[] = { stats->median, stats->q1, stats->q3, stats->min, stats->max };
			for (size_t part = 0; part < (report->columns[i].runs ? 5 : 1); part++)
				isfinite(values[part]) ? fprintf(out, ",%.9g", values[part]) : fputs(",", out);
		}
		fputc('\n', out);
	}
}

int report_print(const struct report *report, const struct report_form *form, FILE *out)
{
	if (form->json)
		return print_json(report, out);
	if (form->csv)
		print_csv(report, out);
	else
		print_text(report, out);
	return 0;
}
