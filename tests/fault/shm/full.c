/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * full-shm: for full.sh, in a /dev/shm of its own. One pool runs with two readers;
 * beside it another of three small slots and two readers is begun with one page free, with
 * two, and so on until it fits. Each time it does not: one clear line with the numbers,
 * nothing left behind, and the pool that was running goes on, whole. Whoever touches a
 * page that is not there ends this with SIGBUS.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "support/frame.h"

#define SLOT_BYTES 8192
#define N_FRAMES 3
#define HOLD 2
#define MOST_PAGES 256
#define FILLER "/dev/shm/filler"

/* One pool with its readers. */
struct party {
	struct zoe_writer *writer;
	struct zoe_reader *readers[2];
	uint64_t published;
};

static int bad;

static void complain(long pages, const char *what)
{
	printf("BAD: %ld pages free: %s: %s\n", pages, what, zoe_error());
	bad++;
}

static int publish(struct party *party)
{
	int error = publish_gray(party->writer, SLOT_BYTES, 1, (int)(party->published + 1) & 0xff);
	party->published += !error;
	return error;
}

static bool is_whole(const struct zoe_frame *frame)
{
	for (int i = 0; i < SLOT_BYTES; i++)
		if (frame->data[0][i] != (uint8_t)frame->seq)
			return false;
	return true;
}

/* Each frame reaches both readers, which hold each a while. 0 or what went wrong. */
static int run_frames(struct party *party, int n)
{
	const struct zoe_frame *held[2][HOLD] = { 0 };
	int error = 0;
	for (int i = 0; i < n && !error; i++) {
		error = publish(party);
		for (int j = 0; j < 2 && !error; j++) {
			const struct zoe_frame **frame = &held[j][i % HOLD];
			zoe_reader_release(party->readers[j], *frame);
			error = zoe_reader_acquire(party->readers[j], frame, zoe_deadline_in_ms(2000));
			if (!error && (!is_whole(*frame) || (*frame)->seq != party->published))
				error = -EILSEQ;
		}
	}
	for (int j = 0; j < 2; j++)
		for (int k = 0; k < HOLD; k++)
			zoe_reader_release(party->readers[j], held[j][k]);
	return error;
}

/* max_bytes: how much the writer allows itself, or 0 to let the library look at what is free. */
static int begin(struct party *party, const char *name, uint64_t max_bytes)
{
	const struct zoe_writer_options options = {
		.slot_bytes = SLOT_BYTES,
		.max_slots = 2 + 2 * (HOLD + 1),
		.max_bytes = max_bytes,
		.max_seats = 2,
	};
	int error = zoe_writer_create(&party->writer, name, &options);
	if (!error)
		error = zoe_writer_announce(party->writer);
	for (int i = 0; i < 2 && !error; i++)
		error = zoe_reader_attach(&party->readers[i], name, NULL, zoe_deadline_in_ms(2000));
	return error;
}

static void end(struct party *party)
{
	for (int i = 0; i < 2; i++)
		zoe_reader_detach(&party->readers[i]);
	zoe_writer_destroy(&party->writer);
}

static long free_pages(void)
{
	struct statvfs space;
	if (statvfs("/dev/shm", &space))
		return -1;
	return (long)(space.f_bavail * space.f_frsize / (size_t)sysconf(_SC_PAGESIZE));
}

/* Leave so many pages free, by a file that takes the others. */
static bool leave(int filler, long pages)
{
	static long size;
	size += free_pages() - pages;
	long bytes = size * sysconf(_SC_PAGESIZE);
	return size > 0 && ftruncate(filler, 0) == 0 && posix_fallocate(filler, 0, bytes) == 0 && free_pages() == pages;
}

static bool is_clear(const char *sentence)
{
	bool is_full = strstr(sentence, "shared memory is full") && strstr(sentence, " MiB free of ");

	return (is_full || strstr(sentence, "at most half of what is free")) && strstr(sentence, " needs ") &&
		!strchr(sentence, '\n');
}

/* One try with so many pages free. True when the second pool ran. */
static bool try_with(struct party *first, long pages, uint64_t max_bytes)
{
	struct party second = { 0 };
	int error = begin(&second, "second", max_bytes);
	if (!error)
		error = run_frames(&second, N_FRAMES);
	if (error && (error != -ENOSPC || !is_clear(zoe_error())))
		complain(pages, strerrorname_np(-error));
	if (error == -ENOSPC && pages % 8 == 1)
		printf("%ld pages free, %llu frames published: %s\n", pages, (unsigned long long)second.published,
			zoe_error());
	if (run_frames(first, 4))
		complain(pages, "the first pool beside it");
	end(&second);
	if (free_pages() != pages)
		complain(pages, "something was left behind");
	return error == 0;
}

static int grow_until_it_fits(struct party *first, int filler, uint64_t max_bytes)
{
	long pages = 1;
	for (; pages < MOST_PAGES; pages++) {
		if (!leave(filler, pages)) {
			complain(pages, "cannot fill /dev/shm");
			return -1;
		}
		if (try_with(first, pages, max_bytes))
			break;
	}
	if (pages < 2 || pages == MOST_PAGES)
		complain(pages, "it should not have fitted, or should have");
	printf("max_bytes=%llu: three slots and two readers fit into %ld pages\n", (unsigned long long)max_bytes,
		pages);
	return 0;
}

/* Pages enough, and no inode for another file: that is what is said, and not that there are no pages. */
static void use_up_inodes(struct party *first)
{
	struct party second = { 0 };
	struct zoe_cleaned cleaned;
	char path[32];
	int n = 0;

	for (bool made = true; made; n += made) {
		snprintf(path, sizeof(path), "/dev/shm/inode-%d", n);
		int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
		made = fd >= 0;
		if (made)
			close(fd);
	}
	if (begin(&second, "second", 1 << 20) != -ENOSPC || !strstr(zoe_error(), "nr_inodes="))
		complain(free_pages(), "a pool without inodes");
	end(&second);
	/* Enough for the reel, and not for the seats. */
	snprintf(path, sizeof(path), "/dev/shm/inode-%d", --n);
	unlink(path);
	if (begin(&second, "second", 1 << 20) != -ENOSPC || !strstr(zoe_error(), "nr_inodes="))
		complain(free_pages(), "a pool with one inode");
	end(&second);
	if (run_frames(first, 4))
		complain(free_pages(), "the first pool beside it");
	while (n-- > 0) {
		snprintf(path, sizeof(path), "/dev/shm/inode-%d", n);
		unlink(path);
	}
	if (zoe_pool_clean("second", &cleaned) != -ENOENT)
		complain(free_pages(), "something was left behind");
}

int main(void)
{
	struct party first = { 0 };
	setvbuf(stdout, NULL, _IOLBF, 0);
	int filler = open(FILLER, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (filler < 0 || begin(&first, "first", 1 << 20) || run_frames(&first, 40)) {
		printf("BAD: the first pool does not run: %s\n", zoe_error());
		return 1;
	}
	grow_until_it_fits(&first, filler, 1 << 20);
	grow_until_it_fits(&first, filler, 0);
	if (!leave(filler, MOST_PAGES))
		complain(MOST_PAGES, "cannot empty /dev/shm");
	use_up_inodes(&first);
	end(&first);
	close(filler);
	unlink(FILLER);
	printf("bad=%d\n", bad);
	return bad > 0;
}
