/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking at a pool without a seat, from another process. */
#include <criterion/criterion.h>
#include <grp.h>
#include <signal.h>
#include <stddef.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "support/actors.h"
#include "pool/layout/layout.h"

#define ok(actor, ...) cr_assert((ask(actor, __VA_ARGS__), is_ok(actor)), "%s", (actor)->answer)
#define fails(actor, word, ...) cr_assert((ask(actor, __VA_ARGS__), is(actor, word)), "%s", (actor)->answer)

static struct actor writer, observer, reader;

static void begin(void)
{
	writer = actor_start();
	observer = actor_start();
	reader = actor_start();
}

static void end(void)
{
	actor_end(&observer);
	actor_end(&reader);
	if (writer.in)
		actor_end(&writer);
	cr_assert(!left_behind());
}

TestSuite(observer, .init = begin, .fini = end, .timeout = 120);

/* The newest frame is there at once; the next call waits for a newer one, and gets it when it comes. */
Test(observer, newest_and_next)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish 3");
	ok(&observer, "open %s", pool_name());
	ok(&observer, "look ms=0");
	cr_assert(figure(&observer, "seq") == 3 && says(&observer, "whole check=whole"), "%s", observer.answer);
	fails(&observer, "EAGAIN", "look ms=20");
	tell(&observer, "look");
	usleep(30000);
	ok(&writer, "publish 2");
	hear(&observer);
	cr_assert(is_ok(&observer) && figure(&observer, "seq") >= 4, "%s", observer.answer);
}

/* It is told when what it looked at was overwritten, and not before. */
Test(observer, overwritten)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&observer, "open %s", pool_name());
	ok(&observer, "look");
	ok(&writer, "publish");
	ok(&observer, "again");
	cr_assert(says(&observer, "ok whole check=whole"), "%s", observer.answer);
	ok(&writer, "publish");
	ok(&observer, "again");
	cr_assert(says(&observer, "check=overwritten"), "%s", observer.answer);
	ok(&observer, "look");
	cr_assert(figure(&observer, "seq") == 3 && figure(&observer, "skipped") == 1, "%s", observer.answer);
}

/* A slot that is being filled anew is nobody's frame any more, though none has followed yet. */
Test(observer, being_overwritten)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&observer, "open %s", pool_name());
	ok(&observer, "look");
	ok(&writer, "publish");
	ok(&writer, "fill");
	ok(&observer, "again");
	cr_assert(says(&observer, "torn check=overwritten"), "%s", observer.answer);
	ok(&writer, "letgo");
}

/* Nothing that it saw and that the check called whole was torn, however fast the writer is; behind it all is whole. */
Test(observer, racing_writer)
{
	ok(&writer, "create %s side=256", pool_name());
	ok(&writer, "publish side=256");
	ok(&observer, "open %s", pool_name());
	tell(&writer, "publish 20000 side=256");
	for (int i = 0; i < 500; i++) {
		ask(&observer, "look ms=200");
		if (is(&observer, "EAGAIN"))
			break;
		cr_assert(!says(&observer, "torn check=whole"), "%s", observer.answer);
	}
	hear(&writer);
	cr_assert(is_ok(&writer), "%s", writer.answer);
	ok(&writer, "publish side=256");
	ok(&observer, "look");
	cr_assert(says(&observer, "whole check=whole"), "%s", observer.answer);
}

/* It needs no seat: it looks while every seat is taken, and takes none. */
Test(observer, every_seat_taken)
{
	ok(&writer, "create %s seats=1", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&observer, "open %s", pool_name());
	ok(&observer, "look");
	ok(&writer, "stats");
	cr_assert(figure(&writer, "readers") == 1, "%s", writer.answer);
}

/* With permission on the reel alone another user can look, and cannot take a seat. */
Test(observer, another_user)
{
	struct group *nogroup = getgrnam("nogroup");
	if (getuid() != 0 || !nogroup)
		cr_skip_test("only root can become another user here");
	ok(&observer, "become %d", (int)nogroup->gr_gid);
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	fails(&observer, "EACCES", "open %s ms=0", pool_name());
	ok(&writer, "destroy");
	ok(&writer, "create %s observers", pool_name());
	ok(&writer, "publish");
	ok(&observer, "open %s", pool_name());
	ok(&observer, "look");
	cr_assert(says(&observer, "check=whole"), "%s", observer.answer);
	fails(&observer, "EACCES", "attach %s ms=0", pool_name());
}

/* Of two groups one may take seats and look, the other only look. */
Test(observer, members_beside_observers)
{
	struct group *nogroup = getgrnam("nogroup");
	if (getuid() != 0 || !nogroup)
		cr_skip_test("only root can become another user here");
	ok(&observer, "become %d", (int)nogroup->gr_gid);
	ok(&reader, "become 1");
	ok(&writer, "create %s members=1 observers", pool_name());
	ok(&writer, "publish");
	ok(&reader, "attach %s", pool_name());
	ok(&reader, "acquire");
	ok(&observer, "open %s", pool_name());
	ok(&observer, "look");
	fails(&observer, "EACCES", "attach %s ms=0", pool_name());
}

/* Another libc on the other side is no hindrance. */
Test(observer, another_libc)
{
	char path[128];
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	snprintf(path, sizeof(path), "/dev/shm/zoe.%s", pool_name());
	int fd = open(path, O_RDWR);
	cr_assert(pwrite(fd, "musl 1.2", 9, offsetof(struct zi_reel, libc)) == 9);
	close(fd);
	ok(&observer, "open %s", pool_name());
	ok(&observer, "look");
	if (!getenv("ZOE_TEST_ATOMIC"))
		fails(&reader, "EXDEV", "attach %s", pool_name());
}

/* It follows a new epoch, and says that the pool has ended, once. */
Test(observer, epochs_and_end)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish 3");
	ok(&observer, "open %s", pool_name());
	ok(&observer, "look");
	ok(&writer, "create %s side=128 after", pool_name());
	ok(&writer, "publish side=128");
	ok(&observer, "look");
	cr_assert(figure(&observer, "side") == 128 && figure(&observer, "seq") == 1, "%s", observer.answer);
	tell(&observer, "look");
	usleep(30000);
	ok(&writer, "end");
	hear(&observer);
	cr_assert(is(&observer, "ENODATA"), "%s", observer.answer);
	fails(&observer, "EAGAIN", "look ms=20");
}

/* The writer's death ends its wait. */
Test(observer, killed_writer)
{
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish");
	ok(&observer, "open %s", pool_name());
	ok(&observer, "look");
	tell(&observer, "look");
	usleep(30000);
	actor_kill(&writer);
	hear(&observer);
	cr_assert(is(&observer, "EOWNERDEAD"), "%s", observer.answer);
	writer = actor_start();
	ok(&writer, "create %s", pool_name());
	ok(&writer, "publish 2");
	ok(&observer, "look");
	cr_assert(figure(&observer, "seq") == 2, "%s", observer.answer);
}
