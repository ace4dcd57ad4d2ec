/* SPDX-License-Identifier: BSD-2-Clause */
/* A pool with its writer and readers in processes of their own. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/actors.h"
#include "pool/layout/layout.h"

#define ok(actor, ...) cr_assert((ask(actor, __VA_ARGS__), is_ok(actor)), "%s", (actor)->answer)
#define fails(actor, word, ...) cr_assert((ask(actor, __VA_ARGS__), is(actor, word)), "%s", (actor)->answer)

static struct actor writer, reader, other;

static void begin(void)
{
	writer = actor_start();
	reader = actor_start();
	other = actor_start();
}

static void end(void)
{
	if (writer.in)
		actor_kill(&writer);
	if (reader.in)
		actor_kill(&reader);
	if (other.in)
		actor_kill(&other);
	/* What a killed writer leaves is taken away by the next of its name. */
	struct actor cleaner = actor_start();
	ok(&cleaner, "create %s", pool_name());
	ok(&cleaner, "announce");
	actor_end(&cleaner);
	cr_assert(!left_behind());
}

TestSuite(pool, .init = begin, .fini = end, .timeout = 120);

/*
 * What a member can do, and what it cannot: its read locks keep newcomers from the seats, as if it had taken them
 * all; who is seated goes on, and the frames and the seat of one who dies under them come back.
 */
Test(pool, read_locks_of_a_member)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = ZOE_MAX_SEATS - 1 };
	char path[128];
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	snprintf(path, sizeof(path), "/dev/shm/zoe.%s.seats", pool_name());
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	cr_assert(fcntl(fd, F_OFD_SETLK, &lock) == 0);
	fails(&other, "EUSERS", "attach %s ms=100", pool_name());
	ok(&writer, "publish");
	ok(&reader, "acquire");
	actor_kill(&reader);
	lock.l_start = 0;
	cr_assert(fcntl(fd, F_OFD_SETLKW, &lock) == 0);
	cr_assert(comes_to(&writer, "stats", "readers=0 held=0"), "%s", writer.answer);
	close(fd);
	ok(&other, "attach %s", pool_name());
	ok(&other, "acquire");
}

/* A newcomer gets the latest frame at once, not the next one. */
Test(pool, newcomer_to_a_paused_source)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish 5");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	cr_assert(figure(&reader, "seq") == 5 && says(&reader, "whole"), "%s", reader.answer);
	fails(&reader, "EAGAIN", "acquire ms=0");
}

/* Two readers look at the same frame, and the pool needs no more than three slots for it. */
Test(pool, two_readers_of_one_frame)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&other, "attach %s", pool_name());
	ok(&reader, "acquire");
	ok(&other, "acquire");
	for (int i = 0; i < 20; i++) {
		ok(&writer, "publish");
		ok(&reader, "release");
		ok(&reader, "acquire");
		ok(&other, "release");
		ok(&other, "acquire");
		cr_assert(figure(&reader, "seq") == figure(&other, "seq"));
	}
	ask(&writer, "stats");
	cr_assert(figure(&writer, "slots") <= 3, "%s", writer.answer);
}

/* A held frame does not change while the writer goes round the pool a thousand times. */
Test(pool, held_frames_while_the_writer_laps)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	ok(&writer, "publish");
	ok(&reader, "acquire");
	ok(&writer, "publish 1000");
	ok(&reader, "check");
	cr_assert(figure(&reader, "held") == 2 && figure(&reader, "torn") == 0, "%s", reader.answer);
	fails(&reader, "EBUSY", "acquire ms=0");
	ok(&reader, "release");
	ok(&reader, "acquire");
	cr_assert(figure(&reader, "seq") == 1002, "%s", reader.answer);
	cr_assert(figure(&reader, "skipped") == 999, "%s", reader.answer);
}

/* A stopped reader delays neither the writer nor another reader, and goes on with the newest frame. */
Test(pool, stopped_reader)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&other, "attach %s", pool_name());
	ok(&reader, "acquire");
	actor_stop(&reader);
	for (int i = 0; i < 50; i++) {
		ok(&writer, "publish");
		ok(&other, "acquire");
		ok(&other, "release");
	}
	kill(reader.pid, SIGCONT);
	ok(&reader, "check");
	cr_assert(figure(&reader, "torn") == 0, "%s", reader.answer);
	ok(&reader, "acquire");
	cr_assert(figure(&reader, "seq") == 51, "%s", reader.answer);
}

