/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All have the same libavcodec and number of threads, and none of them scales, converts or drops:
 * "-f null" hands each frame on as it is (wrapped_avframe), "-f rawvideo" copies it once, into a
 * packet, of which /dev/null takes nothing.
 */
#include "decode_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "processes.h"

#define RUN_MS 600000 /* no run takes longer */
#define SEAT_MS 20000
#define CACHE_LINE_BYTES 64

int decode_job_init(struct decode_job *job, const char *file, uint32_t threads)
{
	*job = (struct decode_job){ .file = file };
	snprintf(job->threads, sizeof(job->threads), "%u", threads);
	bench_pool_name(job->pool);
	snprintf(job->why, sizeof(job->why), "zoe-capture is neither beside zoe-bench nor in PATH");
	if (process_find("zoe-capture", "../../capture", job->zoe_capture, sizeof(job->zoe_capture)))
		return -ENOENT;
	snprintf(job->why, sizeof(job->why), "ffmpeg is not installed");
	return process_find("ffmpeg", "", job->ffmpeg, sizeof(job->ffmpeg));
}

static int failed(struct decode_job *job, const char *what, int error)
{
	if (error != -EINTR)
		snprintf(job->why, sizeof(job->why), "%s: %s", what, strerror(-error));
	return error;
}

int decode_ffmpeg(struct decode_job *job, const char *format, uint32_t n_at_once, struct decode_cpu *cpu)
{
	const char *const arguments[] = { job->ffmpeg, "-nostdin", "-v", "error", "-threads", job->threads, "-i",
		job->file, "-an", "-sn", "-dn", "-autoscale", "0", "-fps_mode", "passthrough", "-f", format, "-y",
		"/dev/null", NULL };
	struct process processes[DECODE_MAX_READERS] = { { 0 } };
	uint32_t n_started = 0;
	int error = 0;
	for (; n_started < n_at_once && !error; n_started++)
		error = process_start(&processes[n_started], "ffmpeg", arguments);
	if (error)
		failed(job, "cannot start ffmpeg", error);
	for (uint32_t i = 0; i < n_at_once && !error; i++) {
		error = process_wait(&processes[i], zoe_deadline_in_ms(RUN_MS), job->why);
		cpu->programs_s += processes[i].cpu_s;
	}
	for (uint32_t i = 0; i < n_started; i++)
		process_finish(&processes[i]);
	return error;
}

/* Bring all of the picture into this core's cache: a word of each line. */
static void touch(const struct zoe_frame *frame)
{
	for (uint32_t i = 0; i < frame->info.n_planes; i++) {
		const struct zoe_plane *plane = &frame->info.planes[i];
		for (uint32_t row = 0; row < plane->rows; row++) {
			const volatile uint8_t *pixels = frame->data[i] + (size_t)row * plane->stride_bytes;
			for (uint32_t at = 0; at < plane->row_bytes; at += CACHE_LINE_BYTES)
				(void)pixels[at];
		}
	}
}

static int watch(struct processes_member *me, void *argument)
{
	const struct decode_job *job = argument;
	struct zoe_reader_options how = { .policy = ZOE_LOSSLESS };
	struct zoe_reader *reader;
	const struct zoe_frame *frame;
	int error = zoe_reader_attach(&reader, job->pool, &how, zoe_deadline_in_ms(SEAT_MS));
	if (error)
		return 1;
	processes_ready(me);
	while ((error = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(RUN_MS))) == 0) {
		processes_count(me, frame->info.published_ns, zoe_now_ns());
		touch(frame);
		zoe_reader_release(reader, frame);
	}
	processes_conclude(me);
	zoe_reader_detach(&reader);
	return error == -ENODATA ? 0 : 1;
}

static int note_end(struct decode_job *job, const struct process *process)
{
	json_t *end = process_event(process, "end");
	job->n_frames = (uint64_t)json_integer_value(json_object_get(end, "published"));
	job->n_copied = (uint64_t)json_integer_value(json_object_get(end, "copied"));
	job->n_dropped = (uint64_t)json_integer_value(json_object_get(end, "dropped"));
	json_decref(end);
	if (job->n_frames > 0)
		return 0;
	snprintf(job->why, sizeof(job->why), "zoe-capture published nothing (%s)", job->file);
	return -ENODATA;
}

/* All of them saw all of it. */
static int add_readers(struct decode_job *job, struct processes *processes, struct decode_cpu *cpu)
{
	int error = processes_wait(processes, PROCESSES_ALL, zoe_deadline_in_ms(SEAT_MS));
	if (error)
		return failed(job, "a reader", error);
	for (uint32_t i = 0; i < processes->n; i++) {
		if (processes->members[i].received != job->n_frames) {
			snprintf(job->why, sizeof(job->why), "a reader got %llu of %llu frames",
				(unsigned long long)processes->members[i].received, (unsigned long long)job->n_frames);
			return -EPROTO;
		}
		cpu->readers_s += (double)processes->members[i].cpu_ns / 1e9;
	}
	return 0;
}

static int run_capture(struct decode_job *job, struct processes *processes, struct process *process,
	struct decode_cpu *cpu)
{
	char readers[16];
	const char *const arguments[] = { job->zoe_capture, "--quiet", "--json", "--fast", "--threads", job->threads,
		"-n", job->pool, job->file, processes->n ? "--lossless" : NULL, "--wait-readers", readers, NULL };
	snprintf(readers, sizeof(readers), "%u", processes->n);
	int error = process_start(process, "zoe-capture", arguments);
	if (error)
		return failed(job, "cannot start zoe-capture", error);
	error = processes_await_ready(processes, processes->n, zoe_deadline_in_ms(SEAT_MS));
	if (error)
		return failed(job, "readers were not seated", error);
	error = process_wait(process, zoe_deadline_in_ms(RUN_MS), job->why);
	cpu->programs_s = process->cpu_s;
	return error ? error : note_end(job, process);
}

int decode_capture(struct decode_job *job, uint32_t n_readers, struct decode_cpu *cpu)
{
	struct process process = { 0 };
	struct processes processes;
	int error = processes_init(&processes);
	for (uint32_t i = 0; i < n_readers && !error; i++) {
		int index = processes_fork(&processes, watch, job);
		error = index < 0 ? index : 0;
	}
	if (error)
		failed(job, "no readers", error);
	else
		error = run_capture(job, &processes, &process, cpu);
	if (!error)
		error = add_readers(job, &processes, cpu);
	process_stop(&process);
	process_finish(&process);
	processes_finish(&processes);
	return error;
}
