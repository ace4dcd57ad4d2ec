/* SPDX-License-Identifier: BSD-2-Clause */
#include "handover.h"

#include <errno.h>
#include <stdio.h>

#include "bench.h"

#define WARM_UP 100
#define CLOCK_ROUNDS 10000
#define POLLS 100 /* in a batch */

struct pair {
	struct zoe_writer *writer;
	struct zoe_reader *reader;
};

static int open_pair(struct pair *pair, const struct handover *handover)
{
	struct zoe_writer_options options = {
		.slot_bytes = bench_picture_bytes(64, 64),
		.mailbox = handover->mailbox,
		.cond = handover->cond,
	};
	char name[ZOE_NAME_BYTES];
	bench_pool_name(name);
	int error = zoe_writer_create(&pair->writer, name, &options);
	if (!error)
		error = zoe_writer_announce(pair->writer);
	return error ? error : zoe_reader_attach(&pair->reader, name, NULL, zoe_deadline_in_ms(2000));
}

static int publish(struct zoe_writer *writer)
{
	struct zoe_frame_info info = bench_picture(64, 64);
	struct zoe_slot slot;
	int error = zoe_writer_begin(writer, &slot);
	return error ? error : zoe_writer_publish(writer, slot.index, &info, 0, ZOE_POLL);
}

/* How long the clock itself takes, in ns: it stands in each of the times below. */
static double clock_ns(void)
{
	struct zoe_histogram histogram = { 0 };
	for (int i = 0; i < CLOCK_ROUNDS; i++) {
		int64_t begin_ns = zoe_now_ns();
		zoe_histogram_add(&histogram, zoe_now_ns() - begin_ns);
	}
	return 1000 * stats_quantile_us(&histogram, 0.5);
}

static int measure_frames(const struct pair *pair, uint32_t rounds, double *ns)
{
	struct zoe_histogram histogram = { 0 };
	const struct zoe_frame *frame;
	for (uint32_t i = 0; i < rounds + WARM_UP && !bench_stopped(); i++) {
		int error = publish(pair->writer);
		if (error)
			return error;
		int64_t begin_ns = zoe_now_ns();
		error = zoe_reader_acquire(pair->reader, &frame, ZOE_POLL);
		if (error)
			return error;
		zoe_reader_release(pair->reader, frame);
		int64_t end_ns = zoe_now_ns();
		if (i >= WARM_UP)
			zoe_histogram_add(&histogram, end_ns - begin_ns);
	}
	*ns = 1000 * stats_quantile_us(&histogram, 0.5) - clock_ns();
	return 0;
}

static int measure_polls(const struct pair *pair, uint32_t rounds, double *ns)
{
	struct zoe_histogram histogram = { 0 };
	const struct zoe_frame *frame;
	for (uint32_t i = 0; i < rounds / POLLS + 1 && !bench_stopped(); i++) {
		int64_t begin_ns = zoe_now_ns();
		for (int j = 0; j < POLLS; j++) {
			int error = zoe_reader_acquire(pair->reader, &frame, ZOE_POLL);
			if (error != -EAGAIN)
				return error ? error : -EPROTO;
		}
		zoe_histogram_add(&histogram, zoe_now_ns() - begin_ns);
	}
	*ns = 1000 * stats_quantile_us(&histogram, 0.5) / POLLS;
	return 0;
}

static int measure(struct turn *turn, double figures[TURNS_FIGURES])
{
	const struct handover *handover = turn->what;
	struct pair pair = { 0 };
	int error = open_pair(&pair, handover);
	if (!error)
		error = measure_frames(&pair, handover->rounds, &figures[HANDOVER_FRAME]);
	if (!error)
		error = measure_polls(&pair, handover->rounds, &figures[HANDOVER_POLL]);
	if (!error && bench_stopped())
		error = -EINTR;
	if (error && error != -EINTR)
		bench_fail("%s", zoe_error());
	zoe_reader_detach(&pair.reader);
	zoe_writer_destroy(&pair.writer);
	return error;
}

void handover_turn(struct turn *turn, const struct handover *handover)
{
	turn->measure = measure;
	turn->what = handover;
	snprintf(turn->name, sizeof(turn->name), "acquire and release");
}
