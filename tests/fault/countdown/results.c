/* SPDX-License-Identifier: BSD-2-Clause */
/* Posting, reading what was posted, and the descriptor for event loops. */
#include "countdown.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static struct zoe_writer *writer;
static struct zoe_reader *reader;
static struct zoe_results *results;
static const struct zoe_frame *frame;
static const struct zoe_result *result;

static void prepare_reader(void)
{
	writer = make_writer(NAMED | WITH_THREAD, NULL);
	publish_frame(writer);
	must(zoe_reader_attach(&reader, pool, NULL, zoe_deadline_in_ms(5000)), "attach");
	must(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(5000)), "acquire");
}

static int post(void)
{
	return zoe_reader_post(reader, frame, NULL, 0, "{}");
}

static int get_fd(void)
{
	int fd = zoe_reader_get_fd(reader);
	return fd < 0 ? fd : 0;
}

static void prepare_fd(void)
{
	prepare_reader();
	must(get_fd(), "descriptor");
}

static int detach(void)
{
	zoe_reader_detach(&reader);
	return 0;
}

static void prepare_post(void)
{
	prepare_reader();
	must(post(), "post");
}

static int open_it(void)
{
	return zoe_results_open(&results, pool, zoe_deadline_in_ms(500));
}

static void prepare_results(void)
{
	prepare_post();
	must(open_it(), "open");
}

static int next(void)
{
	int error = zoe_results_next(results, &result, zoe_deadline_in_ms(500));
	return error ? error : strcmp(result->json, "{}") ? -EBADMSG : 0;
}

static void post_again(void)
{
	must(post(), "post");
}

static int next_in_vain(void)
{
	int error = zoe_results_next(results, &result, zoe_deadline_in_ms(30));
	return error == -EAGAIN ? 0 : error ? error : -EEXIST;
}

static void prepare_no_result(void)
{
	prepare_results();
	must(next(), "next");
}

static void tear_down(void)
{
	zoe_results_close(&results);
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&writer);
}

static const int post_errors[] = { ENOSPC, ENOMEM, EBADF, ESTALE, ETIMEDOUT, 0 };
static const int fd_errors[] = { EMFILE, ENFILE, ENOMEM, EAGAIN, 0 };
static const int open_errors[] = { EACCES, EMFILE, ENFILE, ENOMEM, EBADMSG, 0 };
static const int next_errors[] = { EAGAIN, 0 };
static const int no_errors[] = { 0 };

const struct scenario results_scenarios[] = {
	{ "post", post_errors, prepare_reader, post, NULL, tear_down, false },
	{ "post on a board", no_errors, prepare_post, post, NULL, tear_down, false },
	{ "get a descriptor", fd_errors, prepare_reader, get_fd, NULL, tear_down, false },
	{ "detach with a descriptor", no_errors, prepare_fd, detach, NULL, tear_down, false },
	{ "open results", open_errors, prepare_post, open_it, NULL, tear_down, false },
	{ "read a result", next_errors, prepare_results, next, post_again, tear_down, false },
	{ "read results in vain", no_errors, prepare_no_result, next_in_vain, NULL, tear_down, false },
};
const unsigned n_results_scenarios = sizeof(results_scenarios) / sizeof(results_scenarios[0]);
