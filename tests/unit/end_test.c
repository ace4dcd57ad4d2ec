/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a pool is over, who goes on after that, and what a writer says of its source. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/layout/layout.h"
#include "support/frame.h"
#include "support/name.h"

/* What an end is, and what those who look say of it. */
#define OVER (-ENODATA)
#define GOES_ON (-EOWNERDEAD)

static char name[ZOE_NAME_BYTES];
static struct zoe_writer *writer;
static struct zoe_reader *reader;
static struct zoe_observer *observer;
static struct zoe_results *results;

static void create(void)
{
	const struct zoe_writer_options options = { .slot_bytes = 4096 };

	cr_assert(zoe_writer_create(&writer, name, &options) == 0, "%s", zoe_error());
	cr_assert(publish_gray(writer, 64, 64, 0) == 0, "%s", zoe_error());
}

static int64_t soon(void)
{
	return zoe_deadline_in_ms(5000);
}

static int take(void)
{
	const struct zoe_frame *frame;
	int error = zoe_reader_acquire(reader, &frame, ZOE_POLL);

	zoe_reader_release(reader, frame);
	return error;
}

/* Everybody has a look at the first frame. */
static void look(enum zoe_follow follow)
{
	const struct zoe_reader_options options = { .follow = follow };
	const struct zoe_frame *frame;

	cr_assert(zoe_reader_attach(&reader, name, &options, soon()) == 0, "%s", zoe_error());
	cr_assert(zoe_observer_open(&observer, name, soon()) == 0, "%s", zoe_error());
	cr_assert(zoe_results_open(&results, name, soon()) == 0, "%s", zoe_error());
	zoe_observer_set_follow(observer, follow);
	zoe_results_set_follow(results, follow);
	cr_assert(take() == 0 && zoe_observer_next(observer, &frame, soon()) == 0, "%s", zoe_error());
}

static void begin(void)
{
	own_pool_name(name, "end");
	create();
}

static void finish(void)
{
	zoe_results_close(&results);
	zoe_observer_close(&observer);
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&writer);
	cr_assert(count_pool_objects(name) == 0);
}

TestSuite(end, .init = begin, .fini = finish, .timeout = 60);

/* Each says it once, and then that there is nothing yet. With this word in the sentence of each. */
static void all_say(int expected, const char *word)
{
	const struct zoe_frame *frame;
	const struct zoe_result *result;

	cr_assert(take() == expected && strstr(zoe_error(), word), "%s", zoe_error());
	cr_assert(zoe_observer_next(observer, &frame, ZOE_POLL) == expected && strstr(zoe_error(), word), "%s",
		zoe_error());
	cr_assert(zoe_results_next(results, &result, ZOE_POLL) == expected && strstr(zoe_error(), word), "%s",
		zoe_error());
}

static void end_it(enum zoe_end end)
{
	zoe_writer_set_end(writer, end);
	cr_assert(zoe_writer_end(writer, soon()) == 0, "%s", zoe_error());
}

static void follows(void)
{
	const struct zoe_frame *frame;
	const struct zoe_result *result;

	zoe_writer_destroy(&writer);
	create();
	cr_assert(zoe_reader_acquire(reader, &frame, soon()) == 0, "%s", zoe_error());
	zoe_reader_release(reader, frame);
	cr_assert(zoe_observer_next(observer, &frame, soon()) == 0, "%s", zoe_error());
	cr_assert(zoe_results_next(results, &result, ZOE_POLL) == -EAGAIN, "%s", zoe_error());
}

Test(end, of_the_input)
{
	look(ZOE_FOLLOW_RESTARTS);
	end_it(ZOE_END_INPUT);
	all_say(OVER, "has ended");
	all_say(-EAGAIN, "");
	follows();
}

Test(end, a_writer_that_says_nothing_is_at_the_end_of_its_input)
{
	look(ZOE_FOLLOW_RESTARTS);
	cr_assert(zoe_writer_end(writer, soon()) == 0);
	all_say(OVER, "has ended");
}

Test(end, a_stop_is_followed)
{
	look(ZOE_FOLLOW_RESTARTS);
	end_it(ZOE_END_STOPPED);
	all_say(GOES_ON, "was stopped");
	all_say(-EAGAIN, "");
	follows();
}

