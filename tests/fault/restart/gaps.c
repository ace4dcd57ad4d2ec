/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client of a capture of the test picture that measures how long it was without a
 * frame, and how long after a new capture's first frame it had one. Each frame is
 * checked. `gaps NAME SECONDS`; one line at the end, or at SIGTERM.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zoetrope/reader.h>

#include "program/picture.h"

#define WAIT_MS 100
#define MS 1000000

static volatile sig_atomic_t stop;

struct figures {
	long long frames, torn, epochs, gone;
	int64_t gap_ns;    /* the longest between two frames of one epoch, */
	int64_t change_ns; /* and from the last of one to the first of the next */
	int64_t follow_ns; /* the longest from a new epoch's first frame to ours */
	int64_t last_ns;
	uint64_t epoch;
};

static void ask_to_stop(int unused)
{
	(void)unused;
	stop = 1;
}

static void keep_longest(int64_t *longest, int64_t value)
{
	if (value > *longest)
		*longest = value;
}

static int is_whole(const struct zoe_frame *frame)
{
	struct zi_picture picture = { .width_px = frame->info.width_px, .height_px = frame->info.height_px };

	for (int i = 0; i < 3; i++) {
		picture.data[i] = (uint8_t *)(uintptr_t)frame->data[i];
		picture.stride_bytes[i] = frame->info.planes[i].stride_bytes;
	}
	return zi_picture_read(&picture) == frame->info.pts;
}

static void note(struct figures *f, const struct zoe_frame *frame)
{
	const struct zoe_frame_info *info = &frame->info;
	int64_t now_ns = zoe_now_ns();

	if (frame->epoch == f->epoch) {
		keep_longest(&f->gap_ns, now_ns - f->last_ns);
	} else {
		/* The test picture comes by the clock: the epoch's first frame was this long before. */
		int64_t age_ns = info->pts * 1000 * MS * info->time_base_num / info->time_base_den;
		if (f->epochs > 0) {
			keep_longest(&f->change_ns, now_ns - f->last_ns);
			keep_longest(&f->follow_ns, now_ns - (info->published_ns - age_ns));
		}
		f->epoch = frame->epoch;
		f->epochs++;
	}
	f->last_ns = now_ns;
	f->frames++;
	f->torn += !is_whole(frame);
}

static int look(struct figures *f, struct zoe_reader *reader, int64_t until_ns)
{
	const struct zoe_frame *frame;

	while (!stop && zoe_now_ns() < until_ns) {
		int error = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(WAIT_MS));
		if (error == 0)
			note(f, frame);
		f->gone += error == -EOWNERDEAD;
		zoe_reader_release(reader, frame);
		if (error && error != -EAGAIN && error != -EOWNERDEAD && error != -ENODATA && error != -ETIMEDOUT) {
			fprintf(stderr, "gaps: error: %s\n", zoe_error());
			return 1;
		}
	}
	/* A frame that never came is a gap, too. */
	if (!stop)
		keep_longest(&f->gap_ns, zoe_now_ns() - f->last_ns);
	return 0;
}

int main(int argc, char **argv)
{
	struct zoe_reader *reader;
	struct figures f = { 0 };

	if (argc != 3) {
		fprintf(stderr, "Usage: gaps NAME SECONDS\n");
		return 2;
	}
	signal(SIGTERM, ask_to_stop);
	int64_t until_ns = zoe_deadline_in_ms(atoll(argv[2]) * 1000);
	if (zoe_reader_attach(&reader, argv[1], NULL, until_ns)) {
		fprintf(stderr, "gaps: error: %s\n", zoe_error());
		return 1;
	}
	int status = look(&f, reader, until_ns);
	zoe_reader_detach(&reader);
	printf("frames=%lld torn=%lld epochs=%lld gone=%lld gap_ms=%lld change_ms=%lld follow_ms=%lld\n", f.frames,
		f.torn, f.epochs, f.gone, (long long)f.gap_ns / MS, (long long)f.change_ns / MS,
		(long long)f.follow_ns / MS);
	return status;
}
