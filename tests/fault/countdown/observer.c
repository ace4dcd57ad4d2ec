/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of those who look without a seat. */
#include "countdown.h"

#include <errno.h>
#include <stddef.h>

static struct zoe_writer *writer, *successor;
static struct zoe_observer *observer;
static const struct zoe_frame *frame;

static void prepare_writer(void)
{
	writer = make_writer(NAMED | WITH_THREAD, NULL);
	publish_frame(writer);
}

static int open_it(void)
{
	return zoe_observer_open(&observer, pool, zoe_deadline_in_ms(500));
}

static int open_nothing(void)
{
	int error = zoe_observer_open(&observer, pool, zoe_deadline_in_ms(30));
	return error == -ENOENT ? 0 : error;
}

static void prepare_frame(void)
{
	prepare_writer();
	must(open_it(), "open");
}

static int next(void)
{
	return zoe_observer_next(observer, &frame, zoe_deadline_in_ms(500));
}

static void publish_again(void)
{
	publish_frame(successor ? successor : writer);
}

static void prepare_no_frame(void)
{
	prepare_frame();
	must(next(), "look");
}

static int next_in_vain(void)
{
	int error = zoe_observer_next(observer, &frame, zoe_deadline_in_ms(30));
	return error == -EAGAIN ? 0 : error ? error : -EEXIST;
}

static void prepare_new_epoch(void)
{
	prepare_no_frame();
	successor = make_writer(WITH_THREAD, writer);
	publish_frame(successor);
}

static int check_and_close(void)
{
	int error = zoe_observer_check(observer);
	zoe_observer_close(&observer);
	return error;
}

static void tear_down(void)
{
	zoe_observer_close(&observer);
	zoe_writer_destroy(&successor);
	zoe_writer_destroy(&writer);
}

static const int open_errors[] = { EACCES, EMFILE, ENFILE, ENOMEM, EBADMSG, 0 };
static const int follow_errors[] = { EAGAIN, EACCES, EMFILE, ENFILE, ENOMEM, EBADMSG, 0 };
static const int no_errors[] = { 0 };

const struct scenario observer_scenarios[] = {
	{ "observe", open_errors, prepare_writer, open_it, NULL, tear_down, false },
	{ "observe where nothing is", open_errors, NULL, open_nothing, NULL, tear_down, false },
	{ "look at the next", no_errors, prepare_frame, next, publish_again, tear_down, false },
	{ "look for the next in vain", no_errors, prepare_no_frame, next_in_vain, NULL, tear_down, false },
	{ "look at a new epoch", follow_errors, prepare_new_epoch, next, publish_again, tear_down, false },
	{ "check and close", no_errors, prepare_no_frame, check_and_close, NULL, tear_down, false },
};
const unsigned n_observer_scenarios = sizeof(observer_scenarios) / sizeof(observer_scenarios[0]);