Test(end, a_failure_is_followed)
{
	look(ZOE_FOLLOW_RESTARTS);
	zoe_writer_set_end(writer, ZOE_END_FAILED);
	zoe_writer_destroy(&writer);
	all_say(GOES_ON, "failed");
	follows();
}

Test(end, always)
{
	look(ZOE_FOLLOW_ALWAYS);
	end_it(ZOE_END_INPUT);
	all_say(GOES_ON, "has ended");
	follows();
}

/* What came after it is not looked at, whatever it is. */
static void nothing_follows(void)
{
	zoe_writer_destroy(&writer);
	create();
	all_say(OVER, "not to be followed");
	all_say(OVER, "not to be followed");
}

Test(end, never)
{
	look(ZOE_FOLLOW_NEVER);
	end_it(ZOE_END_STOPPED);
	all_say(OVER, "was stopped");
	nothing_follows();
}

/* Said as what it is, and the loop that goes on until there is no data ends all the same. */
Test(end, never_after_a_failure)
{
	look(ZOE_FOLLOW_NEVER);
	end_it(ZOE_END_FAILED);
	all_say(GOES_ON, "failed");
	nothing_follows();
}

/* Another format is no end. */
Test(end, never_is_not_about_epochs)
{
	struct zoe_writer *next = NULL;
	struct zoe_writer_options options = { .slot_bytes = 8192, .predecessor = writer };
	const struct zoe_frame *frame;

	look(ZOE_FOLLOW_NEVER);
	cr_assert(zoe_writer_create(&next, name, &options) == 0 && publish_gray(next, 64, 96, 0) == 0, "%s",
		zoe_error());
	zoe_writer_destroy(&writer);
	writer = next;
	cr_assert(zoe_reader_acquire(reader, &frame, soon()) == 0 && frame->info.height_px == 96, "%s", zoe_error());
	zoe_reader_release(reader, frame);
	end_it(ZOE_END_INPUT);
	cr_assert(take() == OVER && take() == OVER);
}

/* The successor is over before anybody followed: its end is the news. */
Test(end, of_a_successor)
{
	struct zoe_writer *next = NULL;
	struct zoe_writer_options options = { .slot_bytes = 8192, .predecessor = writer };
	struct zoe_status status;

	look(ZOE_FOLLOW_RESTARTS);
	cr_assert(zoe_writer_create(&next, name, &options) == 0 && publish_gray(next, 64, 96, 0) == 0, "%s",
		zoe_error());
	zoe_writer_destroy(&writer);
	writer = next;
	end_it(ZOE_END_STOPPED);
	cr_assert(take() == GOES_ON && strstr(zoe_error(), "was stopped"), "%s", zoe_error());
	zoe_reader_get_status(reader, &status);
	cr_assert(status.state == ZOE_STATE_ENDED && status.end == ZOE_END_STOPPED);
}

/* The successor is gone, too, and nobody can be asked how it ended: the word of the epoch before it counts. */
Test(end, of_a_successor_that_is_gone)
{
	struct zoe_writer *next = NULL;
	struct zoe_writer_options options = { .slot_bytes = 8192, .predecessor = writer };
	const struct zoe_frame *frame;
	struct zoe_status status;

	look(ZOE_FOLLOW_RESTARTS);
	zoe_writer_set_end(writer, ZOE_END_STOPPED);
	cr_assert(zoe_writer_create(&next, name, &options) == 0 && publish_gray(next, 64, 96, 0) == 0, "%s",
		zoe_error());
	zoe_writer_destroy(&writer);
	zoe_writer_destroy(&next);
	cr_assert(take() == GOES_ON && strstr(zoe_error(), "was stopped"), "%s", zoe_error());
	cr_assert(zoe_observer_next(observer, &frame, ZOE_POLL) == GOES_ON);
	zoe_reader_get_status(reader, &status);
	cr_assert(status.state == ZOE_STATE_ENDED && status.end == ZOE_END_STOPPED);
	follows();
}

/* Told to go on after all. */
Test(end, never_and_then_always)
{
	const struct zoe_frame *frame;

	look(ZOE_FOLLOW_NEVER);
	end_it(ZOE_END_STOPPED);
	cr_assert(zoe_observer_next(observer, &frame, ZOE_POLL) == OVER);
	zoe_observer_set_follow(observer, ZOE_FOLLOW_ALWAYS);
	cr_assert(zoe_observer_next(observer, &frame, ZOE_POLL) == -EAGAIN);
}

