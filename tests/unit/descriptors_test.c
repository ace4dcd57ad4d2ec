/* SPDX-License-Identifier: BSD-2-Clause */
/* What a forked child gives up, and descriptors that are no longer what they were. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/reader/state.h"
#include "pool/system/descriptors.h"
#include "pool/system/lock.h"
#include "pool/system/object.h"
#include "support/child.h"
#include "support/frame.h"
#include "support/name.h"
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

static struct zoe_writer *writer, *successor;
static struct zoe_reader *reader;
static atomic_bool forking, released, waited_in_vain;

/* Runs in fork() after the library's own handler: nobody can close a descriptor meanwhile. */
static void take_long(void)
{
	int64_t deadline_ns = zoe_deadline_in_ms(20000);
	atomic_store(&forking, true);
	while (!atomic_load(&released) && wait_a_little(deadline_ns))
		continue;
	atomic_store(&waited_in_vain, !atomic_load(&released));
}

/* In a child: the name that its parent uses. */
static char forced_name[ZOE_NAME_BYTES];

static void make_pool(struct zoe_writer **pool, struct zoe_writer *predecessor)
{
	const struct zoe_writer_options options = { .slot_bytes = 4096, .predecessor = predecessor };
	char name[ZOE_NAME_BYTES];
	own_pool_name(name, "unit-descriptors");
	if (forced_name[0])
		memcpy(name, forced_name, sizeof(name));
	cr_assert(zoe_writer_create(pool, name, &options) == 0 && publish_gray(*pool, 64, 64, 0) == 0, "%s",
		zoe_error());
	if (!reader && !forced_name[0])
		cr_assert(zoe_reader_attach(&reader, name, NULL, ZOE_POLL) == 0, "%s", zoe_error());
}

/* The last frame of an epoch that is over is released while another thread forks, and that takes long. */
TestSuite(long_fork, .timeout = 60);

Test(long_fork, release_meanwhile)
{
	const struct zoe_frame *old, *frame;
	pthread_t thread;

	cr_assert(pthread_atfork(take_long, NULL, NULL) == 0);
	make_pool(&writer, NULL);
	cr_assert(zoe_reader_acquire(reader, &old, ZOE_POLL) == 0);
	make_pool(&successor, writer);
	zoe_writer_destroy(&writer);
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(20000)) == 0);
	cr_assert(pthread_create(&thread, NULL, fork_a_child, NULL) == 0);
	while (!atomic_load(&forking))
		usleep(1000);
	zoe_reader_release(reader, old);
	/* Nor does it wait for news. */
	cr_assert(zoe_reader_acquire(reader, &old, ZOE_POLL) == -EAGAIN);
	atomic_store(&released, true);
	pthread_join(thread, NULL);
	cr_assert(!atomic_load(&waited_in_vain));
	/* What it could not close then is closed with the next look. */
	cr_assert(reader->old && zoe_reader_acquire(reader, &old, ZOE_POLL) == -EAGAIN && !reader->old);
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&successor);
}

static uint8_t *kept;
static uint32_t kept_slot;

static bool lets_go_of_nothing(void)
{
	/* Where the pool is in the parent the child has something of its own. */
	volatile uint8_t *own = mmap(kept, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (own != kept)
		return false;
	zoe_writer_let_go(writer, kept_slot);
	*own = 1;
	return *own == 1;
}

/* A child that is forked when a destroyed writer still has holds has none of them, nor its memory. */
Test(fork, destroyed_with_holds)
{
	const struct zoe_frame_info info = gray_frame(64, 64);
	struct zoe_slot slot;

	make_pool(&writer, NULL);
	cr_assert(zoe_writer_begin(writer, &slot) == 0);
	cr_assert(zoe_writer_publish(writer, slot.index, &info, ZOE_PUBLISH_KEEP, ZOE_POLL) == 0);
	kept = slot.data;
	kept_slot = slot.index;
	struct zoe_writer *destroyed = writer;
	zoe_writer_destroy(&writer);
	writer = destroyed;
	cr_assert(true_in_child(lets_go_of_nothing));
	zoe_writer_let_go(writer, kept_slot);
	zoe_reader_detach(&reader);
}

/* Make a pool, and a child that fork handlers hear nothing of: it keeps the pool's lock. Until the pipe is closed. */
static void write_and_clone(int told, int until)
{
	char byte;
	make_pool(&writer, NULL);
	if (_Fork() == 0)
		_exit(read(until, &byte, 1) != 0);
	if (write(told, "x", 1) == 1)
		pause();
	_exit(1);
}

/* A writer is known to be dead though a child of its, made without fork(), has its lock; another has the name then. */
Test(long_fork, writer_with_a_raw_child)
{
	const struct zoe_writer_options options = { .slot_bytes = 4096 };
	const struct zoe_frame *frame;
	char name[ZOE_NAME_BYTES], byte;
	int told[2], until[2];

	own_pool_name(name, "unit-descriptors");
	cr_assert(pipe(told) == 0 && pipe(until) == 0);
	pid_t pid = child_fork();
	if (pid == 0) {
		close(until[1]);
		snprintf(forced_name, sizeof(forced_name), "%s", name);
		write_and_clone(told[1], until[0]);
	}
	cr_assert(read(told[0], &byte, 1) == 1);
	cr_assert(zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(20000)) == 0, "%s", zoe_error());
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(20000)) == 0);
	/* Stopped it lives. */
	kill(pid, SIGSTOP);
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(800)) == -EAGAIN);
	/* Dead, and its parent has not asked for it. */
	kill(pid, SIGKILL);
	cr_assert(zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(20000)) == -EOWNERDEAD, "%s", zoe_error());
	cr_assert(waitpid(pid, NULL, 0) == pid);
	cr_assert(zoe_writer_create(&successor, name, &options) == 0);
	cr_assert(zoe_writer_announce(successor) == 0, "%s", zoe_error());
	close(until[1]);
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&successor);
}
