/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of pools, and the removal of stale ones: only these, and only of this test's name. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "support/actors.h"
#include "pool/layout/layout.h"
#include "support/child.h"
#include "support/wait.h"

#define MS INT64_C(1000000)
#define ok(actor, ...) cr_assert((ask(actor, __VA_ARGS__), is_ok(actor)), "%s", (actor)->answer)

static struct actor writer, reader;
static struct zoe_pool_info found;
static char why[512];
static struct zoe_histogram age, held; /* of its first reader */

static void begin(void)
{
	writer = actor_start();
	reader = actor_start();
}

static void end(void)
{
	struct zoe_cleaned cleaned;
	if (writer.in)
		actor_kill(&writer);
	if (reader.in)
		actor_kill(&reader);
	zoe_pool_clean(pool_name(), &cleaned);
	cr_assert(!left_behind());
}

TestSuite(list, .init = begin, .fini = end, .timeout = 120);

/* Look for this test's pool among all. */
static bool find(void)
{
	struct zoe_list *list;
	const struct zoe_pool_info *info;
	unsigned n = 0;
	cr_assert(zoe_list_open(&list) == 0, "%s", zoe_error());
	while (zoe_list_next(list, &info) == 0) {
		if (strcmp(info->name, pool_name()) == 0) {
			found = *info;
			snprintf(why, sizeof(why), "%s", info->why ? info->why : "");
			if (info->n_readers > 0) {
				age = *info->readers[0].age;
				held = *info->readers[0].held;
			}
			n++;
		}
	}
	zoe_list_close(&list);
	cr_assert(n <= 1 && !list);
	return n == 1;
}

/* Waits for this state: a writer that just now was kept from running is shown as stalled, and that passes. */
static bool find_as(enum zoe_state state)
{
	int64_t deadline_ns = zoe_deadline_in_ms(20000);
	while (find() && found.state != state && wait_a_little(deadline_ns))
		continue;
	return found.state == state;
}

static int clean(unsigned n_objects)
{
	struct zoe_cleaned cleaned;
	int error = zoe_pool_clean(pool_name(), &cleaned);
	cr_assert(cleaned.n_objects == n_objects, "%u objects: %s", cleaned.n_objects, zoe_error());
	return error;
}

static const char *path(const char *suffix)
{
	static char text[4][160];
	static int i;
	i = (i + 1) % 4;
	snprintf(text[i], sizeof(text[i]), "/dev/shm/zoe.%s%s", pool_name(), suffix);
	return text[i];
}

static void make_file(const char *suffix, const void *bytes, size_t n)
{
	int fd = open(path(suffix), O_CREAT | O_EXCL | O_WRONLY, 0600);
	cr_assert(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
	close(fd);
}

static void leave_stale_pool(void)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish 3");
	actor_kill(&writer);
}

/* A living pool is described, with its readers, and is not removed. */
Test(list, living_pool)
{
	cr_assert(!find());
	ok(&writer, "create %s slots=12", pool_name());
	ok(&writer, "publish 5 pause_us=2000");
	ok(&reader, "attach %s hold=3", pool_name());
	ok(&reader, "acquire");
	cr_assert(find_as(ZOE_STATE_LIVE));
	cr_assert(!found.error && !found.why && !found.stale);
	cr_assert(found.writer_pid == (uint32_t)writer.pid && found.same_pids && found.epoch != 0);
	cr_assert(found.published == 5 && found.max_slots == 12 && found.n_slots <= 12 && found.shm_bytes > 0);
	cr_assert(found.stream.width_px == 64 && strcmp(found.stream.format, "gray") == 0);
	cr_assert(found.frames_per_s > 0 && found.frames_per_s < 500, "%g", found.frames_per_s);
	cr_assert(found.readers_error == 0 && found.n_readers == 1 && found.max_seats == ZOE_MAX_SEATS);
	const struct zoe_reader_info *seat = &found.readers[0];
	cr_assert(seat->alive && seat->pid == (uint32_t)reader.pid && strcmp(seat->label, "actor") == 0);
	cr_assert(seat->hold == 3 && seat->depth == 1 && seat->policy == ZOE_LATEST);
	cr_assert(seat->n_held == 1 && seat->n_waiting == 0 && seat->received == 1);
	cr_assert(found.n_held == 1 && seat->seat == 0 && seat->incarnation > 0);
	ok(&writer, "publish 2");
	cr_assert(find());
	cr_assert(seat->n_held == 1 && seat->n_waiting == 1 && seat->displaced == 1);
	cr_assert(clean(0) == -EBUSY);
	ok(&reader, "acquire");
}

