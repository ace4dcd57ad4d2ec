/* SPDX-License-Identifier: BSD-2-Clause */
/* The writer's functions, each in the situations in which it makes different calls. */
#include "countdown.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "calls.h"
#include "support/frame.h"

static struct zoe_writer *writer, *successor;
static struct zoe_reader *reader;
static uint32_t slot;
static pthread_t newcomer;
static char group[64];

static void *come(void *unused)
{
	must(zoe_reader_attach(&reader, pool, NULL, zoe_deadline_in_ms(10000)), "attach");
	return unused;
}

/* zoe_writer_create */

static void find_group(void)
{
	const struct group *entry = getgrgid(getegid());
	must(entry ? 0 : -ENOENT, "find this process's group");
	snprintf(group, sizeof(group), "%s", entry->gr_name);
}

static int create(void)
{
	struct zoe_writer_options options = kind_options();
	options.members_group = group[0] ? group : NULL;
	/* Another, by its number, which nobody need be in. */
	options.observers_group = group[0] ? "1" : NULL;
	return zoe_writer_create(&writer, pool, &options);
}

static void destroy(void)
{
	zoe_reader_detach(&reader);
	if (successor)
		zoe_writer_let_go(successor, slot);
	else if (writer)
		zoe_writer_let_go(writer, slot);
	zoe_writer_destroy(&successor);
	zoe_writer_destroy(&writer);
	fault_skew(0);
}

static void destroy_and_clean(void)
{
	destroy();
	clean_name();
}

/* zoe_writer_announce */

static void prepare(void)
{
	writer = make_writer(0, NULL);
}

static int announce(void)
{
	return zoe_writer_announce(writer);
}

/* What a killed writer leaves, with a link under a temporary name. */
static void prepare_over_a_stale_one(void)
{
	char path[160];
	kill_writer_process(start_writer_process());
	snprintf(path, sizeof(path), "/dev/shm/zoe.%s.0123456789abcdef.tmp", pool);
	int fd = open(path, O_CREAT | O_RDWR, 0600);
	must(write(fd, "ZOE-REEL", 8) == 8 ? 0 : -EIO, "a link under a temporary name");
	close(fd);
	prepare();
}

static void prepare_successor(void)
{
	writer = make_writer(NAMED | WITH_THREAD, NULL);
	publish_frame(writer);
	must(zoe_reader_attach(&reader, pool, NULL, zoe_deadline_in_ms(2000)), "attach");
	successor = make_writer(WITH_THREAD, writer);
	slot = fill_slot(successor);
}

/* Whatever failed, the pool that was there is still there for everybody, or its successor is. */
static int succeed(void)
{
	struct zoe_reader *another;
	int error = publish_slot(successor, slot);
	fault_disarm();
	int gone = zoe_reader_attach(&another, pool, NULL, zoe_deadline_in_ms(500));
	zoe_reader_detach(&another);
	return gone ? -ENOTRECOVERABLE : error;
}

/* zoe_writer_begin */

/* Again at once, when it fails: it says why each time. */
static int begin(void)
{
	struct zoe_slot begun;
	struct zoe_reader *none;
	int error = zoe_writer_begin(writer, &begun);
	if (!error)
		return 0;
	fault_disarm();
	zoe_reader_attach(&none, "", NULL, ZOE_POLL);
	return zoe_writer_begin(writer, &begun);
}

/* After a full /dev/shm it does not ask again for a second. */
static void wait_a_second(void)
{
	fault_skew(INT64_C(2000000000));
}

static void drop_slots(void)
{
	for (uint32_t i = 0; i < 3; i++)
		zoe_writer_let_go(writer, i);
	destroy();
}

/* zoe_writer_publish */

static void prepare_first_frame(void)
{
	prepare();
	slot = fill_slot(writer);
}

static void prepare_with_reader(void)
{
	writer = make_writer(NAMED, NULL);
	reader = attach_to(writer, NULL);
	slot = fill_slot(writer);
}

static int publish(void)
{
	return publish_slot(writer, slot);
}

static void prepare_lossless(void)
{
	static const struct zoe_reader_options options = { .policy = ZOE_LOSSLESS };
	writer = make_writer(NAMED | LOSSLESS, NULL);
	reader = attach_to(writer, &options);
	publish_frame(writer);
	slot = fill_slot(writer);
}

static int publish_without_space(void)
{
	const struct zoe_frame_info info = gray_frame(1, 1);
	int error = zoe_writer_publish(writer, slot, &info, 0, zoe_deadline_in_ms(30));
	return error == -ETIMEDOUT ? 0 : error ? error : -EEXIST;
}

/* Housekeeping after a death, as publish does it: the seat goes to the next reader. */
static void prepare_dead_reader(void)
{
	prepare_with_reader();
	zoe_reader_detach(&reader);
}

