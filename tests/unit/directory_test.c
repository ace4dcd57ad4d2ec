/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of /dev/shm taken apart, and which of them are swept away. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pool/layout/layout.h"
#include "pool/registry/directory.h"
#include "pool/system/lock.h"
#include "pool/system/object.h"
#include "support/name.h"

#define EPOCH UINT64_C(0xabc)

static char name[ZOE_NAME_BYTES];
static struct zi_entry entry;
static int fds[2]; /* a reel and its seats, without names to begin with */

static void begin(void)
{
	static const uint64_t magic[] = { ZI_REEL_MAGIC, ZI_SEATS_MAGIC };
	own_pool_name(name, "unit-directory");
	for (int i = 0; i < 2; i++) {
		fds[i] = zi_object_create();
		cr_assert(write(fds[i], &magic[i], sizeof(magic[i])) == sizeof(magic[i]));
	}
}

static void end(void)
{
	for (int i = 0; i < 2; i++) {
		zi_object_unlink(fds[i], name, (enum zi_object)i);
		zi_object_unlink_temp(name, (enum zi_object)i, EPOCH);
		close(fds[i]);
	}
}

/* How many names the object has: 0 or 1. */
static int n_names(int fd)
{
	struct stat status;
	cr_assert(fstat(fd, &status) == 0);
	return (int)status.st_nlink;
}

TestSuite(entry, .init = begin, .fini = end, .timeout = 60);