/* A killed reader's seat and frames come back by themselves. */
Test(pool, killed_reader)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	ok(&writer, "publish");
	ok(&reader, "acquire");
	ask(&writer, "stats");
	cr_assert(figure(&writer, "held") == 2 && figure(&writer, "readers") == 1, "%s", writer.answer);
	actor_kill(&reader);
	cr_assert(comes_to(&writer, "stats", "readers=0 held=0"), "%s", writer.answer);
}

/* A reader that died while its forked child lives on is not gone for ever. */
Test(pool, killed_reader_with_an_orphan)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	ok(&reader, "orphan ms=100000");
	pid_t orphan = (pid_t)figure(&reader, "pid");
	actor_kill(&reader);
	bool came_back = comes_to(&writer, "stats", "readers=0 held=0");
	cr_assert(kill(orphan, SIGKILL) == 0, "the orphan died before the test was over");
	cr_assert(came_back, "%s", writer.answer);
}

/* Nor is a dead writer whose forked child lives on taken for a living one. */
Test(pool, killed_writer_with_an_orphan)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	ok(&writer, "orphan ms=100000");
	pid_t orphan = (pid_t)figure(&writer, "pid");
	actor_kill(&writer);
	ask(&reader, "acquire");
	ok(&other, "create %s", pool_name());
	ask(&other, "announce");
	cr_assert(kill(orphan, SIGKILL) == 0, "the orphan died before the test was over");
	cr_assert(is(&reader, "EOWNERDEAD"), "%s", reader.answer);
	cr_assert(is_ok(&other), "%s", other.answer);
}

/* A wait ends when the writer is killed; the held frame stays; the restarted one is followed. */
Test(pool, killed_writer)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	tell(&reader, "acquire");
	usleep(50000);
	actor_kill(&writer);
	hear(&reader);
	cr_assert(is(&reader, "EOWNERDEAD"), "%s", reader.answer);
	ok(&reader, "check");
	cr_assert(figure(&reader, "torn") == 0);
	ask(&reader, "status");
	cr_assert(says(&reader, "writer-gone"), "%s", reader.answer);

	writer = actor_start();
	ok(&writer, "create %s side=32", pool_name());
	ok(&writer, "publish side=32");
	ok(&reader, "acquire");
	cr_assert(figure(&reader, "seq") == 1 && figure(&reader, "side") == 32, "%s", reader.answer);
	ok(&reader, "check");
	cr_assert(figure(&reader, "held") == 2 && figure(&reader, "torn") == 0, "%s", reader.answer);
	ok(&reader, "release all");
	ask(&reader, "status");
	cr_assert(says(&reader, "live") && figure(&reader, "held") == 0, "%s", reader.answer);
}

/* While the writer is stopped every call comes back by its deadline and says since when. */
Test(pool, stopped_writer)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	actor_stop(&writer);
	usleep(700000);
	fails(&reader, "EAGAIN", "acquire ms=200");
	/* Not when the writer goes on, nor when something else gives up; how late is the machine's business. */
	cr_assert(figure(&reader, "took_ms") < 10000, "%s", reader.answer);
	ask(&reader, "status");
	cr_assert(says(&reader, "stalled"), "%s", reader.answer);
	cr_assert(figure(&reader, "since_ms") >= 500, "%s", reader.answer);
	fails(&other, "ETIMEDOUT", "attach %s ms=0", pool_name());
	ok(&reader, "release");
	ok(&reader, "detach");
	kill(writer.pid, SIGCONT);
	ok(&writer, "publish");
	ok(&other, "attach %s", pool_name());
}