/* Both seats must be free in the end, the one that was reset in the midst of faults too. */
static void seat_two(void)
{
	struct zoe_reader *another = attach_to(writer, NULL);
	reader = attach_to(writer, NULL);
	zoe_reader_detach(&another);
	destroy();
}

/* zoe_writer_wait_readers, zoe_writer_end, zoe_writer_destroy */

static int wait_readers(void)
{
	return zoe_writer_wait_readers(writer, 1, zoe_deadline_in_ms(5000));
}

/* While no mutex can be made nobody can be seated; who asked for it is as soon as one can. */
static int wait_newcomer(void)
{
	int error = zoe_writer_wait_readers(writer, 1, zoe_deadline_in_ms(300));
	if (error != -ETIMEDOUT)
		return error;
	fault_disarm();
	return wait_readers();
}

/* A reader that asks to be seated meanwhile. */
static void prepare_newcomer(void)
{
	writer = make_writer(NAMED, NULL);
	publish_frame(writer);
	must(-pthread_create(&newcomer, NULL, come, NULL), "start a thread");
}

static void let_go_of_newcomer(void)
{
	pthread_join(newcomer, NULL);
	destroy();
}

static int wait_in_vain(void)
{
	return zoe_writer_wait_readers(writer, 2, zoe_deadline_in_ms(30)) == -ETIMEDOUT ? 0 : -EEXIST;
}

static int end(void)
{
	return zoe_writer_end(writer, zoe_deadline_in_ms(500));
}

static int destroy_it(void)
{
	zoe_writer_destroy(&writer);
	return 0;
}

static void prepare_running(void)
{
	writer = make_writer(NAMED | WITH_THREAD, NULL);
	publish_frame(writer);
}

/* The counters, withdrawing, letting go and the state of the source ask nobody for anything. */
static int look_and_let_go(void)
{
	struct zoe_writer_stats stats;
	zoe_writer_get_stats(writer, &stats);
	zoe_writer_source_lost(writer, true);
	zoe_writer_source_lost(writer, false);
	int error = zoe_writer_withdraw(writer, slot);
	zoe_writer_let_go(writer, slot);
	return error == -EINVAL ? 0 : -EEXIST;
}

static void create_afresh(void)
{
	group[0] = '\0';
}

static const int create_errors[] = { ENOSPC, EACCES, EPERM, EMFILE, ENFILE, ENOMEM, ENOLCK, EOPNOTSUPP, EAGAIN, 0 };
/* EBUSY: where it cannot be learned whether the writer of a pool lives, it does. */
static const int announce_errors[] = { EBUSY, EACCES, ENOSPC, ENOMEM, EMFILE, ENFILE, ENOLCK, EIO, 0 };
static const int begin_errors[] = { ENOSPC, ENOMEM, 0 };
static const int no_errors[] = { 0 };

const struct scenario writer_scenarios[] = {
	{ "create", create_errors, NULL, create, NULL, destroy, false },
	{ "create for a group", create_errors, find_group, create, NULL, destroy, false },
	{ "create, the first in its process", create_errors, create_afresh, create, NULL, destroy, true },
	{ "announce a new name", announce_errors, prepare, announce, NULL, destroy, false },
	{ "announce over a stale pool", announce_errors, prepare_over_a_stale_one, announce, NULL, destroy_and_clean,
		false },
	{ "publish as a successor", announce_errors, prepare_successor, succeed, NULL, destroy_and_clean, false },
	{ "begin", begin_errors, prepare, begin, wait_a_second, drop_slots, false },
	{ "publish the first frame", announce_errors, prepare_first_frame, publish, NULL, destroy, false },
	{ "publish to a reader", no_errors, prepare_with_reader, publish, NULL, destroy, false },
	{ "publish without space", no_errors, prepare_lossless, publish_without_space, NULL, destroy, false },
	{ "publish after a reader's end", no_errors, prepare_dead_reader, publish, NULL, seat_two, false },
	{ "wait for a reader", no_errors, prepare_with_reader, wait_readers, NULL, destroy, false },
	{ "wait for a newcomer", no_errors, prepare_newcomer, wait_newcomer, NULL, let_go_of_newcomer, false },
	{ "wait for a reader in vain", no_errors, prepare_with_reader, wait_in_vain, NULL, destroy, false },
	{ "end", no_errors, prepare_with_reader, end, NULL, destroy, false },
	{ "look and let go", no_errors, prepare_with_reader, look_and_let_go, NULL, destroy, false },
	{ "destroy", no_errors, prepare_running, destroy_it, NULL, destroy_and_clean, false },
};
const unsigned n_writer_scenarios = sizeof(writer_scenarios) / sizeof(writer_scenarios[0]);
