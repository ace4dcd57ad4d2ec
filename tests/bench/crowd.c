/* SPDX-License-Identifier: BSD-2-Clause */
#include "crowd.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"
#include "processes.h"
#include "floors.h"

#define WARM_UP 10
#define PATIENCE_MS 10000
#define SIDE_PX 64

/* A futex word of one sleeper, in a cache line of its own. */
struct pillow {
	_Alignas(64) _Atomic uint32_t word;
};

struct duty {
	const struct crowd *crowd;
	char name[ZOE_NAME_BYTES];
	struct pillow *pillows;
	uint32_t index;
	struct zoe_writer *writer;
};

static int sleep_bare(struct processes_member *me, void *argument)
{
	const struct duty *duty = argument;
	_Atomic uint32_t *word = &duty->pillows[duty->index].word;
	processes_ready(me);
	while (!bench_stopped())
		floor_sleep(word, atomic_load(word));
	return 0;
}

static int read_frames(struct processes_member *me, void *argument)
{
	const struct duty *duty = argument;
	struct zoe_reader_options options = { .hold = 1 };
	struct zoe_reader *reader;
	const struct zoe_frame *frame;
	int error;
	if (zoe_reader_attach(&reader, duty->name, &options, zoe_deadline_in_ms(PATIENCE_MS)))
		return bench_fail("%s", zoe_error());
	if (duty->crowd->kind == CROWD_AWAKE)
		raise(SIGSTOP);
	while ((error = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(PATIENCE_MS))) == 0) {
		if (frame->info.read_ns)
			processes_count(me, frame->info.read_ns, zoe_now_ns());
		zoe_reader_release(reader, frame);
	}
	zoe_reader_detach(&reader);
	return error == -ENODATA ? 0 : bench_fail("a reader: %s", zoe_error());
}

/* One publish, or all the wakes. Its cost in ns, or -errno. */
static int64_t send_one(const struct duty *duty, struct zoe_frame_info *info, bool measured)
{
	struct zoe_slot slot;
	int error = duty->writer ? zoe_writer_begin(duty->writer, &slot) : 0;
	if (error)
		return error;
	int64_t begin_ns = zoe_now_ns();
	if (duty->writer) {
		info->read_ns = measured ? begin_ns : 0;
		error = zoe_writer_publish(duty->writer, slot.index, info, 0, ZOE_POLL);
	}
	for (uint32_t i = 0; !duty->writer && i < duty->crowd->readers; i++) {
		atomic_fetch_add_explicit(&duty->pillows[i].word, 1, memory_order_release);
		floor_wake(&duty->pillows[i].word);
	}
	return error ? error : zoe_now_ns() - begin_ns;
}

static int send_all(const struct duty *duty, struct zoe_histogram *cost)
{
	const struct crowd *crowd = duty->crowd;
	struct zoe_frame_info info = bench_picture(SIDE_PX, SIDE_PX);
	int64_t next_ns = zoe_now_ns();
	for (uint32_t i = 0; i < crowd->frames + WARM_UP && !bench_stopped(); i++) {
		next_ns += INT64_C(1000000000) / crowd->fps;
		bench_sleep_until(next_ns);
		int64_t ns = send_one(duty, &info, i >= WARM_UP);
		if (ns < 0)
			return (int)ns;
		if (i >= WARM_UP)
			zoe_histogram_add(cost, ns);
	}
	return bench_stopped() ? -EINTR : 0;
}

static int create_pool(struct duty *duty)
{
	struct zoe_writer_options options = {
		.slot_bytes = bench_picture_bytes(SIDE_PX, SIDE_PX),
		.mailbox = duty->crowd->mailbox,
		.cond = duty->crowd->cond,
	};
	int error = zoe_writer_create(&duty->writer, duty->name, &options);
	return error ? error : zoe_writer_announce(duty->writer);
}

/* All are there, and asleep or stopped as they should be. */
static int gather(struct duty *duty, struct processes *processes)
{
	int64_t deadline_ns = zoe_deadline_in_ms(PATIENCE_MS);
	if (duty->crowd->kind == CROWD_BARE)
		return processes_await_ready(processes, processes->n, deadline_ns);
	int error = create_pool(duty);
	if (!error)
		error = zoe_writer_wait_readers(duty->writer, processes->n, deadline_ns);
	for (uint32_t i = 0; duty->crowd->kind == CROWD_AWAKE && i < processes->n && !error; i++)
		error = processes_await_stop(processes, i, deadline_ns);
	return error;
}

static int run(struct duty *duty, struct processes *processes, struct zoe_histogram *cost)
{
	int error = 0;
	for (duty->index = 0; duty->index < duty->crowd->readers && error >= 0; duty->index++)
		error = processes_fork(processes, duty->pillows ? sleep_bare : read_frames, duty);
	if (error >= 0)
		error = gather(duty, processes);
	if (!error)
		error = send_all(duty, cost);
	if (error && error != -EINTR)
		bench_fail("%s", duty->writer ? zoe_error() : strerror(-error));
	if (duty->writer)
		zoe_writer_end(duty->writer, zoe_deadline_in_ms(1000));
	if (!error && duty->crowd->kind == CROWD_ASLEEP &&
		processes_wait(processes, PROCESSES_ALL, zoe_deadline_in_ms(PATIENCE_MS)))
		error = bench_stopped() ? -EINTR : (bench_fail("a reader did not end as it should"), -ECHILD);
	zoe_writer_destroy(&duty->writer);
	return error;
}

static int measure(struct turn *turn, double figures[TURNS_FIGURES])
{
	const struct crowd *crowd = turn->what;
	size_t n_bytes = crowd->readers * sizeof(struct pillow);
	struct duty duty = { .crowd = crowd };
	struct zoe_histogram cost = { 0 };
	struct processes processes;
	uint64_t received = 0;
	bench_pool_name(duty.name);
	if (processes_init(&processes))
		return bench_fail("out of memory"), -ENOMEM;
	if (crowd->kind == CROWD_BARE)
		duty.pillows = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int error = duty.pillows == MAP_FAILED ? -ENOMEM : run(&duty, &processes, &cost);
	for (uint32_t i = 0; i < processes.n; i++)
		received += processes.members[i].received;
	processes_finish(&processes);
	if (duty.pillows && duty.pillows != MAP_FAILED)
		munmap(duty.pillows, n_bytes);
	if (error)
		return error;
	zoe_histogram_merge(&turn->latency, &cost);
	figures[CROWD_P50] = stats_quantile_us(&cost, 0.5);
	figures[CROWD_P99] = stats_quantile_us(&cost, 0.99);
	figures[CROWD_PUBLISHED] = crowd->frames;
	if (crowd->kind == CROWD_ASLEEP)
		figures[CROWD_RECEIVED] = (double)received;
	return 0;
}

void crowd_turn(struct turn *turn, const struct crowd *crowd)
{
	static const char *const kinds[] = { "publish, %u asleep", "publish, %u awake", "%u bare futex wakes" };
	turn->measure = measure;
	turn->what = crowd;
	snprintf(turn->name, sizeof(turn->name), kinds[crowd->kind], crowd->readers);
}