/* The end of a pool comes after its last frame, is said once, and is not the writer's death. */
Test(pool, ended)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&writer, "end");
	ok(&writer, "destroy");
	cr_assert(!left_behind());
	ok(&reader, "acquire");
	fails(&reader, "ENODATA", "acquire");
	fails(&reader, "EAGAIN", "acquire ms=20");
	ok(&reader, "check");
	cr_assert(figure(&reader, "torn") == 0);
	ask(&reader, "status");
	cr_assert(says(&reader, "ended"), "%s", reader.answer);
	fails(&other, "ENOENT", "attach %s ms=0", pool_name());
}

/* A lost source is a state with a time, and ends. */
Test(pool, source_lost)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&writer, "lost is=1");
	cr_assert(comes_to(&reader, "status", "source-lost"), "%s", reader.answer);
	ok(&writer, "lost is=0");
	cr_assert(comes_to(&reader, "status", "live"), "%s", reader.answer);
}

/* A name with a live writer is not taken over; a dead writer's is. */
Test(pool, taken_name)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&other, "create %s", pool_name());
	fails(&other, "EBUSY", "announce");
	cr_assert(says(&other, "being written by pid"), "%s", other.answer);
	ok(&reader, "attach %s", pool_name());
	actor_kill(&writer);
	ok(&other, "announce");
	ok(&other, "publish");
}

/* Waiting for a pool that is not there yet ends when it is. */
Test(pool, attach_before_the_writer)
{
	tell(&reader, "attach %s", pool_name());
	usleep(100000);
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	hear(&reader);
	cr_assert(is_ok(&reader), "%s", reader.answer);
	ok(&reader, "acquire");
}

/* A reader of the latest follows to the next epoch and keeps what it holds of the old. */
Test(pool, new_epoch_for_latest)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish 3");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	ok(&writer, "create %s side=128 after", pool_name());
	ok(&writer, "publish side=128");
	ok(&reader, "acquire");
	cr_assert(figure(&reader, "side") == 128 && figure(&reader, "seq") == 1, "%s", reader.answer);
	ok(&writer, "publish 100 side=128");
	ok(&reader, "check");
	cr_assert(figure(&reader, "held") == 2 && figure(&reader, "torn") == 0, "%s", reader.answer);
}

/* What a reader of the latest did not see of the old epoch and of the new one is counted as skipped. */
Test(pool, skipped_across_epochs)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish 3");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	cr_assert(figure(&reader, "skipped") == 0, "%s", reader.answer);
	ok(&reader, "release");
	ok(&writer, "publish 4");
	ok(&reader, "acquire");
	cr_assert(figure(&reader, "skipped") == 3, "%s", reader.answer);
	ok(&reader, "release");
	ok(&writer, "create %s after", pool_name());
	ok(&writer, "publish 5");
	ok(&reader, "acquire");
	cr_assert(figure(&reader, "skipped") == 4 && figure(&reader, "seq") == 5, "%s", reader.answer);
}

/* A lossless reader gets every frame of every epoch. */
Test(pool, new_epochs_for_lossless)
{
	ok(&writer, "create %s lossless", pool_name());
	ok(&writer, "announce");
	ok(&reader, "attach %s lossless", pool_name());
	ok(&other, "attach %s lossless depth=3", pool_name());
	tell(&reader, "consume ms=20000");
	tell(&other, "consume ms=20000 hold=1");
	for (int i = 0; i < 10; i++) {
		ok(&writer, "publish 7");
		ok(&writer, "create %s lossless after", pool_name());
	}
	ok(&writer, "publish");
	ok(&writer, "end");
	hear(&reader);
	cr_assert(figure(&reader, "frames") == 71 && figure(&reader, "torn") == 0, "%s", reader.answer);
	cr_assert(says(&reader, "end=ENODATA"), "%s", reader.answer);
	hear(&other);
	cr_assert(figure(&other, "frames") == 71 && figure(&other, "torn") == 0, "%s", other.answer);
}

/* Not one frame is lost between two epochs, however short they are. */
Test(pool, many_short_epochs)
{
	ok(&writer, "create %s lossless", pool_name());
	ok(&writer, "announce");
	ok(&reader, "attach %s lossless", pool_name());
	tell(&reader, "consume ms=20000");
	ok(&writer, "epochs %s 300", pool_name());
	ok(&writer, "end");
	hear(&reader);
	cr_assert(figure(&reader, "frames") == 300 && says(&reader, "end=ENODATA"), "%s", reader.answer);
}

