/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of programs that were built with an older or a newer release than the library. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#define NEWER_BYTES 24 /* by which the struct of a newer release is longer */

static char name[ZOE_NAME_BYTES];
static struct zoe_writer *writer;
static struct zoe_reader *reader;

static void begin(void)
{
	snprintf(name, sizeof(name), "unit-options-%d", (int)getpid());
}

static void end(void)
{
	zoe_reader_detach(&reader);
	zoe_writer_destroy(&writer);
}

TestSuite(options, .init = begin, .fini = end);

static int create(const void *options, size_t bytes)
{
	zoe_writer_destroy(&writer);
	return zoe_writer_create_sized(&writer, name, options, bytes);
}

static int attach(const void *options, size_t bytes)
{
	static const struct zoe_writer_options plain = { .slot_bytes = 4096 };

	zoe_reader_detach(&reader);
	if (!writer)
		cr_assert(zoe_writer_create(&writer, name, &plain) == 0, "%s", zoe_error());
	cr_assert(zoe_writer_announce(writer) == 0, "%s", zoe_error());
	return zoe_reader_attach_sized(&reader, name, options, bytes, ZOE_POLL);
}

/* Each struct that a program fills in for the library, and the call that takes it. */
static const struct zoe_writer_options writing = { .slot_bytes = 4096 };
static const struct zoe_reader_options reading = { .hold = 3, .label = "tester" };

static const struct taker {
	const char *type;
	int (*call)(const void *options, size_t bytes);
	const void *valid;
	size_t bytes, known_bytes; /* of it all, and of what has a meaning */
	size_t needed_bytes;       /* without these the call must fail */
} takers[] = {
	{ "zoe_writer_options", create, &writing, sizeof(writing), offsetof(struct zoe_writer_options, reserved),
		sizeof(writing.slot_bytes) },
	{ "zoe_reader_options", attach, &reading, sizeof(reading), offsetof(struct zoe_reader_options, reserved), 0 },
};

#define N_TAKERS (sizeof(takers) / sizeof(takers[0]))

/* Exactly these bytes on the heap, where a sanitizer sees a look beyond them. The valid options, then zeroes. */
static uint8_t *options_of(const struct taker *taker, size_t bytes)
{
	uint8_t *options = calloc(1, bytes ? bytes : 1);

	memcpy(options, taker->valid, bytes < taker->bytes ? bytes : taker->bytes);
	return options;
}

/* Half a pointer is no option that any release had. */
static bool cuts_label(const struct taker *taker, size_t bytes)
{
	return taker->valid == &reading && bytes > offsetof(struct zoe_reader_options, label) &&
		bytes < offsetof(struct zoe_reader_options, spin);
}

/* A struct that ends before some members, wherever, leaves these zero. */
Test(options, shorter_ones)
{
	for (const struct taker *taker = takers; taker < takers + N_TAKERS; taker++) {
		for (size_t bytes = taker->needed_bytes; bytes <= taker->bytes; bytes++) {
			if (cuts_label(taker, bytes))
				continue;
			uint8_t *options = options_of(taker, bytes);
			int error = taker->call(options, bytes);
			cr_assert(error == 0, "%s of %zu bytes: %s", taker->type, bytes, zoe_error());
			free(options);
		}
	}
}

/* What stands in memory behind a shorter struct is not looked at. */
Test(options, bytes_behind_a_shorter_one)
{
	struct zoe_reader_options reader_options = { .hold = ZOE_MAX_HOLD + 1 };
	struct zoe_writer_options writer_options = { .slot_bytes = 4096, .max_slots = ZOE_MAX_SLOTS + 1 };

	cr_assert(create(&writer_options, sizeof(writer_options)) == -EINVAL);
	cr_assert(create(&writer_options, offsetof(struct zoe_writer_options, max_slots)) == 0, "%s", zoe_error());
	zoe_writer_destroy(&writer);
	cr_assert(attach(&reader_options, sizeof(reader_options)) == -EINVAL);
	cr_assert(attach(&reader_options, offsetof(struct zoe_reader_options, hold)) == 0, "%s", zoe_error());
}

/* A longer struct of a newer release is served as long as it asks for nothing new. */
Test(options, longer_ones_with_zeroes)
{
	for (const struct taker *taker = takers; taker < takers + N_TAKERS; taker++) {
		for (size_t more = 1; more <= NEWER_BYTES; more++) {
			uint8_t *options = options_of(taker, taker->bytes + more);
			int error = taker->call(options, taker->bytes + more);
			cr_assert(error == 0, "%s and %zu bytes: %s", taker->type, more, zoe_error());
			free(options);
		}
	}
}

/* One byte that this release does not know, reserved or beyond, and the call fails; the sentence has both sizes. */
Test(options, longer_ones_that_ask_for_more)
{
	for (const struct taker *taker = takers; taker < takers + N_TAKERS; taker++) {
		for (size_t at = taker->known_bytes; at < taker->bytes + NEWER_BYTES; at++) {
			char sizes[3][64];
			uint8_t *options = options_of(taker, taker->bytes + NEWER_BYTES);

			options[at] = 1;
			cr_assert(taker->call(options, taker->bytes + NEWER_BYTES) == -E2BIG, "%s, byte %zu",
				taker->type, at);
			free(options);
			snprintf(sizes[0], sizeof(sizes[0]), "%s of %zu bytes", taker->type,
				taker->bytes + NEWER_BYTES);
			snprintf(sizes[1], sizeof(sizes[1]), "libzoetrope %s knows the first %zu", zoe_version(),
				taker->known_bytes);
			snprintf(sizes[2], sizeof(sizes[2]), "sets byte %zu,", at);
			for (int i = 0; i < 3; i++)
				cr_assert(strstr(zoe_error(), sizes[i]), "%s: %s", sizes[i], zoe_error());
		}
	}
}

/* A size that no release can have is refused before anything is read. */
Test(options, impossible_sizes)
{
	cr_assert(attach(&reading, SIZE_MAX) == -E2BIG && strstr(zoe_error(), "at most 4096"), "%s", zoe_error());
	zoe_writer_destroy(&writer);
	cr_assert(create(&writing, 4097) == -E2BIG);
}

/* NULL is zeroes, whatever the size. */
Test(options, null)
{
	cr_assert(attach(NULL, 0) == 0, "%s", zoe_error());
	cr_assert(attach(NULL, sizeof(reading)) == 0, "%s", zoe_error());
	cr_assert(create(NULL, sizeof(writing)) == -EINVAL && strstr(zoe_error(), "slot of 0 bytes"), "%s",
		zoe_error());
}

/* The names that C programs call can be pointed at, and pass on the size. */
Test(options, function_pointers)
{
	int (*create_it)(struct zoe_writer **, const char *, const struct zoe_writer_options *) = zoe_writer_create;
	int (*attach_to_it)(struct zoe_reader **, const char *, const struct zoe_reader_options *,
		int64_t) = zoe_reader_attach;
	struct zoe_reader_options last = { .spin = true, .reserved = { [3] = 1 } };

	cr_assert(create_it(&writer, name, &writing) == 0 && zoe_writer_announce(writer) == 0, "%s", zoe_error());
	cr_assert(attach_to_it(&reader, name, &last, ZOE_POLL) == -E2BIG);
	last.reserved[3] = 0;
	cr_assert(attach_to_it(&reader, name, &last, ZOE_POLL) == 0, "%s", zoe_error());
}
