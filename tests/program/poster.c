/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker for tests. It posts one box for each frame, whose id is the number that it reads
 * from the test picture. Or it meets its fate in the middle of posting: --fate kill, stop, exit.
 *
 * Usage: poster [--label LABEL] [--group GROUP] [--depth N] [--every N] [--max-fps F] [--lossless]
 *        [--delay T] [--json TEXT] [--frames N] [--fate FATE] POOL
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "program/option.h"
#include "program/picture.h"

struct settings {
	const char *label, *group, *json, *fate;
	uint32_t depth, every, max_fps;
	int64_t delay_ns;
	uint64_t n_frames;
	bool lossless;
};

#define AT(member) offsetof(struct settings, member)

static const struct zi_option options[] = {
	{ 0, "label", "LABEL", zi_option_text, AT(label), "" },
	{ 0, "group", "GROUP", zi_option_text, AT(group), "" },
	{ 0, "depth", "N", zi_option_u32, AT(depth), "" },
	{ 0, "every", "N", zi_option_u32, AT(every), "" },
	{ 0, "max-fps", "F", zi_option_u32, AT(max_fps), "" },
	{ 0, "delay", "T", zi_option_seconds_ns, AT(delay_ns), "" },
	{ 0, "lossless", NULL, zi_option_flag, AT(lossless), "" },
	{ 0, "json", "TEXT", zi_option_text, AT(json), "" },
	{ 0, "frames", "N", zi_option_count, AT(n_frames), "" },
	{ 0, "fate", "FATE", zi_option_text, AT(fate), "" },
};

static const struct zi_command command = {
	.name = "poster",
	.usage = "[options] POOL",
	.summary = "Post a box on each frame.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.max_arguments = 1,
};

static volatile sig_atomic_t stop, is_posting;
static const char *fate;

static void ask_to_stop(int number)
{
	stop = number;
}

/* The alarm rings at any moment; only one that interrupts a post counts. */
static void meet_fate(int number)
{
	(void)number;
	if (!is_posting)
		return;
	if (strcmp(fate, "kill") == 0)
		raise(SIGKILL);
	else if (strcmp(fate, "stop") == 0)
		raise(SIGSTOP);
	else
		_exit(0);
}

static int64_t number_of(const struct zoe_frame *frame)
{
	struct zi_picture picture = { .width_px = frame->info.width_px, .height_px = frame->info.height_px };

	if (strcmp(frame->info.format, "yuv420p") != 0)
		return -1;
	for (int i = 0; i < 3; i++) {
		picture.data[i] = (uint8_t *)(uintptr_t)frame->data[i];
		picture.stride_bytes[i] = frame->info.planes[i].stride_bytes;
	}
	return zi_picture_read(&picture);
}

static int post_box(struct zoe_reader *reader, const struct zoe_frame *frame, const char *json)
{
	int64_t number = number_of(frame);
	struct zoe_mark box = { .kind = ZOE_MARK_BOX, .x = 0.125f, .y = 0.5f, .width = 0.5f, .height = 0.25f };

	if (number > 0) {
		box.id = number;
		box.score = 0.93f;
		snprintf(box.label, sizeof(box.label), "frame %" PRId64, number);
	}
	return zoe_reader_post(reader, frame, &box, 1, json);
}

/* As large as posts get, one after the other, so that an alarm comes in the middle of one. */
static int post_until_the_end(struct zoe_reader *reader, const struct zoe_frame *frame)
{
	static struct zoe_mark marks[ZOE_MAX_MARKS];
	static char json[ZOE_MAX_JSON_BYTES];
	static const struct itimerval often = { { 0, 3001 }, { 0, 20011 } };
	int error = 0;

	memset(json, ' ', sizeof(json) - 1);
	memcpy(json, "{}", 2);
	signal(SIGALRM, meet_fate);
	setitimer(ITIMER_REAL, &often, NULL);
	while (!error && !stop) {
		is_posting = 1;
		error = zoe_reader_post(reader, frame, marks, ZOE_MAX_MARKS, json);
		is_posting = 0;
	}
	return error;
}

static int work(struct zoe_reader *reader, const struct settings *settings)
{
	const struct timespec delay = { settings->delay_ns / 1000000000, settings->delay_ns % 1000000000 };
	const struct zoe_frame *frame;
	uint64_t n = 0;
	int error = 0;

	while (!stop && (!error || error == -EAGAIN) && (settings->n_frames == 0 || n < settings->n_frames)) {
		error = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(200));
		if (error)
			continue;
		nanosleep(&delay, NULL);
		error = settings->fate ? post_until_the_end(reader, frame) : post_box(reader, frame, settings->json);
		zoe_reader_release(reader, frame);
		n++;
	}
	return error == -EAGAIN || error == -ENODATA ? 0 : error;
}

int main(int argc, char **argv)
{
	struct settings settings = { .label = "poster", .depth = 1 };
	const char *pool;
	size_t n_pools;
	struct zoe_reader *reader = NULL;
	int error;

	if (zi_option_parse_all(&command, argc, argv, &settings, &pool, &n_pools) != ZI_OPTION_RUN || n_pools < 1)
		return 2;
	fate = settings.fate;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, ask_to_stop);
	error = zoe_reader_attach(&reader, pool,
		&(struct zoe_reader_options){ .policy = settings.lossless ? ZOE_LOSSLESS : ZOE_LATEST,
			.depth = settings.depth,
			.every = settings.every,
			.max_fps = settings.max_fps,
			.label = settings.label,
			.group = settings.group,
			.follow = ZOE_FOLLOW_NEVER },
		zoe_deadline_in_ms(10000));
	if (!error)
		error = work(reader, &settings);
	if (error)
		fprintf(stderr, "poster: error: %s\n", zoe_error());
	zoe_reader_detach(&reader);
	return error ? 1 : 0;
}
