/* SPDX-License-Identifier: BSD-2-Clause */
/* The table: a row for each pool, and below it a line for each of its readers. */
#include "top.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL_BYTES 80

enum column { NAME, EPOCH, STATE, WRITER, FORMAT, SIZE, RATE, FRAMES, SLOTS, MEMORY, READERS, N_COLUMNS };

static const struct {
	const char *title;
	bool to_the_right;
} columns[N_COLUMNS] = {
	[NAME] = { "NAME", false },
	[EPOCH] = { "EPOCH", false },
	[STATE] = { "STATE", false },
	[WRITER] = { "WRITER", false },
	[FORMAT] = { "FORMAT", false },
	[SIZE] = { "SIZE", true },
	[RATE] = { "FPS", true },
	[FRAMES] = { "FRAMES", true },
	[SLOTS] = { "SLOTS", true },
	[MEMORY] = { "MEMORY", true },
	[READERS] = { "READERS", true },
};

/* A pool's cells, or a line that stands below them. */
struct row {
	struct row *next;
	char cell[N_COLUMNS][CELL_BYTES];
	char line[512];
};

struct top_table {
	struct row *first, **end;
};

struct top_table *top_table_create(void)
{
	struct top_table *table = calloc(1, sizeof(*table));

	if (table)
		table->end = &table->first;
	return table;
}

static struct row *add_row(struct top_table *table)
{
	struct row *row = calloc(1, sizeof(*row));

	if (!row)
		return NULL;
	*table->end = row;
	table->end = &row->next;
	return row;
}

static void put(struct row *row, enum column column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void put(struct row *row, enum column column, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(row->cell[column], CELL_BYTES, format, arguments);
	va_end(arguments);
}

/* What stays unknown of a pool that could not be looked at is a dash. */
static void put_known(struct row *row, const struct zoe_pool_info *info)
{
	char text[64];

	/* Half of the number is enough to tell two lives apart. */
	put(row, EPOCH, "%08" PRIx32, (uint32_t)(info->epoch >> 32));
	top_program(text, sizeof(text), info);
	put(row, WRITER, "%u%s%s", info->writer_pid, text[0] ? " " : "", text);
	if (info->stream.format[0]) {
		top_printable(text, sizeof(text), info->stream.format);
		put(row, FORMAT, "%s", text);
	}
	if (info->stream.width_px)
		put(row, SIZE, "%ux%u", info->stream.width_px, info->stream.height_px);
	if (info->frames_per_s > 0)
		put(row, RATE, "%.1f", info->frames_per_s);
	put(row, FRAMES, "%" PRIu64, info->published);
	put(row, SLOTS, "%u/%u", info->n_slots, info->max_slots);
	if (!info->readers_error)
		put(row, READERS, "%u/%u", info->n_readers, info->max_seats);
}

static int add_reader(struct top_table *table, const struct zoe_reader_info *reader)
{
	char label[ZOE_LABEL_BYTES], policy[160], withheld[48] = "", posted[48] = "";
	struct row *row = add_row(table);

	if (!row)
		return -ENOMEM;
	top_printable(label, sizeof(label), reader->label);
	top_policy_in_full(policy, sizeof(policy), reader);
	if (reader->withheld)
		snprintf(withheld, sizeof(withheld), ", withheld %" PRIu64, reader->withheld);
	if (reader->posted)
		snprintf(posted, sizeof(posted), ", posted %" PRIu64, reader->posted);
	snprintf(row->line, sizeof(row->line), "  %s (%u): %s; holds %u of %u, %u of %u waiting, received %" PRIu64
		", displaced %" PRIu64 "%s%s%s", label, reader->pid, policy, reader->n_held, reader->hold,
		reader->n_waiting, reader->depth, reader->received, reader->displaced, withheld, posted,
		reader->alive ? "" : ", dead");
	return 0;
}

int top_table_add(struct top_table *table, const struct zoe_pool_info *info)
{
	struct row *row = add_row(table);

	if (!row)
		return -ENOMEM;
	for (int i = 0; i < N_COLUMNS; i++)
		put(row, (enum column)i, "-");
	put(row, NAME, "%s", info->name);
	put(row, STATE, "%s", top_state(info));
	if (info->shm_bytes)
		top_bytes(row->cell[MEMORY], CELL_BYTES, info->shm_bytes);
	if (!info->error)
		put_known(row, info);
	if (info->why) {
		row = add_row(table);
		if (!row)
			return -ENOMEM;
		snprintf(row->line, sizeof(row->line), "  %s", info->why);
	}
	for (uint32_t i = 0; i < info->n_readers; i++)
		if (add_reader(table, &info->readers[i]))
			return -ENOMEM;
	return 0;
}

/* The last column, or one to the left, ends without padding. */
static void print_cell(int column, const char *text, int width)
{
	if (columns[column].to_the_right)
		printf("%*s", width, text);
	else
		printf("%-*s", width, text);
	printf(column == N_COLUMNS - 1 ? "\n" : "  ");
}

void top_table_print(const struct top_table *table)
{
	int widths[N_COLUMNS];

	for (int i = 0; i < N_COLUMNS; i++) {
		widths[i] = (int)strlen(columns[i].title);
		for (const struct row *row = table->first; row; row = row->next)
			if ((int)strlen(row->cell[i]) > widths[i])
				widths[i] = (int)strlen(row->cell[i]);
	}
	for (int i = 0; i < N_COLUMNS; i++)
		print_cell(i, columns[i].title, widths[i]);
	for (const struct row *row = table->first; row; row = row->next) {
		if (row->line[0]) {
			puts(row->line);
			continue;
		}
		for (int i = 0; i < N_COLUMNS; i++)
			print_cell(i, row->cell[i], widths[i]);
	}
}

void top_table_destroy(struct top_table **pointer)
{
	struct top_table *table = *pointer;

	*pointer = NULL;
	if (!table)
		return;
	while (table->first) {
		struct row *row = table->first;

		table->first = row->next;
		free(row);
	}
	free(table);
}