/* A seat counts the age of each frame, and how long it was held, once: when it goes back. */
Test(list, what_a_reader_measured)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	usleep(20000);
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	cr_assert(find());
	cr_assert(zoe_histogram_total(&age) == 0 && zoe_histogram_total(&held) == 0);
	usleep(30000);
	ok(&reader, "release");
	ok(&writer, "publish copied");
	ok(&reader, "acquire");
	cr_assert(find());
	cr_assert(zoe_histogram_total(&age) == 1 && zoe_histogram_total(&held) == 1);
	cr_assert(zoe_histogram_quantile(&age, 0) >= 20 * MS);
	cr_assert(zoe_histogram_quantile(&held, 0) >= 30 * MS);
	cr_assert(found.copied == 1 && found.published == 2);
	/* Who has the seat next begins anew. */
	ok(&reader, "detach");
	int64_t deadline_ns = zoe_deadline_in_ms(20000);
	while (find() && found.n_readers > 0 && wait_a_little(deadline_ns))
		continue;
	ok(&reader, "attach %s", pool_name());
	cr_assert(find());
	cr_assert(found.n_readers == 1 && zoe_histogram_total(&age) == 0 && zoe_histogram_total(&held) == 0);
}

/* A stopped writer lives: its pool is shown as stalled, and stays. */
Test(list, stopped_writer)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	actor_stop(&writer);
	usleep(700000);
	cr_assert(find() && found.state == ZOE_STATE_STALLED && !found.stale);
	cr_assert(clean(0) == -EBUSY);
	kill(writer.pid, SIGCONT);
	ok(&reader, "attach %s", pool_name());
}

/* States are told apart, and an ended pool is its writer's as long as that lives. */
Test(list, states)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "announce");
	cr_assert(find_as(ZOE_STATE_LIVE) && found.published == 0 && found.stream.width_px == 0);
	ok(&writer, "lost is=1");
	cr_assert(find_as(ZOE_STATE_SOURCE_LOST));
	ok(&writer, "end");
	cr_assert(find() && found.state == ZOE_STATE_ENDED && !found.stale);
	cr_assert(clean(0) == -EBUSY);
	actor_kill(&writer);
	cr_assert(find() && found.stale);
	cr_assert(clean(2) == 0);
}

/* What a dead writer left is removed; a frame that a reader holds of it stays as it is. */
Test(list, stale_pool)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	actor_kill(&writer);
	cr_assert(find() && found.stale && found.state == ZOE_STATE_WRITER_GONE && found.published == 1);
	cr_assert(found.n_readers == 1 && found.readers[0].alive);
	cr_assert(clean(2) == 0, "%s", zoe_error());
	cr_assert(!left_behind() && !find());
	ok(&reader, "check");
	cr_assert(figure(&reader, "held") == 1 && figure(&reader, "torn") == 0, "%s", reader.answer);
	cr_assert(clean(0) == -ENOENT);
	/* The next writer of that name is followed. */
	writer = actor_start();
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ask(&reader, "acquire");
	cr_assert(is(&reader, "EOWNERDEAD"), "%s", reader.answer);
	ok(&reader, "acquire");
}

/* Seats without a reel are remains of a pool. */
Test(list, seats_alone)
{
	leave_stale_pool();
	unlink(path(""));
	cr_assert(find() && found.error == -ENOENT && found.why && found.stale);
	cr_assert(clean(1) == 0, "%s", zoe_error());
	cr_assert(!left_behind());
}

/* A living writer's seats whose reel's name was removed by hand are a living writer's. */
Test(list, living_seats_alone)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	unlink(path(""));
	cr_assert(!find());
	cr_assert(clean(0) == -EBUSY);
	cr_assert(access(path(".seats"), F_OK) == 0);
	actor_kill(&writer);
	cr_assert(clean(1) == 0);
}

