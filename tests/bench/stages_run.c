/* SPDX-License-Identifier: BSD-2-Clause */
#include "stages_run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "bench.h"

#define START_MS 20000 /* until the first frame is there */
#define WARM_UP_NS INT64_C(1000000000)
#define STEP_MS 100 /* how often a wait looks whether to stop */
#define SLACK 4     /* a busy machine may take so many times as long */

struct cast {
	struct process source, capture, display;
	char pool[ZOE_NAME_BYTES];
	uint16_t port;
};

/* A port that nobody has just now. */
static int find_port(uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n_bytes = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int error = bind(fd, (struct sockaddr *)&at, n_bytes) || getsockname(fd, (struct sockaddr *)&at, &n_bytes)
		? -errno
		: 0;
	close(fd);
	*port = ntohs(at.sin_port);
	return error;
}

static int start(struct process *process, const char *name, const char *folder, const char **arguments,
	char why[PROCESS_WHY_BYTES])
{
	char path[512];
	int error = process_find(name, folder, path, sizeof(path));
	arguments[0] = path;
	if (error) {
		snprintf(why, PROCESS_WHY_BYTES, "%s is not installed: neither beside zoe-bench nor in PATH", name);
		return error;
	}
	error = process_start(process, name, arguments);
	if (error)
		snprintf(why, PROCESS_WHY_BYTES, "cannot start %s: %s", name, strerror(-error));
	return error;
}

static int start_capture(struct cast *cast, const struct stages_run *run, char why[PROCESS_WHY_BYTES])
{
	char url[96], threads[16];
	bool has_frame_threads = run->threads == STAGES_FRAME_THREADS;
	const char *arguments[] = { NULL, "--quiet", "--json", "-n", cast->pool, "--threads", threads, url,
		has_frame_threads ? "-thread_type" : NULL, "frame", "-flags", "-low_delay", NULL };
	snprintf(threads, sizeof(threads), "%u", run->threads == STAGES_ONE_THREAD ? 1 : run->n_threads);
	snprintf(url, sizeof(url), "udp://127.0.0.1:%u?overrun_nonfatal=1", cast->port);
	return start(&cast->capture, "zoe-capture", "../../capture", arguments, why);
}

static int start_source(struct cast *cast, const struct stages_run *run, char why[PROCESS_WHY_BYTES])
{
	char picture[64], every[16], slices[32], url[96];
	const char *arguments[] = { NULL, "-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", picture, "-c:v",
		"libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-threads", "1", "-g", every, "-x264-params",
		slices, "-pix_fmt", "yuv420p", "-f", "mpegts", url, NULL };
	snprintf(picture, sizeof(picture), "testsrc2=s=%ux%u:r=%u", run->width_px, run->height_px, run->fps);
	snprintf(every, sizeof(every), "%u", run->fps);
	snprintf(slices, sizeof(slices), "slices=%u", run->n_threads);
	snprintf(url, sizeof(url), "udp://127.0.0.1:%u?pkt_size=1316", cast->port);
	return start(&cast->source, "ffmpeg", "", arguments, why);
}

static int start_display(struct cast *cast, const struct stages_run *run, char why[PROCESS_WHY_BYTES])
{
	char frames[16];
	const char *arguments[] = { NULL, "--quiet", "--json", "--exit-at-end", "--frames", frames, cast->pool, NULL };
	snprintf(frames, sizeof(frames), "%u", run->n_frames);
	return start(&cast->display, "zoe-display", "../../display", arguments, why);
}

/* True when one of them ended that should not; `why` says so. */
static int check_alive(struct process *process, char why[PROCESS_WHY_BYTES])
{
	int error = process_wait(process, 0, why);
	if (error == 0)
		snprintf(why, PROCESS_WHY_BYTES, "%s ended", process->name);
	return error == -ETIMEDOUT ? 0 : error ? error : -ECHILD;
}

