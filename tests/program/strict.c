/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A library to be loaded before libzoetrope (LD_PRELOAD), which takes readers at their word:
 * a frame that was returned cannot be looked at any more (SIGSEGV), one is returned once, and
 * a reader that leaves has returned all. Who breaks it dies by SIGABRT with a line.
 *
 * ZOE_STRICT_TIMEOUTS=N    every Nth acquire says that a new writer does not answer yet
 * ZOE_STRICT_NONSENSE=1    every frame is of a pixel format that nobody knows
 * ZOE_STRICT_SILENT=FILE   no writer ever answers an attach; FILE gets a byte for each
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <zoetrope/reader.h>

#define MAX_HELD 256

struct held {
	const struct zoe_reader *reader;
	const struct zoe_frame *frame;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct held held[MAX_HELD];
static unsigned n_acquired;

static void *next(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

static void fail(const char *what)
{
	fprintf(stderr, "strict: %s\n", what);
	abort();
}

/* The pages that the planes lie in: a slot begins and ends with a page. */
static void protect(const struct zoe_frame *frame, int protection)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = UINTPTR_MAX, end = 0;

	for (uint32_t i = 0; i < frame->info.n_planes && i < ZOE_MAX_PLANES; i++) {
		const struct zoe_plane *plane = &frame->info.planes[i];
		uintptr_t begin = (uintptr_t)frame->data[i];
		uintptr_t last = begin + (uintptr_t)(plane->rows - 1) * plane->stride_bytes + plane->row_bytes;

		first = begin < first ? begin : first;
		end = last > end ? last : end;
	}
	first &= ~(page - 1);
	if (end > first && mprotect((void *)first, end - first, protection) != 0)
		fail("mprotect() failed");
}

/* Puts `to` in the place of `from`. False: it is not there. */
static bool replace(struct held from, struct held to)
{
	bool found = false;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < MAX_HELD && !found; i++) {
		found = held[i].reader == from.reader && held[i].frame == from.frame;
		if (found)
			held[i] = to;
	}
	pthread_mutex_unlock(&lock);
	return found;
}

int zoe_reader_attach_sized(struct zoe_reader **reader, const char *name, const struct zoe_reader_options *options,
	size_t n_bytes, int64_t deadline_ns)
{
	int (*attach)(struct zoe_reader **, const char *, const struct zoe_reader_options *, size_t,
		int64_t) = (int (*)(struct zoe_reader **, const char *, const struct zoe_reader_options *, size_t,
		int64_t))next("zoe_reader_attach_sized");
	const char *silent = getenv("ZOE_STRICT_SILENT");
	int fd;

	if (!silent)
		return attach(reader, name, options, n_bytes, deadline_ns);
	fd = open(silent, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, ".", 1) != 1)
		fail("cannot count");
	close(fd);
	*reader = NULL;
	return -ETIMEDOUT;
}

int zoe_reader_acquire(struct zoe_reader *reader, const struct zoe_frame **frame, int64_t deadline_ns)
{
	int (*acquire)(struct zoe_reader *, const struct zoe_frame **,
		int64_t) = (int (*)(struct zoe_reader *, const struct zoe_frame **, int64_t))next("zoe_reader_acquire");
	const char *timeouts = getenv("ZOE_STRICT_TIMEOUTS");
	int error;

	if (timeouts && ++n_acquired % (unsigned)atoi(timeouts) == 0)
		return -ETIMEDOUT;
	error = acquire(reader, frame, deadline_ns);
	if (error)
		return error;
	if (getenv("ZOE_STRICT_NONSENSE"))
		strcpy(((struct zoe_frame *)(uintptr_t)*frame)->info.format, "nonsense");
	protect(*frame, PROT_READ);
	if (!replace((struct held){ NULL, NULL }, (struct held){ reader, *frame }))
		fail("too many frames are held");
	return 0;
}

void zoe_reader_release(struct zoe_reader *reader, const struct zoe_frame *frame)
{
	void (*release)(struct zoe_reader *, const struct zoe_frame *) = (void (*)(struct zoe_reader *,
		const struct zoe_frame *))next("zoe_reader_release");

	if (frame) {
		if (!replace((struct held){ reader, frame }, (struct held){ NULL, NULL }))
			fail("a frame is returned that is not held");
		protect(frame, PROT_NONE);
	}
	release(reader, frame);
}

void zoe_reader_detach(struct zoe_reader **reader)
{
	void (*detach)(struct zoe_reader **) = (void (*)(struct zoe_reader **))next("zoe_reader_detach");

	for (size_t i = 0; i < MAX_HELD; i++)
		if (*reader && held[i].reader == *reader)
			fail("a reader leaves that has not returned all frames");
	detach(reader);
}
