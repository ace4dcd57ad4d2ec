/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where does the picture move? A worker that compares each frame with the one before it,
 * both held in place and never copied, and prints a line of JSON a frame.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zoetrope/zoetrope.h>

#include "motion_blocks.h"

struct run {
	const char *pool;
	uint64_t n_frames;              /* to stop after; 0: never */
	struct zoe_reader *reader;
	const struct zoe_frame *before; /* held, like the frame that is compared with it */
	struct motion motion;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	interrupted = number;
}

static void print_time(const struct zoe_frame_info *info)
{
	if (info->pts == INT64_MIN || info->time_base_den == 0)
		printf("\"pts\":null,\"time\":null");
	else
		printf("\"pts\":%" PRId64 ",\"time\":%.6f", info->pts,
			(double)info->pts * info->time_base_num / info->time_base_den);
}

static bool alike(const struct zoe_frame *a, const struct zoe_frame *b)
{
	return a->info.width_px == b->info.width_px && a->info.height_px == b->info.height_px &&
		strcmp(a->info.format, b->info.format) == 0;
}

static int look(struct run *run, const struct zoe_frame *frame)
{
	struct motion_box box;
	const char *comma = "";
	double moving = 0;

	if (!motion_understands(frame->info.format)) {
		fprintf(stderr, "zoe-motion: error: pixel format (%s): no plane of luma; run zoe-capture "
			"with --pix-fmt yuv420p\n", frame->info.format);
		return -EINVAL;
	}
	/* There is nothing to compare the first frame with, nor the first of a new size. */
	if (run->before && alike(run->before, frame))
		moving = motion_compare(&run->motion, frame, run->before);
	if (moving < 0) {
		fprintf(stderr, "zoe-motion: error: out of memory\n");
		return -ENOMEM;
	}
	printf("{\"pool\":\"%s\",\"seq\":%" PRIu64 ",", run->pool, frame->seq);
	print_time(&frame->info);
	printf(",\"boxes\":[");
	while (moving > 0 && motion_next_box(&run->motion, frame, &box)) {
		printf("%s[%u,%u,%u,%u]", comma, box.x, box.y, box.width, box.height);
		comma = ",";
	}
	printf("],\"moving\":%.3f}\n", moving);
	return 0;
}

static int read_all(struct run *run)
{
	const struct zoe_frame *frame;
	int result = 0;

	for (uint64_t n = 0; !interrupted && (run->n_frames == 0 || n < run->n_frames);) {
		result = zoe_reader_acquire(run->reader, &frame, zoe_deadline_in_ms(200));
		if (result == -EAGAIN)
			continue;
		if (result == -EOWNERDEAD) {
			fprintf(stderr, "zoe-motion: %s; waiting for the next one\n", zoe_error());
			continue;
		}
		if (result == -ENODATA)
			return 0;
		if (result < 0) {
			fprintf(stderr, "zoe-motion: error: %s\n", zoe_error());
			return result;
		}
		result = look(run, frame);
		zoe_reader_release(run->reader, run->before);
		run->before = frame;
		if (result < 0)
			return result;
		n++;
	}
	return 0;
}

static int attach(struct run *run)
{
	const struct zoe_reader_options options = { .policy = ZOE_LATEST, .hold = 2 };
	bool told = false;
	int result;

	do {
		result = zoe_reader_attach(&run->reader, run->pool, &options, zoe_deadline_in_ms(200));
		if (result == -ENOENT && !told)
			fprintf(stderr, "zoe-motion: waiting for pool (%s)\n", run->pool);
		told = true;
	} while (result == -ENOENT && !interrupted);
	if (result < 0 && !interrupted)
		fprintf(stderr, "zoe-motion: error: %s\n", zoe_error());
	return interrupted ? 0 : result;
}

static void print_usage(void)
{
	printf("Usage: zoe-motion [options] [POOL]\n"
		"Print where the picture of a pool (main) moves, a line of JSON a frame:\n"
		"boxes are [x, y, width, height] in pixels, moving is the part of the picture.\n"
		"\n"
		"Options:\n"
		"      --threshold N  A block moves when its mean luma differs by more than N of\n"
		"                     255 levels from the frame before (6).\n"
		"      --block N      Compare blocks of N x N pixels, 4 to 256 (16).\n"
		"      --frames N     Stop after N frames.\n"
		"  -h, --help         Print this and exit.\n"
		"      --version      Print the version and exit.\n"
		"\n"
		"Example:\n"
		"  zoe-motion cam0 | jq -c 'select(.moving > 0.05) | [.time, .boxes]'\n");
}

static int usage_error(const char *what, const char *value, const char *expected)
{
	fprintf(stderr, "zoe-motion: error: %s (%s): %s; see zoe-motion --help\n", what, value, expected);
	return 2;
}

static bool parse_number(const char *text, unsigned long least, unsigned long most, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *number >= least &&
		*number <= most;
}

/* Returns -1 to go on, else what to exit with. */
static int parse(struct run *run, int argc, char **argv)
{
	static const struct option options[] = {
		{ "threshold", required_argument, NULL, 't' },
		{ "block", required_argument, NULL, 'b' },
		{ "frames", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	unsigned long number;
	int letter;

	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (letter) {
		case 't':
			if (!parse_number(optarg, 0, 255, &number))
				return usage_error("option --threshold", optarg, "expected 0 to 255");
			run->motion.threshold = (uint32_t)number;
			break;
		case 'b':
			if (!parse_number(optarg, 4, 256, &number))
				return usage_error("option --block", optarg, "expected 4 to 256");
			run->motion.block_px = (uint32_t)number;
			break;
		case 'f':
			if (!parse_number(optarg, 1, ULONG_MAX, &number))
				return usage_error("option --frames", optarg, "expected 1 or more");
			run->n_frames = number;
			break;
		case 'h':
			print_usage();
			return 0;
		case 'V':
			printf("zoe-motion (zoetrope) %s\n", zoe_version());
			return 0;
		case ':':
			return usage_error("option", argv[optind - 1], "needs a value");
		default:
			return usage_error("option", argv[optind - 1], "unknown");
		}
	}
	if (argc - optind > 1)
		return usage_error("argument", argv[optind + 1], "one too many");
	if (optind < argc)
		run->pool = argv[optind];
	return -1;
}

int main(int argc, char **argv)
{
	struct run run = { .pool = "main", .motion = { .threshold = 6, .block_px = 16 } };
	int result = parse(&run, argc, argv);

	if (result >= 0)
		return result;
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	setlinebuf(stdout);
	result = attach(&run);
	if (result == 0 && run.reader) {
		result = read_all(&run);
		zoe_reader_release(run.reader, run.before);
	}
	zoe_reader_detach(&run.reader);
	motion_finish(&run.motion);
	return result < 0 ? 1 : 0;
}
