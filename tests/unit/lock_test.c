/* SPDX-License-Identifier: BSD-2-Clause */
/* Liveness by the kernel: what one open file description learns of another's locks. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/system/lock.h"
#include "pool/system/object.h"
#include "support/child.h"

static int ours, theirs; /* two open file descriptions of one object */

static int open_again(int fd, int flags)
{
	char path[32];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_CLOEXEC);
}

static void begin(void)
{
	ours = zi_object_create();
	theirs = open_again(ours, O_RDWR);
	cr_assert(ours >= 0 && theirs >= 0);
}

static void end(void)
{
	close(ours);
	close(theirs);
}

TestSuite(lock, .init = begin, .fini = end, .timeout = 60);

/* Who takes a byte is seen by others, keeps them out, and does not see itself. */
Test(lock, take)
{
	cr_assert(!zi_lock_held(theirs, 3));
	cr_assert(zi_lock_take(ours, 3) == 0);
	cr_assert(zi_lock_held(theirs, 3) && !zi_lock_held(ours, 3));
	cr_assert(zi_lock_take(theirs, 3) == -EAGAIN);
	cr_assert(zi_lock_take(ours, 3) == 0, "taking again what one has is fine");
}

/* Each byte is one seat's: its neighbours are free. */
Test(lock, take_of_neighbours)
{
	cr_assert(zi_lock_take(ours, 3) == 0);
	cr_assert(!zi_lock_held(theirs, 2) && !zi_lock_held(theirs, 4));
	cr_assert(zi_lock_take(theirs, 2) == 0 && zi_lock_take(theirs, 4) == 0);
}

/* A byte that was dropped is free, and the other ones stay. */
Test(lock, drop)
{
	zi_lock_take(ours, 3);
	zi_lock_take(ours, 4);
	cr_assert(zi_lock_drop(ours, 3) == 0);
	cr_assert(!zi_lock_held(theirs, 3) && zi_lock_held(theirs, 4));
	cr_assert(zi_lock_take(theirs, 3) == 0);
}

/* An onlooker that may only read can take a read lock: that is no sign of life. */
Test(lock, held_by_a_read_lock)
{
	int onlooker = open_again(ours, O_RDONLY);
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 3, .l_len = 1 };
	cr_assert(fcntl(onlooker, F_OFD_SETLK, &lock) == 0);
	cr_assert(!zi_lock_held(theirs, 3));
	cr_assert(zi_lock_take(onlooker, 4) == -EBADF, "nor can it have a writer's");
	close(onlooker);
}

/* A classic lock vanishes when any descriptor of the file is closed; ours stays until its own last one is. */
Test(lock, held_until_the_last_descriptor)
{
	int copy = dup(ours), third = open_again(ours, O_RDWR);
	zi_lock_take(ours, 3);
	close(third);
	close(ours);
	cr_assert(zi_lock_held(theirs, 3));
	close(copy);
	cr_assert(!zi_lock_held(theirs, 3));
}

/* The kernel could not answer: unknown is alive. */
Test(lock, held_unknown)
{
	cr_assert(zi_lock_held(-1, 3));
	cr_assert(zi_lock_take(-1, 3) == -EBADF && zi_lock_drop(-1, 3) == -EBADF);
}

/* A process that is killed has its lock no more; one that is stopped has. */
Test(lock, held_by_a_process_that_dies)
{
	int told[2], status;
	char byte;
	cr_assert(pipe(told) == 0);
	pid_t pid = child_fork();
	if (pid == 0) {
		int fd = open_again(ours, O_RDWR);
		if (zi_lock_take(fd, 3) == 0 && write(told[1], "x", 1) == 1)
			raise(SIGSTOP);
		_exit(1);
	}
	cr_assert(read(told[0], &byte, 1) == 1);
	cr_assert(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	cr_assert(zi_lock_held(theirs, 3));
	kill(pid, SIGKILL);
	cr_assert(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	cr_assert(!zi_lock_held(theirs, 3) && zi_lock_take(theirs, 3) == 0);
}