/* A lossless reader makes publish wait, and its death ends the wait. */
Test(pool, lossless_reader_makes_wait)
{
	ok(&writer, "create %s lossless", pool_name());
	ok(&writer, "announce");
	ok(&reader, "attach %s lossless", pool_name());
	ok(&writer, "publish");
	fails(&writer, "ETIMEDOUT", "publish ms=50");
	ok(&reader, "acquire");
	ok(&writer, "publish");
	tell(&writer, "publish");
	actor_kill(&reader);
	hear(&writer);
	cr_assert(is_ok(&writer), "%s", writer.answer);
}

/* Lossless is the writer's to allow. */
Test(pool, lossless_not_allowed)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	fails(&reader, "EOPNOTSUPP", "attach %s lossless", pool_name());
	cr_assert(says(&reader, "--lossless"), "%s", reader.answer);
}

/* No seat is given that the slots cannot serve; who is seated stays served. */
Test(pool, admission)
{
	ok(&writer, "create %s slots=8 reserved=2", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	fails(&other, "ENOSPC", "attach %s", pool_name());
	cr_assert(says(&other, "room for 8 slots and would need 10"), "%s", other.answer);
	cr_assert(comes_to(&writer, "stats", "readers=1"), "%s", writer.answer);
	ok(&reader, "detach");
	ok(&other, "attach %s", pool_name());
}

/* Who is killed and comes back at once finds its place, also where there is room for one. */
Test(pool, admission_after_a_crash)
{
	ok(&writer, "create %s slots=8 reserved=2", pool_name());
	ok(&writer, "publish");
	for (int i = 0; i < 5; i++) {
		ok(&reader, "attach %s", pool_name());
		ok(&reader, "acquire");
		actor_kill(&reader);
		reader = actor_start();
	}
	ok(&reader, "attach %s", pool_name());
}

/* The writer may go on reading a slot that it published; nobody gets it before it lets go. */
Test(pool, kept_slots)
{
	ok(&writer, "create %s slots=4", pool_name());
	ok(&writer, "publish 3 keep");
	fails(&writer, "EAGAIN", "publish 2 keep");
	ok(&writer, "withdraw");
	ok(&writer, "letgo");
	ok(&writer, "publish");
	ok(&writer, "withdraw");
}

/* A slot that a reader holds, or that is the latest, cannot be withdrawn. */
Test(pool, withdraw_what_is_looked_at)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish keep");
	fails(&writer, "EBUSY", "withdraw");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	ok(&writer, "publish");
	fails(&writer, "EBUSY", "withdraw");
	ok(&reader, "release");
	ok(&writer, "withdraw");
	fails(&writer, "EINVAL", "withdraw");
}

/* A forked child's copies refuse, and do the parent no harm. */
Test(pool, forked_child)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "fork");
	cr_assert(says(&reader, "child=refused"), "%s", reader.answer);
	ok(&writer, "fork");
	cr_assert(says(&writer, "child=refused"), "%s", writer.answer);
	ok(&writer, "publish");
	ok(&reader, "acquire");
	cr_assert(says(&reader, "seq=2"), "%s", reader.answer);
}

/* A stray write of a reader is the reader's own end. */
Test(pool, scribbling_reader)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	fails(&reader, "dead", "scribble");
	int status = actor_end(&reader);
	cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	ok(&writer, "publish");
}

/* glibc's own condition variable does the same work. */
Test(pool, pthread_condition_variable)
{
	ok(&writer, "create %s pthread lossless", pool_name());
	ok(&writer, "announce");
	ok(&reader, "attach %s lossless", pool_name());
	ok(&other, "attach %s", pool_name());
	tell(&reader, "consume ms=20000");
	tell(&other, "consume ms=20000");
	ok(&writer, "publish 200 pause_us=500");
	ok(&writer, "end");
	hear(&reader);
	cr_assert(figure(&reader, "frames") == 200 && figure(&reader, "torn") == 0, "%s", reader.answer);
	hear(&other);
	cr_assert(figure(&other, "torn") == 0 && says(&other, "end=ENODATA"), "%s", other.answer);
}
