/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-top: its settings, and the views of a snapshot. */
#ifndef TOP_H
#define TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <zoetrope/list.h>

#include "endpoint.h"
#include "snapshot.h"
#include "table.h"

struct top_settings {
	bool list, clean, json, batch;
	const char *prometheus; /* the file, "-" is stdout; NULL: none */
	struct top_endpoint listen;
	int64_t delay_ns;
	uint32_t iterations; /* 0: no end */
	const char *name;    /* this pool alone; NULL: all */
};

#define TOP_DELAY_NS INT64_C(1000000000)
#define TOP_SHORTEST_DELAY_NS INT64_C(20000000)

/* Say why a snapshot failed; returns 1, the exit status. */
int top_snapshot_complain(int error);

/* Remove what dead writers left. The exit status. */
int top_clean(const struct top_settings *settings);

/*
 * Serve the metrics to whoever asks over HTTP, until somebody asks to stop. The exit status, 1 also where
 * zoe-top was built without libmicrohttpd.
 */
int top_listen(const struct top_settings *settings);

/*
 * The live table, until the user has enough of it. The exit status, or -ENOTSUP: this is not
 * a terminal that can show it, or zoe-top was built without ncurses; *why says it.
 */
int top_screen(const struct top_settings *settings, const char **why);

/* From now on SIGINT and the like are no sudden death, but what ends top_wait(). 0, or 1 having said why not. */
int top_wait_prepare(void);

enum top_wake { TOP_WAKE_TIME, TOP_WAKE_INPUT, TOP_WAKE_RESIZED, TOP_WAKE_END };

/* Sleep until deadline_ns (monotonic), or until something can be read from fd (-1: nothing). */
enum top_wake top_wait(int64_t deadline_ns, int fd);

/* Words. A pool's state, mailbox and condition variable; both of these in one: "mutex+futex". */
const char *top_state(const struct zoe_pool_info *info);
const char *top_mailbox(const struct zoe_pool_info *info);
const char *top_cond(const struct zoe_pool_info *info);
const char *top_sync(const struct zoe_pool_info *info);

/* The name of the writer's program, or "" where it cannot be learned. */
void top_program(char *to, size_t bytes, const struct zoe_pool_info *info);

/* The user whose pool it is, by name or else number; "" where that is not known. */
void top_owner(char *to, size_t bytes, const struct zoe_pool_info *info);

/* A reader's policy in one word, and with all that belongs to it: "queue 4, every 2, group people". */
const char *top_policy(const struct zoe_reader_info *reader);
void top_policy_in_full(char *to, size_t bytes, const struct zoe_reader_info *reader);

/*
 * False: whether it lives is not known. Nobody frees the seats of a dead writer's pool, in which those who left it
 * for the next one look like those who died.
 */
bool top_alive_known(const struct zoe_pool_info *pool, const struct zoe_reader_info *reader);

/* How long the frame under way has waited for a lossless reader. */
double top_waited_s(const struct top_pool *pool);

/* "23.7 MiB"; "5.94us", "33.4ms" */
void top_bytes(char *to, size_t bytes, uint64_t value);
void top_duration(char *to, size_t bytes, int64_t ns);

/* The views. A snapshot as tables; in one line; as JSON, a line for each pool. 0 or -ENOMEM, or of JSON zi_json_line()'s errors. */
int top_view_tables(const struct top_snapshot *snapshot, bool hide_idle, struct top_canvas *canvas);
void top_view_summary(char *to, size_t bytes, const struct top_snapshot *snapshot);
int top_json(const struct top_snapshot *snapshot, FILE *stream);
int top_json_cleaned(const char *name, const struct zoe_cleaned *cleaned);
int top_json_serving(const char *url);

/* In the Prometheus text format; into a file, which is whole at any time. 0 or a negative errno. */
void top_prometheus(const struct top_snapshot *snapshot, FILE *stream);
int top_prometheus_file(const struct top_snapshot *snapshot, const char *path);

#endif
