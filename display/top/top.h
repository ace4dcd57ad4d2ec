/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-top: what it is told to do, and how pools look as text. */
#ifndef TOP_H
#define TOP_H

#include <stdbool.h>
#include <stddef.h>

#include <zoetrope/list.h>

struct top_settings {
	bool list, clean, json;
	const char *name;               /* this pool alone; NULL: all */
};

/* One word for a pool's state. */
const char *top_state(const struct zoe_pool_info *info);

/* Copy text that somebody else wrote, with '?' for all that is not printable ASCII. */
void top_printable(char *to, size_t bytes, const char *text);

/* The name of the writer's program, or "" where it cannot be learned. */
void top_program(char *to, size_t bytes, const struct zoe_pool_info *info);

/* A reader's policy in one word, and with all that belongs to it: "queue 4, every 2, group people". */
const char *top_policy(const struct zoe_reader_info *reader);
void top_policy_in_full(char *to, size_t bytes, const struct zoe_reader_info *reader);

/* "23.7 MiB" */
void top_bytes(char *to, size_t bytes, uint64_t value);

/* The table, row by row: add pools, then print all of it with columns as wide as needed. */
struct top_table;
struct top_table *top_table_create(void);
int top_table_add(struct top_table *table, const struct zoe_pool_info *info);
void top_table_print(const struct top_table *table);
void top_table_destroy(struct top_table **table);

/* One line of JSON on stdout. 0 or -ENOMEM. */
int top_json_pool(const struct zoe_pool_info *info);
int top_json_cleaned(const char *name, const struct zoe_cleaned *cleaned);

#endif