/* Temporary names are remains, too, unless their maker lives; what is only called like one is none. */
Test(list, temporary_names)
{
	static const uint64_t magic = ZI_REEL_MAGIC;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	leave_stale_pool();
	rename(path(""), path(".0123456789abcdef.tmp"));
	rename(path(".seats"), path(".0123456789abcdef.seats.tmp"));
	make_file(".fedcba9876543210.tmp", &magic, sizeof(magic));
	make_file(".aaaaaaaaaaaaaaaa.tmp", "other", 5);
	make_file(".backup.tmp", &magic, sizeof(magic));
	make_file(".abc.tmp", &magic, sizeof(magic));
	int fd = open(path(".fedcba9876543210.tmp"), O_RDWR | O_CLOEXEC);
	cr_assert(fcntl(fd, F_OFD_SETLK, &lock) == 0);
	cr_assert(!find());
	cr_assert(clean(2) == 0, "%s", zoe_error());
	cr_assert(access(path(".fedcba9876543210.tmp"), F_OK) == 0);
	close(fd);
	cr_assert(find() && found.stale && found.error == -ENOENT);
	cr_assert(clean(1) == 0, "%s", zoe_error());
	cr_assert(!find());
	cr_assert(unlink(path(".backup.tmp")) == 0 && unlink(path(".abc.tmp")) == 0);
	cr_assert(unlink(path(".aaaaaaaaaaaaaaaa.tmp")) == 0);
}

/* What is no pool is said to be none, and stays; so do the seats beside it. */
Test(list, no_pool)
{
	leave_stale_pool();
	unlink(path(""));
	make_file("", "a file of somebody's", 20);
	cr_assert(find() && found.error == -EBADMSG && !found.stale);
	cr_assert(clean(0) == -EBADMSG);
	cr_assert(unlink(path("")) == 0 && symlink("/dev/null", path("")) == 0);
	cr_assert(find() && found.error == -EBADMSG && !found.stale);
	cr_assert(clean(0) == -EBADMSG);
	cr_assert(unlink(path("")) == 0);
}

/* A pool of another layout, or a damaged one, cannot be described, and is removed when its writer is dead. */
Test(list, unknown_layout)
{
	static const uint32_t version = 99;
	leave_stale_pool();
	int fd = open(path(""), O_WRONLY | O_CLOEXEC);
	cr_assert(pwrite(fd, &version, sizeof(version), offsetof(struct zi_reel, layout_version)) == sizeof(version));
	close(fd);
	cr_assert(find() && found.error == -EPROTONOSUPPORT && found.stale);
	cr_assert(strstr(why, "made by libzoetrope") && strstr(why, "(layout version 99)"), "%s", why);
	cr_assert(truncate(path(""), 100) == 0);
	cr_assert(find() && found.error == -EBADMSG && found.stale);
	cr_assert(clean(2) == 0, "%s", zoe_error());
}

/* Damaged seats leave the pool listed, and its readers unknown. */
Test(list, damaged_seats)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	int fd = open(path(".seats"), O_WRONLY | O_CLOEXEC);
	static const uint64_t huge[] = { UINT64_MAX / 2, UINT64_MAX / 2 };
	cr_assert(pwrite(fd, huge, sizeof(huge), offsetof(struct zi_seats, seats_offset)) == sizeof(huge));
	close(fd);
	cr_assert(find() && !found.error && found.readers_error == -EBADMSG && found.n_readers == 0);
}

/* Names that no pool can have are refused. */
Test(list, bad_names)
{
	struct zoe_cleaned cleaned;
	cr_assert(zoe_pool_clean("", &cleaned) == -EINVAL);
	cr_assert(zoe_pool_clean("../x", &cleaned) == -EINVAL);
	cr_assert(zoe_pool_clean("a.b", &cleaned) == -EINVAL);
	cr_assert(zoe_pool_clean(NULL, &cleaned) == -EINVAL);
}

/* Cleans this name again and again until it is killed. */
static pid_t start_cleaner(const char *name)
{
	pid_t pid = child_fork();
	if (pid == 0) {
		struct zoe_cleaned cleaned;
		for (;;)
			zoe_pool_clean(name, &cleaned);
	}
	return pid;
}

/*
 * True when both names are there, or come back: seats without a reel are moved aside for an instant to be looked at, and
 * may be a new writer's by then.
 */
static bool is_in_place(void)
{
	int64_t deadline_ns = zoe_deadline_in_ms(5000);
	while (access(path(""), F_OK) || access(path(".seats"), F_OK))
		if (!wait_a_little(deadline_ns))
			return false;
	return true;
}