/* True when the threads are of the kind that was asked for: not every FFmpeg obeys. */
static int check_threads(const struct cast *cast, const struct stages_run *run, char why[PROCESS_WHY_BYTES])
{
	static const char *const kinds[] = {
		[STAGES_ONE_THREAD] = "no",
		[STAGES_SLICE_THREADS] = "slice",
		[STAGES_FRAME_THREADS] = "frame",
	};
	json_t *begun = process_event(&cast->capture, "start");
	const char *kind = json_string_value(json_object_get(begun, "threading"));
	int error = kind && strcmp(kind, kinds[run->threads]) == 0 ? 0 : -EPROTO;
	if (error)
		snprintf(why, PROCESS_WHY_BYTES, "zoe-capture decodes with %s threads instead of %s threads",
			kind ? kind : "unknown", kinds[run->threads]);
	json_decref(begun);
	return error;
}

/* Nothing comes: it may have said why, and go on trying. */
static int give_up(const struct process *capture, char why[PROCESS_WHY_BYTES])
{
	char said[PROCESS_WHY_BYTES - 64];
	process_said(capture, said, sizeof(said));
	snprintf(why, PROCESS_WHY_BYTES, "zoe-capture showed nothing for %d s%s%s", START_MS / 1000,
		said[0] ? ": " : "", said);
	return -ETIMEDOUT;
}

/* A seat, as soon as there is a pool. A pool that refuses one will go on refusing. */
static int take_seat(struct zoe_reader **reader, const char *pool, char why[PROCESS_WHY_BYTES])
{
	int error = zoe_reader_attach(reader, pool, NULL, zoe_deadline_in_ms(STEP_MS));
	if (!error || error == -ENOENT || error == -ETIMEDOUT)
		return 0;
	snprintf(why, PROCESS_WHY_BYTES, "%s", zoe_error());
	return error;
}

/* Frames come, and have come for a second: what was read while the stream was looked at is through. */
static int warm_up(struct cast *cast, char why[PROCESS_WHY_BYTES])
{
	int64_t begun_ns = 0, deadline_ns = zoe_deadline_in_ms(START_MS);
	struct zoe_reader *reader = NULL;
	const struct zoe_frame *frame;
	int error = 0;
	while (!error && (!begun_ns || zoe_now_ns() - begun_ns < WARM_UP_NS)) {
		if (!reader)
			error = take_seat(&reader, cast->pool, why);
		if (reader && zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(STEP_MS)) == 0) {
			zoe_reader_release(reader, frame);
			begun_ns = begun_ns ? begun_ns : zoe_now_ns();
		}
		if (!error)
			error = check_alive(&cast->capture, why);
		if (!error)
			error = check_alive(&cast->source, why);
		if (!error && zoe_now_ns() > deadline_ns)
			error = give_up(&cast->capture, why);
	}
	if (reader)
		zoe_reader_detach(&reader);
	return error;
}

static int watch(struct cast *cast, const struct stages_run *run, json_t **end, char why[PROCESS_WHY_BYTES])
{
	int64_t patience_ms = START_MS + INT64_C(1000) * SLACK * run->n_frames / run->fps;
	int error = process_wait(&cast->display, zoe_deadline_in_ms(patience_ms), why);
	if (error)
		return error;
	*end = process_event(&cast->display, "end");
	if (*end)
		return 0;
	snprintf(why, PROCESS_WHY_BYTES, "zoe-display does not print its end");
	return -EPROTO;
}

int stages_run(const struct stages_run *run, json_t **end, char why[PROCESS_WHY_BYTES])
{
	struct cast cast = { 0 };
	int error = find_port(&cast.port);
	bench_pool_name(cast.pool);
	if (error)
		snprintf(why, PROCESS_WHY_BYTES, "no UDP port on 127.0.0.1: %s", strerror(-error));
	if (!error)
		error = start_capture(&cast, run, why);
	if (!error)
		error = start_source(&cast, run, why);
	if (!error)
		error = warm_up(&cast, why);
	if (!error)
		error = check_threads(&cast, run, why);
	if (!error)
		error = start_display(&cast, run, why);
	if (!error)
		error = watch(&cast, run, end, why);
	process_stop(&cast.display);
	process_stop(&cast.source);
	process_stop(&cast.capture);
	process_finish(&cast.display);
	process_finish(&cast.source);
	process_finish(&cast.capture);
	return error;
}
