/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker posts as fast as it can and is killed again and again, wherever it is just
 * then; who reads its results gets each one whole or not at all.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "support/child.h"
#include "support/frame.h"
#include "support/name.h"

#define LIVES 60
#define MARKS 200

static char name[ZOE_NAME_BYTES];

static int die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, zoe_error());
	exit(1);
}

/* All that it posts carries one number, in every mark and in the text. */
static void post_for_ever(void)
{
	static struct zoe_mark marks[MARKS];
	struct zoe_reader *reader;
	const struct zoe_frame *frame;
	char json[4000];

	if (zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(10000)) ||
		zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(10000)))
		die("worker");
	for (int64_t n = 1;; n++) {
		uint32_t n_marks = (uint32_t)(n % MARKS) + 1;
		for (uint32_t i = 0; i < n_marks; i++)
			marks[i] = (struct zoe_mark){ .id = n, .x = (float)i / MARKS };
		memset(json, 'a' + (int)(n % 26), sizeof(json) - 1);
		json[(size_t)(n % 3999) + 1] = '\0';
		if (zoe_reader_post(reader, frame, marks, n_marks, json))
			die("post");
	}
}

static int is_whole(const struct zoe_result *result)
{
	int64_t n = result->n_marks ? result->marks[0].id : 0;

	if (n == 0 || result->n_marks != (uint32_t)(n % MARKS) + 1 || strlen(result->json) != (size_t)(n % 3999) + 1)
		return 0;
	for (uint32_t i = 0; i < result->n_marks; i++)
		if (result->marks[i].id != n)
			return 0;
	return strspn(result->json, (char[]){ (char)('a' + (int)(n % 26)), '\0' }) == strlen(result->json);
}

int main(void)
{
	const struct zoe_writer_options options = { .slot_bytes = 4096 };
	struct zoe_writer *writer;
	struct zoe_results *results;
	const struct zoe_result *result;
	unsigned long whole = 0, torn = 0, silent = 0;

	own_pool_name(name, "test-results");
	if (zoe_writer_create(&writer, name, &options) || publish_gray(writer, 64, 64, 0) ||
		zoe_results_open(&results, name, ZOE_POLL))
		die("setup");
	for (int life = 0; life < LIVES; life++) {
		pid_t worker = child_fork();
		if (worker == 0)
			post_for_ever();
		/* A life lasts a little longer each time, and always until it was heard. */
		int64_t until = 0;
		unsigned long heard = 0;
		do {
			if (zoe_results_next(results, &result, zoe_deadline_in_ms(10000))) {
				silent++;
				break;
			}
			if (is_whole(result))
				whole++;
			else
				torn++;
			heard++;
			if (!until)
				until = zoe_now_ns() + life * 300000;
		} while (zoe_now_ns() < until);
		child_kill(&worker);
		if (!heard)
			break;
	}
	zoe_results_close(&results);
	zoe_writer_destroy(&writer);
	printf("lives=%d whole=%lu torn=%lu silent=%lu\n", LIVES, whole, torn, silent);
	return torn > 0 || silent > 0 || whole < LIVES;
}
