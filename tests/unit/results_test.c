/* SPDX-License-Identifier: BSD-2-Clause */
/* Results: posted on a seat's board, read by everybody; stray writes and deaths on it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/reader/state.h"
#include "pool/system/clock.h"
#include "support/frame.h"
#include "support/name.h"

static char name[ZOE_NAME_BYTES];
static struct zoe_writer *writer;
static struct zoe_reader *reader;
static struct zoe_results *results;
static const struct zoe_frame *frame;
static const struct zoe_result *result;

static const struct zoe_mark box = {
	.kind = ZOE_MARK_BOX,
	.score = 0.5f,
	.x = 0.25f,
	.y = 0.5f,
	.width = 0.5f,
	.height = 0.25f,
	.id = 7,
	.label = "person",
};

static void publish(void)
{
	cr_assert(publish_gray(writer, 64, 64, 0) == 0, "%s", zoe_error());
}

static void create(void)
{
	const struct zoe_writer_options options = { .slot_bytes = 4096 };
	cr_assert(zoe_writer_create(&writer, name, &options) == 0, "%s", zoe_error());
	publish();
}

static void begin(void)
{
	const struct zoe_reader_options options = { .label = "worker" };
	own_pool_name(name, "results");
	create();
	cr_assert(zoe_reader_attach(&reader, name, &options, ZOE_POLL) == 0, "%s", zoe_error());
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	cr_assert(zoe_results_open(&results, name, ZOE_POLL) == 0, "%s", zoe_error());
}

static void end(void)
{
	zoe_results_close(&results);
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&writer);
}

TestSuite(results, .init = begin, .fini = end, .timeout = 30);

static void expect(uint64_t seq, const char *json)
{
	cr_assert(zoe_results_next(results, &result, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	cr_assert(result->seq == seq && strcmp(result->json, json) == 0, "seq %d json %s", (int)result->seq,
		result->json);
}

static void expect_none(void)
{
	cr_assert(zoe_results_next(results, &result, ZOE_POLL) == -EAGAIN);
}

Test(results, comes_as_it_was_posted)
{
	expect_none();
	cr_assert(zoe_reader_post(reader, frame, &box, 1, "{\"n\":1}") == 0, "%s", zoe_error());
	expect(1, "{\"n\":1}");
	cr_assert(result->n_marks == 1 && memcmp(result->marks, &box, sizeof(box)) == 0);
	cr_assert(strcmp(result->worker, "worker") == 0 && result->number == 1 && result->epoch == frame->epoch);
	cr_assert(result->posted_ns <= zoe_now_ns() && result->posted_ns > zoe_now_ns() - 5000000000);
	expect_none();
}

/* Nothing seen is news, too; and a result may be posted after the frame was returned. */
Test(results, nothing_seen_in_a_released_frame)
{
	struct zoe_frame copy = *frame;
	zoe_reader_release(reader, frame);
	cr_assert(zoe_reader_post(reader, &copy, NULL, 0, NULL) == 0, "%s", zoe_error());
	expect(1, "");
	cr_assert(result->n_marks == 0);
}

Test(results, three_wait_and_the_oldest_go)
{
	char json[8];
	for (int i = 1; i <= 5; i++) {
		snprintf(json, sizeof(json), "%d", i);
		cr_assert(zoe_reader_post(reader, frame, NULL, 0, json) == 0, "%s", zoe_error());
	}
	expect(1, "3");
	expect(1, "4");
	expect(1, "5");
	expect_none();
	cr_assert(result == NULL);
}

Test(results, as_large_as_may_be)
{
	static struct zoe_mark marks[ZOE_MAX_MARKS + 1];
	static char json[ZOE_MAX_JSON_BYTES + 1];
	memset(json, 'x', ZOE_MAX_JSON_BYTES - 1);
	for (int i = 0; i <= ZOE_MAX_MARKS; i++)
		marks[i] = box;
	cr_assert(zoe_reader_post(reader, frame, marks, ZOE_MAX_MARKS, json) == 0, "%s", zoe_error());
	expect(1, json);
	cr_assert(result->n_marks == ZOE_MAX_MARKS &&
		memcmp(result->marks, marks, sizeof(marks) - sizeof(marks[0])) == 0);
	cr_assert(zoe_reader_post(reader, frame, marks, ZOE_MAX_MARKS + 1, NULL) == -EINVAL);
	json[ZOE_MAX_JSON_BYTES - 1] = 'x';
	cr_assert(zoe_reader_post(reader, frame, NULL, 0, json) == -EINVAL);
}

