/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader's functions, each in the situations in which it makes different calls. */
#include "countdown.h"

#include <errno.h>
#include <stddef.h>

#include "calls.h"

static struct zoe_writer *writer, *successor;
static struct zoe_reader *reader;
static const struct zoe_frame *frame;
static int child;

static void tear_down(void)
{
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&successor);
	zoe_writer_destroy(&writer);
	frame = NULL;
}

/* zoe_reader_attach */

static void prepare_writer(void)
{
	writer = make_writer(NAMED | WITH_THREAD, NULL);
	publish_frame(writer);
}

static int attach(void)
{
	return zoe_reader_attach(&reader, pool, NULL, zoe_deadline_in_ms(500));
}

/* There is none; nobody waits longer for it because of a fault. */
static int attach_to_nothing(void)
{
	int error = zoe_reader_attach(&reader, pool, NULL, zoe_deadline_in_ms(30));
	return error == -ENOENT ? 0 : error;
}

static void prepare_dead_writer(void)
{
	child = start_writer_process();
	kill_writer_process(child);
}

static void clean_up(void)
{
	tear_down();
	clean_name();
}

/* zoe_reader_acquire */

static void prepare_frame(void)
{
	prepare_writer();
	must(attach(), "attach");
}

static int acquire(void)
{
	return zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(500));
}

/* Whatever became of the first: there is one for the next try. */
static void publish_again(void)
{
	if (zoe_writer_announce(writer) == 0)
		publish_frame(writer);
}

static void prepare_no_frame(void)
{
	prepare_frame();
	must(acquire(), "acquire");
	zoe_reader_release(reader, frame);
}

static int acquire_in_vain(void)
{
	int error = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(30));
	return error == -EAGAIN ? 0 : error ? error : -EEXIST;
}

static void prepare_new_epoch(void)
{
	prepare_no_frame();
	successor = make_writer(WITH_THREAD, writer);
	publish_frame(successor);
}

/* Polling first: a wait that was not rung for comes to the same, later. */
static int follow(void)
{
	int error = zoe_reader_acquire(reader, &frame, ZOE_POLL);
	if (error == -EAGAIN)
		error = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(500));
	return error;
}

static void publish_anew(void)
{
	publish_frame(successor);
}

static void prepare_death(void)
{
	child = start_writer_process();
	must(attach(), "attach");
	must(acquire(), "acquire");
	kill_writer_process(child);
}

static int see_death(void)
{
	struct zoe_status status;
	zoe_reader_release(reader, frame);
	frame = NULL;
	int error = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(500));
	zoe_reader_get_status(reader, &status);
	return error != -EOWNERDEAD ? error : status.state == ZOE_STATE_WRITER_GONE ? 0 : -EEXIST;
}

static void prepare_end(void)
{
	prepare_no_frame();
	must(zoe_writer_end(writer, zoe_deadline_in_ms(500)), "end");
	zoe_writer_destroy(&writer);
}

static int see_end(void)
{
	int error = follow();
	return error == -ENODATA ? 0 : error;
}

/* Releasing, status, detaching */

static void prepare_held_frame(void)
{
	prepare_frame();
	must(acquire(), "acquire");
}

static int look_and_release(void)
{
	struct zoe_status status;
	zoe_reader_get_status(reader, &status);
	zoe_reader_release(reader, frame);
	frame = NULL;
	return status.state == ZOE_STATE_LIVE ? 0 : -EEXIST;
}

static int detach(void)
{
	zoe_reader_detach(&reader);
	return 0;
}

/* The seat comes back: the pool has two, and both are given after this. */
static void attach_two(void)
{
	struct zoe_reader *another;
	must(attach(), "attach again");
	must(zoe_reader_attach(&another, pool, NULL, zoe_deadline_in_ms(500)), "attach another");
	zoe_reader_detach(&another);
	tear_down();
}

/* What may come of a fault where a pool is alive: never that it does not exist or is over. */
static const int attach_errors[] = { ETIMEDOUT, EUSERS, EACCES, EMFILE, ENFILE, ENOMEM, EBADMSG, 0 };
static const int follow_errors[] = { EAGAIN, EUSERS, EACCES, EMFILE, ENFILE, ENOMEM, EBADMSG, 0 };
static const int again_errors[] = { EAGAIN, 0 };
static const int no_errors[] = { 0 };

const struct scenario reader_scenarios[] = {
	{ "attach", attach_errors, prepare_writer, attach, NULL, tear_down, false },
	{ "attach where nothing is", attach_errors, NULL, attach_to_nothing, NULL, tear_down, false },
	{ "attach where the writer died", attach_errors, prepare_dead_writer, attach_to_nothing, NULL, clean_up,
		false },
	{ "acquire", again_errors, prepare_frame, acquire, publish_again, tear_down, false },
	{ "acquire in vain", no_errors, prepare_no_frame, acquire_in_vain, NULL, tear_down, false },
	{ "acquire from a new epoch", follow_errors, prepare_new_epoch, follow, publish_anew, tear_down, false },
	{ "acquire from a dead writer", again_errors, prepare_death, see_death, NULL, clean_up, false },
	{ "acquire at the end", again_errors, prepare_end, see_end, NULL, clean_up, false },
	{ "look and release", no_errors, prepare_held_frame, look_and_release, NULL, tear_down, false },
	{ "detach", no_errors, prepare_held_frame, detach, NULL, attach_two, false },
};
const unsigned n_reader_scenarios = sizeof(reader_scenarios) / sizeof(reader_scenarios[0]);
