/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "bench.h"
#include "processes.h"

/* Frames before the measured ones: slots are made, --spin learns the period. Their read_ns is 0. */
#define WARM_UP 30
#define PATIENCE_MS 5000

struct duty {
	const struct stream *stream;
	char name[ZOE_NAME_BYTES];
};

static int attach(struct zoe_reader **reader, const struct duty *duty)
{
	/* One frame held at a time: 33 readers of the largest pictures must not promise themselves a hundred slots. */
	struct zoe_reader_options options = { .hold = 1, .spin = duty->stream->way == STREAM_SPIN };
	return zoe_reader_attach(reader, duty->name, &options, zoe_deadline_in_ms(PATIENCE_MS))
		? bench_fail("%s", zoe_error())
		: 0;
}

static int watch(struct processes_member *me, void *argument)
{
	const struct duty *duty = argument;
	bool poll = duty->stream->way == STREAM_POLL;
	struct zoe_reader *reader;
	const struct zoe_frame *frame;
	int error;
	if (attach(&reader, duty))
		return 1;
	for (;;) {
		error = zoe_reader_acquire(reader, &frame, poll ? ZOE_POLL : zoe_deadline_in_ms(PATIENCE_MS));
		int64_t now_ns = zoe_now_ns();
		if (error == -EAGAIN && poll)
			continue;
		if (error)
			break;
		if (frame->info.read_ns) {
			processes_count(me, frame->info.read_ns, now_ns);
			zoe_histogram_add(&me->age, now_ns - frame->info.published_ns);
		}
		zoe_reader_release(reader, frame);
	}
	processes_conclude(me);
	zoe_reader_detach(&reader);
	return error == -ENODATA ? 0 : bench_fail("a reader: %s", zoe_error());
}

/* Take a frame, keep it, stop. It is killed later. */
static int stand_still(struct processes_member *me, void *argument)
{
	struct zoe_reader *reader;
	const struct zoe_frame *frame;
	(void)me;
	if (attach(&reader, argument))
		return 1;
	if (zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(PATIENCE_MS)))
		return bench_fail("%s", zoe_error());
	raise(SIGSTOP);
	return 0;
}

/* Publish n frames at a steady rate; *cost NULL: to warm up. */
static int publish(struct zoe_writer *writer, const struct stream *stream, uint32_t n, struct zoe_histogram *cost)
{
	struct zoe_frame_info info = bench_picture(stream->width_px, stream->height_px);
	int64_t next_ns = zoe_now_ns();
	for (uint32_t i = 0; i < n && !bench_stopped(); i++) {
		struct zoe_slot slot;
		next_ns += INT64_C(1000000000) / stream->fps;
		bench_sleep_until(next_ns);
		int64_t begin_ns = zoe_now_ns();
		int error = zoe_writer_begin(writer, &slot);
		if (error)
			return error;
		info.decoded_ns = info.read_ns = cost ? zoe_now_ns() : 0;
		error = zoe_writer_publish(writer, slot.index, &info, 0, ZOE_POLL);
		if (error)
			return error;
		if (cost)
			zoe_histogram_add(cost, zoe_now_ns() - begin_ns);
	}
	return bench_stopped() ? -EINTR : 0;
}

/* All are seated, all is warm, and who is to stand still does. */
static int prepare(struct zoe_writer *writer, const struct stream *stream, struct processes *processes)
{
	int error = zoe_writer_announce(writer);
	if (!error)
		error = zoe_writer_wait_readers(writer, processes->n, zoe_deadline_in_ms(PATIENCE_MS));
	if (!error)
		error = publish(writer, stream, WARM_UP, NULL);
	if (!error && stream->stopped)
		error = processes_await_stop(processes, processes->n - 1, zoe_deadline_in_ms(PATIENCE_MS));
	return error;
}

static int run_writer(const struct duty *duty, struct processes *processes, struct stream_outcome *outcome)
{
	const struct stream *stream = duty->stream;
	struct zoe_writer_options options = {
		.slot_bytes = bench_picture_bytes(stream->width_px, stream->height_px),
		.mailbox = stream->mailbox,
		.cond = stream->cond,
	};
	struct zoe_writer *writer;
	int error = zoe_writer_create(&writer, duty->name, &options);
	if (error)
		return bench_fail("%s", zoe_error()), error;
	error = prepare(writer, stream, processes);
	int64_t wall_ns = zoe_now_ns(), cpu_ns = bench_cpu_ns();
	if (!error)
		error = publish(writer, stream, stream->frames, &outcome->cost);
	outcome->writer_cpu = 100 * (double)(bench_cpu_ns() - cpu_ns) / (double)(zoe_now_ns() - wall_ns);
	outcome->published = stream->frames;
	if (error && error != -EINTR)
		bench_fail("%s", error == -ECHILD ? "a reader failed" : zoe_error());
	if (stream->stopped)
		processes_kill(processes, processes->n - 1);
	zoe_writer_end(writer, zoe_deadline_in_ms(1000));
	zoe_writer_destroy(&writer);
	return error;
}

static void collect(const struct stream *stream, const struct processes *processes, struct stream_outcome *outcome)
{
	for (uint32_t i = 0; i < stream->readers; i++) {
		const struct processes_member *member = &processes->members[i];
		zoe_histogram_merge(&outcome->latency, &member->latency);
		zoe_histogram_merge(&outcome->age, &member->age);
		outcome->received += member->received;
		if (member->wall_ns)
			outcome->reader_cpu += 100 * (double)member->cpu_ns / (double)member->wall_ns / stream->readers;
	}
}

int stream_measure(const struct stream *stream, struct stream_outcome *outcome)
{
	struct duty duty = { .stream = stream };
	struct processes processes;
	*outcome = (struct stream_outcome){ 0 };
	bench_pool_name(duty.name);
	int error = processes_init(&processes);
	for (uint32_t i = 0; i < stream->readers && error >= 0; i++)
		error = processes_fork(&processes, watch, &duty);
	if (error >= 0 && stream->stopped)
		error = processes_fork(&processes, stand_still, &duty);
	error = error < 0 ? error : run_writer(&duty, &processes, outcome);
	if (!error) {
		error = processes_wait(&processes, PROCESSES_ALL, zoe_deadline_in_ms(PATIENCE_MS));
		if (error && error != -EINTR)
			bench_fail("a reader did not end as it should: %s", strerror(-error));
	}
	if (!error)
		collect(stream, &processes, outcome);
	processes_finish(&processes);
	return error;
}