/* Reel and seats, in place and in temp, as LAYOUT.md and object.h name them. */
Test(entry, parse)
{
	static const struct {
		const char *text, *name;
		enum zi_object which;
		bool is_temp;
	} rows[] = {
		{ "zoe.cam0", "cam0", ZI_REEL, false },
		{ "zoe.cam0.seats", "cam0", ZI_SEATS, false },
		{ "zoe.cam0.0123456789abcdef.tmp", "cam0", ZI_REEL, true },
		{ "zoe.cam0.0123456789abcdef.seats.tmp", "cam0", ZI_SEATS, true },
		{ "zoe.0123456789abcdef", "0123456789abcdef", ZI_REEL, false },
		{ "zoe.seats.seats", "seats", ZI_SEATS, false },
		{ "zoe.cam0.lock", "cam0", ZI_LOCK, false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_assert(zi_entry_parse(rows[i].text, &entry), "%s", rows[i].text);
		cr_assert(strcmp(entry.name, rows[i].name) == 0 && entry.which == rows[i].which &&
				entry.is_temp == rows[i].is_temp,
			"%s", rows[i].text);
	}
}

/* What only looks like it is somebody else's. */
Test(entry, parse_of_what_is_no_pool)
{
	static const char *const others[] = {
		"",
		"zoe",
		"zoe.",
		"zoe..seats",
		"cam0",
		"sem.cam0",
		"zoe.cam 0",
		"zoe.cam0.",
		"zoe.cam0.tmp",
		"zoe.cam0.seats.tmp",
		"zoe.cam0.seatsx",
		"zoe.cam0.seats.seats",
		"zoe.cam0.lock.tmp",
		"zoe.cam0.0123456789abcdef.lock.tmp",
		"zoe.cam0.0123456789abcde.tmp",
		"zoe.cam0.0123456789abcdef0.tmp",
		"zoe.cam0.0123456789abcdef",
		"zoe.cam0.0123456789abcdef.tmp.tmp",
		"zoe.cam0.0123456789ABCDEF.tmp",
		"zoex.cam0",
		"zoexcam0",
		"zoe.cam0.seatx",
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_assert(!zi_entry_parse(others[i], &entry), "%s", others[i]);
}

/* The longest name that a pool may have is one, and one letter more is none. */
Test(entry, parse_of_the_longest_name)
{
	char text[NAME_MAX + 1] = "zoe.";
	memset(text + 4, 'x', ZOE_NAME_BYTES - 1);
	cr_assert(zi_entry_parse(text, &entry) && strlen(entry.name) == ZOE_NAME_BYTES - 1);
	text[4 + ZOE_NAME_BYTES - 1] = 'x';
	cr_assert(!zi_entry_parse(text, &entry));
	memset(text + 4, 'x', sizeof(text) - 5);
	cr_assert(!zi_entry_parse(text, &entry), "nor is the longest that a file may have");
}

/* An object is known by its first bytes, each kind by its own. */
Test(entry, is)
{
	int empty = zi_object_create(), directory = open("/", O_RDONLY | O_CLOEXEC);
	cr_assert(zi_entry_is(fds[0], ZI_REEL) == 1 && zi_entry_is(fds[1], ZI_SEATS) == 1);
	cr_assert(zi_entry_is(fds[0], ZI_SEATS) == 0 && zi_entry_is(fds[1], ZI_REEL) == 0);
	cr_assert(zi_entry_is(empty, ZI_LOCK) == 1 && zi_entry_is(fds[0], ZI_LOCK) == 0);
	cr_assert(zi_entry_is(empty, ZI_REEL) == 0 && zi_entry_is(directory, ZI_REEL) == 0);
	cr_assert(zi_entry_is(-1, ZI_REEL) == -EBADF);
	close(empty);
	close(directory);
}

static int open_again(int fd)
{
	char path[32];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* A writer lives while it has the byte of that kind of object; a reader's byte says nothing of it. */
Test(entry, stale)
{
	int reel = open_again(fds[0]), seats = open_again(fds[1]);
	zi_lock_take(fds[1], 0);
	cr_assert(zi_entry_stale(reel, ZI_REEL) && zi_entry_stale(seats, ZI_SEATS));
	zi_lock_take(fds[0], 0);
	zi_lock_take(fds[1], ZI_WRITER_BYTE);
	cr_assert(!zi_entry_stale(reel, ZI_REEL) && !zi_entry_stale(seats, ZI_SEATS));
	close(reel);
	close(seats);
}

/* How many descriptors this process has. */
static int n_open(void)
{
	int n = 0;
	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* What a living writer has under a temporary name stays, and what a dead one left goes. */
Test(entry, sweep)
{
	static const unsigned bytes[] = { 0, ZI_WRITER_BYTE };
	for (int i = 0; i < 2; i++) {
		cr_assert(zi_lock_take(fds[i], bytes[i]) == 0);
		cr_assert(zi_object_link_temp(fds[i], name, (enum zi_object)i, EPOCH) == 0);
	}
	zi_directory_sweep(name, NULL);
	cr_assert(n_names(fds[0]) == 1 && n_names(fds[1]) == 1);
	zi_lock_drop(fds[0], 0);
	zi_directory_sweep(name, NULL);
	cr_assert(n_names(fds[0]) == 0 && n_names(fds[1]) == 1);
	zi_lock_drop(fds[1], ZI_WRITER_BYTE);
	int n_before = n_open();
	zi_directory_sweep(name, NULL);
	cr_assert(n_names(fds[1]) == 0);
	cr_assert(n_open() == n_before, "a descriptor was left open");
}

/* A fifo of such a name makes nobody wait, and a link leads nobody elsewhere; neither is ours to remove. */
Test(entry, sweep_of_what_is_no_object)
{
	char reel[ZI_PATH_BYTES], fifo[ZI_PATH_BYTES + 32], link[ZI_PATH_BYTES + 32];
	zi_object_path(reel, name, ZI_REEL);
	snprintf(fifo, sizeof(fifo), "%s.%016llx.tmp", reel, (unsigned long long)EPOCH + 1);
	snprintf(link, sizeof(link), "%s.%016llx.tmp", reel, (unsigned long long)EPOCH + 2);
	zi_object_link_temp(fds[0], name, ZI_REEL, EPOCH);
	zi_object_rename_into_place(name, ZI_REEL, EPOCH, RENAME_NOREPLACE);
	cr_assert(mkfifo(fifo, 0600) == 0 && symlink(reel, link) == 0);
	zi_directory_sweep(name, NULL);
	cr_assert(unlink(fifo) == 0 && unlink(link) == 0);
	cr_assert(n_names(fds[0]) == 1);
}

/* Names in place are not swept, though nobody lives there: they belong to whoever locks them. */
Test(entry, sweep_in_place)
{
	for (int i = 0; i < 2; i++) {
		zi_object_link_temp(fds[i], name, (enum zi_object)i, EPOCH);
		cr_assert(zi_object_rename_into_place(name, (enum zi_object)i, EPOCH, RENAME_NOREPLACE) == 0);
	}
	zi_directory_sweep(name, NULL);
	cr_assert(n_names(fds[0]) == 1 && n_names(fds[1]) == 1);
}

/* Another pool's leftovers are not this one's business, nor is what is no pool's at all. */
Test(entry, sweep_of_another_name)
{
	char longer[ZOE_NAME_BYTES];
	int empty = zi_object_create();
	snprintf(longer, sizeof(longer), "unit-directory-%dx", (int)getpid());
	zi_object_link_temp(fds[0], longer, ZI_REEL, EPOCH);
	zi_object_link_temp(empty, name, ZI_REEL, EPOCH);
	zi_directory_sweep(name, NULL);
	int n_left = n_names(fds[0]), n_empty = n_names(empty);
	zi_object_unlink_temp(longer, ZI_REEL, EPOCH);
	close(empty);
	cr_assert(n_left == 1 && n_empty == 1);
}

/* Neither the directory nor what is opened in it is a standard descriptor, even where those are closed. */
Test(entry, open_without_standard_descriptors)
{
	struct zi_directory directory;
	int saved = dup(STDOUT_FILENO), opened = -1;

	cr_assert(zi_object_link_temp(fds[0], name, ZI_REEL, EPOCH) == 0);
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	int error = zi_directory_open(&directory);
	int fd = error ? error : dirfd(directory.stream);
	if (!error && zi_directory_next(&directory, name))
		opened = zi_directory_open_object(&directory);
	zi_directory_close(&directory);
	dup2(saved, STDOUT_FILENO);
	cr_assert(fd > STDERR_FILENO && opened > STDERR_FILENO, "%d, %d", fd, opened);
	cr_assert(close(opened) == 0);
}