static const struct zoe_pool_info *find(struct zoe_list *list)
{
	const struct zoe_pool_info *info;

	while (zoe_list_next(list, &info) == 0)
		if (strcmp(info->name, name) == 0)
			return info;
	return NULL;
}

static void listed(enum zoe_state state, enum zoe_end end)
{
	struct zoe_list *list;
	const struct zoe_pool_info *info;

	cr_assert(zoe_list_open(&list) == 0);
	cr_assert((info = find(list)) != NULL);
	cr_assert(info->state == state && info->end == end, "state %d, end %d", info->state, info->end);
	zoe_list_close(&list);
}

/* Before it is over there is no reason to be told. */
Test(end, as_others_see_it)
{
	struct zoe_status status;

	look(ZOE_FOLLOW_RESTARTS);
	zoe_writer_set_end(writer, ZOE_END_FAILED);
	zoe_reader_get_status(reader, &status);
	cr_assert(status.state == ZOE_STATE_LIVE && status.end == 0);
	listed(ZOE_STATE_LIVE, ZOE_END_INPUT);
	cr_assert(zoe_writer_end(writer, soon()) == 0);
	zoe_reader_get_status(reader, &status);
	cr_assert(status.state == ZOE_STATE_ENDED && status.end == ZOE_END_FAILED);
	listed(ZOE_STATE_ENDED, ZOE_END_FAILED);
	zoe_writer_set_end(writer, ZOE_END_STOPPED);
	cr_assert(take() == GOES_ON);
	zoe_reader_get_status(reader, &status);
	cr_assert(status.state == ZOE_STATE_ENDED && status.end == ZOE_END_FAILED);
}

Test(end, no_such_way)
{
	const struct zoe_reader_options options = { .follow = ZOE_FOLLOW_NEVER + 1 };

	cr_assert(zoe_reader_attach(&reader, name, &options, ZOE_POLL) == -EINVAL && !reader);
}

/* The source */

static struct zoe_source said(void)
{
	struct zoe_source source = { .decoded = 300, .reconnects = 2, .lag_ns = 5, .bits_per_s = 8000, .n_tries = 3 };

	memset(source.why, 'x', sizeof(source.why));
	return source;
}

Test(end, source)
{
	struct zoe_source source = said(), got;
	struct zoe_list *list;
	const struct zoe_pool_info *info;

	look(ZOE_FOLLOW_RESTARTS);
	cr_assert(zoe_reader_get_source(reader, &got) == -ENODATA && got.decoded == 0);
	zoe_writer_set_source(writer, &source);
	cr_assert(zoe_reader_get_source(reader, &got) == 0, "%s", zoe_error());
	cr_assert(strlen(got.why) == sizeof(got.why) - 1, "a text without an end gets one");
	source.why[sizeof(source.why) - 1] = '\0';
	cr_assert(memcmp(&got, &source, sizeof(got)) == 0);
	cr_assert(zoe_list_open(&list) == 0 && (info = find(list)) != NULL);
	cr_assert(info->source && memcmp(info->source, &source, sizeof(source)) == 0);
	zoe_list_close(&list);
}

Test(end, nothing_is_listed_of_a_source_that_nobody_described)
{
	struct zoe_list *list;
	const struct zoe_pool_info *info;

	cr_assert(zoe_list_open(&list) == 0 && (info = find(list)) != NULL);
	cr_assert(!info->source);
	zoe_list_close(&list);
}

/* Its writer died in the middle of a description: there is none. */
Test(end, source_half_written)
{
	struct zoe_source source = said(), got;
	uint64_t number;
	char path[128];

	look(ZOE_FOLLOW_RESTARTS);
	zoe_writer_set_source(writer, &source);
	snprintf(path, sizeof(path), "/dev/shm/zoe.%s", name);
	int fd = open(path, O_RDWR);
	cr_assert(fd >= 0);
	cr_assert(pread(fd, &number, sizeof(number), offsetof(struct zi_reel, source_number)) == sizeof(number));
	cr_assert(number == 2);
	number = 3;
	cr_assert(pwrite(fd, &number, sizeof(number), offsetof(struct zi_reel, source_number)) == sizeof(number));
	close(fd);
	cr_assert(zoe_reader_get_source(reader, &got) == -ENODATA && got.decoded == 0);
}
