/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long after publish does a reader in another process have the frame? And what does
 * a publish cost? One writer at a steady rate, N readers that sleep until a frame comes.
 *
 *   bench-latency [--readers N] [--frames N] [--fps N] [--mailbox mutex|atomic] [--cond futex|pthread]
 *
 * Prints one line of JSON. Compare figures of one machine from interleaved runs only.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "program/option.h"

#define WIDTH 1920
#define HEIGHT 1080
#define MAX_READERS 16

struct settings {
	uint32_t readers, frames, fps;
	enum zoe_mailbox mailbox;
	enum zoe_cond cond;
};

static const struct zi_option options[] = {
	{ 0, "readers", "N", zi_option_u32, offsetof(struct settings, readers), "readers at once (1)" },
	{ 0, "frames", "N", zi_option_u32, offsetof(struct settings, frames), "frames to publish (2000)" },
	{ 0, "fps", "N", zi_option_u32, offsetof(struct settings, fps), "frames a second (500)" },
	{ 0, "mailbox", "KIND", zi_option_mailbox, offsetof(struct settings, mailbox), "mutex (default) or atomic" },
	{ 0, "cond", "KIND", zi_option_cond, offsetof(struct settings, cond), "futex (default) or pthread" },
};

static const struct zi_command command = {
	.name = "bench-latency",
	.usage = "[options]",
	.summary = "Measure the time from publish to a sleeping reader having the frame.",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
};

/* A reader: add up how late each frame is, into memory shared with the parent. */
static int watch(const char *name, struct zoe_histogram *ages)
{
	struct zoe_reader *reader;
	const struct zoe_frame *frame;
	int error = zoe_reader_attach(&reader, name, NULL, zoe_deadline_in_ms(2000));
	if (error) {
		fprintf(stderr, "bench-latency: error: %s\n", zoe_error());
		return 1;
	}
	while ((error = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(5000))) == 0) {
		zoe_histogram_add(ages, zoe_now_ns() - frame->info.published_ns);
		zoe_reader_release(reader, frame);
	}
	zoe_reader_detach(&reader);
	return error != -ENODATA;
}

static int publish_all(struct zoe_writer *writer, const struct settings *settings, struct zoe_histogram *costs)
{
	struct zoe_frame_info info = {
		.width_px = WIDTH, .height_px = HEIGHT, .format = "yuv420p", .n_planes = 3,
		.planes = {
			{ 0, WIDTH, WIDTH, HEIGHT, 0 },
			{ WIDTH * HEIGHT, WIDTH / 2, WIDTH / 2, HEIGHT / 2, 0 },
			{ WIDTH * HEIGHT * 5 / 4, WIDTH / 2, WIDTH / 2, HEIGHT / 2, 0 },
		},
	};
	int64_t next = zoe_now_ns();
	for (uint32_t i = 0; i < settings->frames; i++) {
		struct zoe_slot slot;
		next += INT64_C(1000000000) / settings->fps;
		struct timespec at = { next / 1000000000, next % 1000000000 };
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
		int64_t begin = zoe_now_ns();
		int error = zoe_writer_begin(writer, &slot);
		if (!error)
			error = zoe_writer_publish(writer, slot.index, &info, 0, ZOE_POLL);
		if (error)
			return error;
		zoe_histogram_add(costs, zoe_now_ns() - begin);
	}
	return zoe_writer_end(writer, zoe_deadline_in_ms(1000));
}

static int run(const struct settings *settings, struct zoe_histogram *histograms)
{
	struct zoe_writer_options writer_options = {
		.slot_bytes = WIDTH * HEIGHT * 3 / 2, .mailbox = settings->mailbox, .cond = settings->cond,
	};
	struct zoe_writer *writer;
	char name[ZOE_NAME_BYTES];
	int failed = 0;
	snprintf(name, sizeof name, "bench-%d", (int)getpid());
	for (uint32_t i = 0; i < settings->readers; i++)
		if (fork() == 0)
			_exit(watch(name, &histograms[1 + i]));
	int error = zoe_writer_create(&writer, name, &writer_options);
	if (!error)
		error = zoe_writer_announce(writer);
	if (!error)
		error = zoe_writer_wait_readers(writer, settings->readers, zoe_deadline_in_ms(5000));
	if (!error)
		error = publish_all(writer, settings, &histograms[0]);
	if (error)
		fprintf(stderr, "bench-latency: error: %s\n", zoe_error());
	zoe_writer_destroy(&writer);
	for (int status; wait(&status) > 0;)
		failed |= status != 0;
	return error || failed;
}

int main(int argc, char **argv)
{
	struct settings settings = { .readers = 1, .frames = 2000, .fps = 500 };
	struct zoe_histogram all = { 0 };
	size_t n_operands;
	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &settings, NULL, &n_operands);
	if (outcome == ZI_OPTION_RUN && settings.readers > MAX_READERS)
		outcome = zi_option_usage_error(&command, "--readers: at most %d", MAX_READERS);
	if (outcome != ZI_OPTION_RUN)
		return outcome == ZI_OPTION_DONE ? 0 : 2;

	/* Shared with the forked readers: histogram 0 is the writer's. */
	struct zoe_histogram *histograms = mmap(NULL, sizeof *histograms * (MAX_READERS + 1), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (histograms == MAP_FAILED)
		return 1;
	int failed = run(&settings, histograms);
	for (uint32_t i = 1; i <= settings.readers; i++)
		zoe_histogram_merge(&all, &histograms[i]);
	printf("{\"readers\":%u,\"mailbox\":\"%s\",\"cond\":\"%s\",\"frames\":%u,\"received\":%llu,\"latency_us\":{\"p50\":%.2f,\"p99\":%.2f},"
		"\"publish_us\":{\"p50\":%.2f,\"p99\":%.2f}}\n", settings.readers,
		settings.mailbox == ZOE_MAILBOX_ATOMIC ? "atomic" : "mutex", settings.cond == ZOE_COND_PTHREAD ? "pthread" : "futex", settings.frames, (unsigned long long)zoe_histogram_total(&all),
		(double)zoe_histogram_quantile(&all, 0.5) / 1000, (double)zoe_histogram_quantile(&all, 0.99) / 1000,
		(double)zoe_histogram_quantile(&histograms[0], 0.5) / 1000,
		(double)zoe_histogram_quantile(&histograms[0], 0.99) / 1000);
	return failed;
}
