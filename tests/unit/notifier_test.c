/* SPDX-License-Identifier: BSD-2-Clause */
/* The descriptor for event loops: readable when there is something to acquire, or to say. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "support/frame.h"
#include "support/name.h"

static char name[ZOE_NAME_BYTES];
static struct zoe_writer *writer;
static struct zoe_reader *reader;
static const struct zoe_frame *frame;

static void publish(void)
{
	cr_assert(publish_gray(writer, 64, 64, 0) == 0, "%s", zoe_error());
}

static void begin(void)
{
	const struct zoe_writer_options options = { .slot_bytes = 4096 };
	const struct zoe_reader_options asked = { .depth = 3 };
	own_pool_name(name, "notifier");
	cr_assert(zoe_writer_create(&writer, name, &options) == 0, "%s", zoe_error());
	cr_assert(zoe_writer_announce(writer) == 0, "%s", zoe_error());
	cr_assert(zoe_reader_attach(&reader, name, &asked, ZOE_POLL) == 0, "%s", zoe_error());
}

static void end(void)
{
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&writer);
}

TestSuite(notifier, .init = begin, .fini = end, .timeout = 30);

static bool readable(int timeout_ms)
{
	struct pollfd one = { .fd = zoe_reader_get_fd(reader), .events = POLLIN };
	cr_assert(one.fd >= 0, "%s", zoe_error());
	return poll(&one, 1, timeout_ms) == 1;
}

/* As an event loop would: until -EAGAIN. */
static int drain(void)
{
	int n = 0, error;
	while ((error = zoe_reader_acquire(reader, &frame, ZOE_POLL)) == 0) {
		zoe_reader_release(reader, frame);
		n++;
	}
	return error == -EAGAIN ? n : error;
}

/* Not readable, or once more in vain: its thread may have seen the frame just before it was taken. */
static bool is_quiet(void)
{
	for (int i = 0; i < 100 && readable(0); i++)
		if (drain() != 0)
			return false;
	return !readable(120);
}

Test(notifier, readable_for_each_frame)
{
	cr_assert(!readable(120), "nothing there, and the time in which it looks up has passed twice");
	for (int i = 0; i < 3; i++) {
		publish();
		cr_assert(readable(5000));
		cr_assert(drain() == 1);
		cr_assert(is_quiet());
	}
}

Test(notifier, what_was_there_before_counts)
{
	publish();
	cr_assert(readable(5000) && drain() == 1);
}

/* Who takes one frame of several is told of the rest. */
Test(notifier, readable_until_all_is_taken)
{
	for (int i = 0; i < 3; i++)
		publish();
	for (int i = 0; i < 3; i++) {
		cr_assert(readable(i ? 0 : 5000), "at once, when there was more");
		cr_assert(zoe_reader_acquire(reader, &frame, ZOE_POLL) == 0);
		zoe_reader_release(reader, frame);
	}
	cr_assert(is_quiet());
}

Test(notifier, end_and_next_epoch)
{
	cr_assert(!readable(0));
	zoe_writer_destroy(&writer);
	cr_assert(readable(5000) && drain() == -ENODATA);
	const struct zoe_writer_options options = { .slot_bytes = 4096 };
	cr_assert(zoe_writer_create(&writer, name, &options) == 0, "%s", zoe_error());
	publish();
	int n = 0;
	while (n == 0 && readable(5000))
		n = drain();
	cr_assert(n == 1);
}

Test(notifier, always_the_same)
{
	int fd = zoe_reader_get_fd(reader);
	cr_assert(fd >= 0 && zoe_reader_get_fd(reader) == fd);
}

/* It is no standard descriptor, even where those are closed: what is printed makes nobody look. */
Test(notifier, is_no_standard_descriptor)
{
	int saved = dup(STDOUT_FILENO);
	close(STDOUT_FILENO);
	int fd = zoe_reader_get_fd(reader);
	dup2(saved, STDOUT_FILENO);
	cr_assert(fd > STDERR_FILENO, "descriptor %d", fd);
}
