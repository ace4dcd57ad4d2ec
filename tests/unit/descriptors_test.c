/* SPDX-License-Identifier: BSD-2-Clause */
/* What a forked child gives up, and descriptors that are no longer what they were. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/system/descriptors.h"
#include "pool/system/lock.h"
#include "pool/system/object.h"
#include "support/child.h"
#include "support/wait.h"

static struct zi_descriptors entries[3];

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void adopt(struct zi_descriptors *entry, int i, int fd)
{
	zi_descriptors_pause();
	zi_descriptors_adopt(entry, i, fd);
	zi_descriptors_resume();
}

static void begin(void)
{
	for (int i = 0; i < 3; i++) {
		cr_assert(zi_descriptors_watch(&entries[i]) == 0);
		adopt(&entries[i], i % 2, zi_object_create());
	}
}

/* What the function says of itself in a forked child. */
static bool true_in_child(bool (*look)(void))
{
	int status;
	pid_t pid = child_fork();
	if (pid == 0) {
		_exit(look() ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TestSuite(fork, .init = begin, .timeout = 60);

static int fds[3];

static bool all_gone(void)
{
	bool gone = true;
	for (int i = 0; i < 3; i++)
		gone = gone && !is_open(fds[i]) && entries[i].is_copy && !zi_descriptors_intact(&entries[i], i % 2);
	return gone;
}

/* A child has none of the descriptors, and knows that what it has is a copy; the parent keeps all. */
Test(fork, watch_and_fork)
{
	for (int i = 0; i < 3; i++)
		fds[i] = entries[i].fds[i % 2];
	cr_assert(true_in_child(all_gone));
	for (int i = 0; i < 3; i++)
		cr_assert(is_open(fds[i]) && !entries[i].is_copy && zi_descriptors_intact(&entries[i], i % 2));
}

/* A child that goes on living does not keep the parent's locks alive. */
Test(fork, close_while_a_child_lives)
{
	char path[32];
	int fd = entries[1].fds[1], told[2];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int other = open(path, O_RDWR | O_CLOEXEC);
	cr_assert(pipe(told) == 0 && zi_lock_take(fd, 0) == 0 && zi_lock_held(other, 0));
	pid_t pid = child_fork();
	if (pid == 0) {
		char byte;
		_exit(read(told[0], &byte, 1) == 1 ? 0 : 1);
	}
	zi_descriptors_close(&entries[1]);
	/* The child closes its copies before fork() returns there: that may be after it returned here. */
	int64_t deadline_ns = zoe_deadline_in_ms(10000);
	while (zi_lock_held(other, 0) && wait_a_little(deadline_ns))
		continue;
	cr_assert(!zi_lock_held(other, 0));
	cr_assert(write(told[1], "x", 1) == 1 && waitpid(pid, NULL, 0) == pid);
}

static bool others_gone(void)
{
	return is_open(fds[1]) && !is_open(fds[0]) && !is_open(fds[2]) && !entries[1].is_copy;
}

static bool nothing_changed(void)
{
	return is_open(fds[0]) && !entries[0].is_copy && !entries[1].is_copy && !entries[2].is_copy;
}

/* Who left the list is no business of a child's, and whoever is left in it still is. */
Test(fork, close_in_the_middle)
{
	for (int i = 0; i < 3; i++)
		fds[i] = entries[i].fds[i % 2];
	for (int twice = 0; twice < 2; twice++)
		zi_descriptors_close(&entries[1]);
	cr_assert(!is_open(fds[1]) && entries[1].fds[1] == -1);
	cr_assert(dup2(STDERR_FILENO, fds[1]) == fds[1]);
	cr_assert(true_in_child(others_gone));
	zi_descriptors_close(&entries[2]);
	zi_descriptors_close(&entries[0]);
	cr_assert(!is_open(fds[0]) && !is_open(fds[2]));
	cr_assert(dup2(STDERR_FILENO, fds[0]) == fds[0]);
	cr_assert(true_in_child(nothing_changed));
}

/* A descriptor that was never there, that was closed, or that is another file by now is not ours. */
Test(fork, has)
{
	int fd = entries[0].fds[0];
	cr_assert(zi_descriptors_intact(&entries[0], 0) && !zi_descriptors_intact(&entries[0], 1));
	close(fd);
	cr_assert(!zi_descriptors_intact(&entries[0], 0));
	int another = zi_object_create();
	cr_assert(another == fd || dup2(another, fd) == fd);
	cr_assert(!zi_descriptors_intact(&entries[0], 0), "an object of the same kind");
}

/* The application's file that got the number of a lost descriptor stays open. */
Test(fork, close_of_a_number_that_is_another_file)
{
	int fd = entries[0].fds[0];
	cr_assert(dup2(STDERR_FILENO, fd) == fd);
	zi_descriptors_close(&entries[0]);
	cr_assert(is_open(fd) && entries[0].fds[0] == -1);
}

/*
 * Somebody closed our descriptor and the kernel gave its number to a link that opened the
 * very same object: it is the new one's alone.
 */
Test(fork, adopt_of_a_reused_number)
{
	for (int i = 0; i < 2; i++) {
		int fd = entries[i].fds[i], same = dup(fd);
		close(fd);
		cr_assert(dup2(same, fd) == fd);
		adopt(&entries[2], i, fd);
		cr_assert(entries[i].fds[i] == -1 && entries[2].fds[i] == fd);
		zi_descriptors_close(&entries[i]);
		cr_assert(is_open(fd) && zi_descriptors_intact(&entries[2], i));
		fds[i] = fd;
	}
	zi_descriptors_close(&entries[2]);
	cr_assert(!is_open(fds[0]) && !is_open(fds[1]));
}

static bool closes_nothing(void)
{
	/* The child's own file has the number by now. */
	int own = dup2(STDERR_FILENO, fds[0]);
	zi_descriptors_close(&entries[0]);
	return own == fds[0] && is_open(own) && entries[1].next == &entries[0];
}

/* Closing a copy in the child does nothing there, nor to its neighbours, which may be freed by then. */
Test(fork, close_of_a_copy)
{
	fds[0] = entries[0].fds[0];
	cr_assert(true_in_child(closes_nothing));
}

static bool grandchild_has_none(void)
{
	return !is_open(fds[0]) && entries[0].is_copy;
}

static bool watches_anew(void)
{
	struct zi_descriptors own;
	if (zi_descriptors_watch(&own) || own.next)
		return false;
	zi_descriptors_close(&own);
	if (zi_descriptors_watch(&entries[0]))
		return false;
	fds[0] = zi_object_create();
	adopt(&entries[0], 0, fds[0]);
	return is_open(fds[0]) && true_in_child(grandchild_has_none);
}

/* A child may have readers and writers of its own: its list begins empty, and its children give those up. */
Test(fork, watch_in_a_child)
{
	cr_assert(true_in_child(watches_anew));
}

static atomic_bool forked;

static void *fork_a_child(void *unused)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	atomic_store(&forked, true);
	waitpid(pid, NULL, 0);
	return unused;
}

/* Between pause and resume nobody forks. */
Test(fork, pause)
{
	pthread_t thread;
	zi_descriptors_pause();
	cr_assert(pthread_create(&thread, NULL, fork_a_child, NULL) == 0);
	usleep(50000);
	bool early = atomic_load(&forked);
	zi_descriptors_resume();
	pthread_join(thread, NULL);
	cr_assert(!early && atomic_load(&forked));
}