static const struct zoe_mark wrong[] = {
	{ .kind = 4 },
	{ .score = 1.5f },
	{ .score = -0.5f },
	{ .score = NAN },
	{ .x = 100, .y = 50 },
	{ .x = NAN },
	{ .width = -0.1f },
	{ .x = 1.5f, .width = 1 },
	{ .height = INFINITY },
	{ .kind = ZOE_MARK_POINT, .y = -2 },
	{ .kind = ZOE_MARK_POINT, .width = 4 },
	{ .label = { [0 ... ZOE_LABEL_BYTES - 1] = 'x' } },
};

Test(results, refuses_what_is_no_mark)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert(zoe_reader_post(reader, frame, &wrong[i], 1, NULL) == -EINVAL, "mark %zu", i);
	expect_none();
	const struct zoe_mark line = { .kind = ZOE_MARK_LINE, .x = 1, .y = 1, .width = -1, .height = -1 };
	cr_assert(zoe_reader_post(reader, frame, &line, 1, NULL) == 0, "%s", zoe_error());
	expect(1, "");
}

/* What a stray write makes of a board does not reach who reads it, and the worker's next result does. */
Test(results, scribbled_board)
{
	cr_assert(zoe_reader_post(reader, frame, &box, 1, "x") == 0, "%s", zoe_error());
	expect(1, "x");
	for (int byte = 0; byte < 256; byte += 5) {
		memset(reader->attachment->board, byte, sizeof(*reader->attachment->board));
		for (int i = 0; i < 4 && zoe_results_next(results, &result, ZOE_POLL) == 0; i++) {
			cr_assert(result->n_marks <= ZOE_MAX_MARKS && memchr(result->worker, 0, ZOE_LABEL_BYTES));
			cr_assert(strlen(result->json) < ZOE_MAX_JSON_BYTES);
			for (uint32_t j = 0; j < result->n_marks; j++)
				cr_assert(
					result->marks[j].x <= 2 && memchr(result->marks[j].label, 0, ZOE_LABEL_BYTES));
		}
	}
	for (int i = 0; i < 3; i++)
		cr_assert(zoe_reader_post(reader, frame, NULL, 0, "again") == 0, "%s", zoe_error());
	do
		cr_assert(zoe_results_next(results, &result, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	while (strcmp(result->json, "again"));
}

/* A worker that dies while it writes leaves nothing half said; the next one in its seat goes on. */
Test(results, dies_in_the_middle)
{
	cr_assert(zoe_reader_post(reader, frame, NULL, 0, "before") == 0, "%s", zoe_error());
	struct zi_post *next = &reader->attachment->board->post[2];
	atomic_store(&next->number, 0);
	memset(next->json, 'h', 100);
	next->json_bytes = 100;
	zoe_reader_detach(&reader);
	expect(1, "before");
	expect_none();
	cr_assert(zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	cr_assert(zoe_reader_post(reader, frame, NULL, 0, "after") == 0, "%s", zoe_error());
	expect(1, "after");
}

/* Boards are made when they are asked for, one each. */
Test(results, one_board_each)
{
	struct zoe_writer_stats before, after;
	zoe_writer_get_stats(writer, &before);
	for (int i = 0; i < 3; i++)
		cr_assert(zoe_reader_post(reader, frame, NULL, 0, NULL) == 0);
	zoe_writer_get_stats(writer, &after);
	cr_assert(after.shm_bytes - before.shm_bytes == sizeof(struct zi_board), "%d",
		(int)(after.shm_bytes - before.shm_bytes));
	/* Whatever a stray write asks for. */
	atomic_store(&reader->attachment->seat->wants_board, 1);
	zi_futex_ring(&reader->attachment->doorbells->doorbell);
	usleep(200000);
	zoe_writer_get_stats(writer, &before);
	cr_assert(before.shm_bytes == after.shm_bytes);
}

/* Of two workers, in the order of posting; and who sleeps for a result is woken. */
Test(results, of_two_workers)
{
	const struct zoe_reader_options options = { .label = "other" };
	struct zoe_reader *other;
	cr_assert(zoe_reader_attach(&other, name, &options, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	uint32_t posts = atomic_load(&reader->attachment->doorbells->posts);
	cr_assert(zoe_reader_post(other, frame, NULL, 0, "1") == 0,
		"the record of a frame that another reader holds will do");
	const struct zoe_frame *same;
	cr_assert(zoe_reader_acquire(other, &same, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	expect(1, "1");
	cr_assert(atomic_load(&reader->attachment->doorbells->posts) == posts + 1);
	struct zoe_reader *turn[] = { reader, other, other, reader };
	const char *json[] = { "2", "3", "4", "5" };
	for (int i = 0; i < 4; i++)
		cr_assert(zoe_reader_post(turn[i], same, NULL, 0, json[i]) == 0, "%s", zoe_error());
	for (int i = 0; i < 4; i++) {
		expect(1, json[i]);
		cr_assert(strcmp(result->worker, turn[i] == other ? "other" : "worker") == 0);
		cr_assert(result->seat == turn[i]->attachment->seat_index);
	}
	zoe_reader_detach(&other);
}

/* What the last reader of a seat wrote over its board is not the next one's trouble. */
Test(results, board_scribbled_by_the_last_reader)
{
	cr_assert(zoe_reader_post(reader, frame, NULL, 0, "1") == 0, "%s", zoe_error());
	expect(1, "1");
	memset(reader->attachment->board, 0xff, sizeof(*reader->attachment->board));
	zoe_reader_detach(&reader);
	while (zoe_results_next(results, &result, ZOE_POLL) == 0)
		;
	cr_assert(zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	for (int i = 0; i < 3; i++)
		cr_assert(zoe_reader_post(reader, frame, NULL, 0, "new") == 0, "%s", zoe_error());
	do
		cr_assert(zoe_results_next(results, &result, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	while (strcmp(result->json, "new"));
}

/* There was no room for a board once; there may be now. */
Test(results, asks_for_a_board_again)
{
	atomic_store(&reader->attachment->seat->board_error, ENOSPC);
	cr_assert(zoe_reader_post(reader, frame, NULL, 0, "{}") == 0, "%s", zoe_error());
	expect(1, "{}");
}

Test(results, follow_to_the_next_epoch)
{
	cr_assert(zoe_reader_post(reader, frame, NULL, 0, "old") == 0, "%s", zoe_error());
	struct zoe_writer *old = writer;
	const struct zoe_writer_options options = { .slot_bytes = 4096, .predecessor = old };
	struct zoe_frame copy = *frame;
	zoe_reader_release(reader, frame);
	cr_assert(zoe_writer_create(&writer, name, &options) == 0, "%s", zoe_error());
	publish();
	cr_assert(zoe_reader_post(reader, &copy, NULL, 0, "late") == 0, "%s", zoe_error());
	expect(1, "old");
	expect(1, "late");
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(5000)) == 0, "%s", zoe_error());
	cr_assert(frame->epoch != copy.epoch);
	cr_assert(zoe_reader_post(reader, &copy, NULL, 0, "too late") == -ESTALE);
	cr_assert(zoe_reader_post(reader, frame, NULL, 0, "new") == 0, "%s", zoe_error());
	expect(1, "new");
	cr_assert(result->epoch == frame->epoch);
	zoe_writer_destroy(&old);
}

Test(results, no_board_after_the_end)
{
	zoe_writer_end(writer, ZOE_POLL);
	cr_assert(zoe_results_next(results, &result, ZOE_POLL) == -ENODATA);
	cr_assert(zoe_reader_post(reader, frame, NULL, 0, "last") == -ESTALE, "no board was asked for while it lived");
}

/* The pool has ended; its worker still has the last frame in hand, and says what it saw. */
Test(results, last_word_after_the_end)
{
	cr_assert(zoe_reader_post(reader, frame, NULL, 0, "first") == 0, "%s", zoe_error());
	expect(1, "first");
	zoe_writer_end(writer, ZOE_POLL);
	expect_none();
	cr_assert(zoe_reader_post(reader, frame, NULL, 0, "last") == 0, "%s", zoe_error());
	expect(1, "last");
	zoe_reader_detach(&reader);
	cr_assert(zoe_results_next(results, &result, zoe_deadline_in_ms(5000)) == -ENODATA);
}

/* A reader that stays, and says no more, is not waited for for ever. */
Test(results, silent_reader_after_the_end)
{
	cr_assert(zoe_reader_post(reader, frame, NULL, 0, "first") == 0, "%s", zoe_error());
	expect(1, "first");
	zoe_writer_end(writer, ZOE_POLL);
	cr_assert(zoe_results_next(results, &result, zoe_deadline_in_ms(20000)) == -ENODATA);
}

/* The name passed to a successor, which is over, too, by the time one looks. */
Test(results, successor_is_over_already)
{
	struct zoe_writer *old = writer;
	const struct zoe_writer_options options = { .slot_bytes = 4096, .predecessor = old };
	cr_assert(zoe_writer_create(&writer, name, &options) == 0, "%s", zoe_error());
	publish();
	zoe_writer_end(writer, ZOE_POLL);
	cr_assert(zoe_results_next(results, &result, zoe_deadline_in_ms(5000)) == -ENODATA);
	zoe_writer_destroy(&old);
}

Test(results, child_is_no_poster)
{
	pid_t child = fork();
	if (child == 0)
		_exit(zoe_reader_post(reader, frame, NULL, 0, NULL) == -ECHILD &&
					zoe_results_next(results, &result, ZOE_POLL) == -ECHILD
				? 0
				: 1);
	int status;
	waitpid(child, &status, 0);
	cr_assert(status == 0);
}