/* Whoever cleans while captures die and come back never takes a living one's name. */
Test(list, cleaning_against_restarts)
{
	pid_t cleaner = start_cleaner(pool_name());
	for (int i = 0; i < 60; i++) {
		ok(&writer, "create %s", pool_name());
		/* The cleaner may have the stale pool's lock just now. */
		cr_assert(comes_to(&writer, "publish", "ok longest_us="), "%s", writer.answer);
		ok(&reader, "attach %s", pool_name());
		ok(&reader, "acquire");
		cr_assert(is_in_place());
		ok(&reader, "detach");
		actor_kill(&writer);
		writer = actor_start();
	}
	child_kill(&cleaner);
}

/* Read locks on every byte that is to be had, of the object that has this name now; older ones stay. */
static void lock_all(int *fd, const char *name)
{
	struct stat was, is;
	if (stat(name, &is))
		return;
	if (*fd < 0 || fstat(*fd, &was) || was.st_ino != is.st_ino)
		*fd = open(name, O_RDONLY | O_CLOEXEC);
	for (int at = 0; at <= ZI_WRITER_BYTE + 1; at++) {
		struct flock lock = { .l_type = F_RDLCK, .l_start = at, .l_len = at > ZI_WRITER_BYTE ? 0 : 1 };
		fcntl(*fd, F_OFD_SETLK, &lock);
	}
}

/*
 * Has a read lock on all that it may read of this pool, wherever and whenever it can: what an observer may do
 * who has only the reel, and a member who has the seats, too.
 */
static pid_t start_onlooker(bool is_member)
{
	char reel[128], seats[128];
	int fds[2] = { -1, -1 };
	snprintf(reel, sizeof(reel), "%s", path(""));
	snprintf(seats, sizeof(seats), "%s", path(".seats"));
	pid_t pid = child_fork();
	while (pid == 0) {
		lock_all(&fds[0], reel);
		if (is_member)
			lock_all(&fds[1], seats);
		usleep(500);
	}
	return pid;
}

/* True once somebody has a read lock on the byte of a dead writer. */
static bool is_locked(const char *suffix)
{
	struct flock lock = { .l_type = F_WRLCK, .l_start = suffix[0] ? ZI_WRITER_BYTE : 0, .l_len = 1 };
	int fd = open(path(suffix), O_RDWR | O_CLOEXEC);
	bool locked = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_RDLCK;
	close(fd);
	return locked;
}

static void onlooker_keeps_nothing(bool is_member)
{
	pid_t onlooker = start_onlooker(is_member);
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	for (int i = 0; i < 2; i++) {
		actor_kill(&writer);
		for (int64_t end = zoe_deadline_in_ms(20000); !is_locked("") || (is_member && !is_locked(".seats"));)
			cr_assert(wait_a_little(end), "no lock of the onlooker");
		cr_assert(find() && found.stale);
		if (i == 1)
			break;
		writer = actor_start();
		ok(&writer, "create %s", pool_name());
		ok(&writer, "publish");
	}
	cr_assert(clean(2) == 0, "%s", zoe_error());
	child_kill(&onlooker);
}

/* An observer that locks what it may read keeps the name from nobody: neither from the next writer, nor from a cleaner. */
Test(list, locks_of_an_observer)
{
	onlooker_keeps_nothing(false);
}

/* Nor does a member. */
Test(list, locks_of_a_member)
{
	onlooker_keeps_nothing(true);
}

#define OTHERS 32

static const char *other(int i)
{
	char suffix[16];
	snprintf(suffix, sizeof(suffix), "-%d", i);
	return path(suffix);
}

static void remove_others(void)
{
	for (int i = 0; i < OTHERS; i++)
		unlink(other(i));
}

/* Lets other names come and go until it is killed. */
static pid_t start_others(void)
{
	pid_t pid = child_fork();
	if (pid == 0) {
		for (;;) {
			for (int i = 0; i < OTHERS; i++)
				close(open(other(i), O_CREAT | O_WRONLY, 0600));
			remove_others();
		}
	}
	return pid;
}

/* A pool is on every list, whatever else comes and goes while it is made. */
Test(list, among_others)
{
	int missed = 0;
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	pid_t others = start_others();
	for (int i = 0; i < 2000; i++)
		missed += !find();
	kill(others, SIGKILL);
	waitpid(others, NULL, 0);
	remove_others();
	cr_assert(missed == 0, "%d of 2000 lists were without it", missed);
	ok(&writer, "destroy");
}
