/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the picture moves: a worker that compares each frame with the one before it,
 * both held in place and never copied, posts boxes around what moves and prints them as a
 * line of JSON.
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
	uint64_t n_frames; /* to stop after; 0: never */
	bool quiet;
	struct zoe_reader_options options;
	struct zoe_reader *reader;
	bool is_waiting;                /* for the next pool of the name, and has said so */
	const struct zoe_frame *before; /* held, like the frame that is compared with it */
	struct motion motion;
	struct zoe_mark marks[ZOE_MAX_MARKS];
	uint32_t n_marks;
};

/* What stands in a pool may be any bytes: no more of a format is printed. */
#define FORMAT_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

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

static void print_line(const struct run *run, const struct zoe_frame *frame, double moving)
{
	const double width_px = frame->info.width_px, height_px = frame->info.height_px;

	printf("{\"pool\":\"%s\",\"seq\":%" PRIu64 ",", run->pool, frame->seq);
	print_time(&frame->info);
	printf(",\"boxes\":[");
	for (uint32_t i = 0; i < run->n_marks; i++) {
		const struct zoe_mark *mark = &run->marks[i];

		printf("%s[%.0f,%.0f,%.0f,%.0f]", i ? "," : "", mark->x * width_px, mark->y * height_px,
			mark->width * width_px, mark->height * height_px);
	}
	printf("],\"moving\":%.3f}\n", moving);
}

/* 0 when all that was printed is written, else 1, having said so. */
static int check_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	fprintf(stderr, "zoe-motion: error: cannot write to stdout: %s\n", strerror(errno));
	return 1;
}

static struct zoe_mark mark_of(const struct motion_box *box, const struct zoe_frame_info *info)
{
	return (struct zoe_mark){
		.kind = ZOE_MARK_BOX,
		.label = "motion",
		.x = (float)box->x / (float)info->width_px,
		.y = (float)box->y / (float)info->height_px,
		.width = (float)box->width / (float)info->width_px,
		.height = (float)box->height / (float)info->height_px,
	};
}

/* A pool that is over, or whose writer stands still: this result is lost, and the next one need not be. */
static int post(const struct run *run, const struct zoe_frame *frame)
{
	int result = zoe_reader_post(run->reader, frame, run->marks, run->n_marks, NULL);

	if (result == 0 || result == -ESTALE || result == -ETIMEDOUT)
		return 0;
	fprintf(stderr, "zoe-motion: error: %s\n", zoe_error());
	return result;
}

static int look(struct run *run, const struct zoe_frame *frame)
{
	struct motion_box box;
	double moving = 0;

	if (!motion_understands(&frame->info)) {
		fprintf(stderr,
			"zoe-motion: error: pixel format (%.*s): no plane of luma; run zoe-capture "
			"with --pix-fmt yuv420p\n",
			(int)strspn(frame->info.format, FORMAT_LETTERS), frame->info.format);
		return -EINVAL;
	}
	/* There is nothing to compare the first frame with, nor the first of a new size. */
	if (run->before && alike(run->before, frame))
		moving = motion_compare(&run->motion, frame, run->before);
	if (moving < 0) {
		fprintf(stderr, "zoe-motion: error: out of memory\n");
		return -ENOMEM;
	}
	run->n_marks = 0;
	while (moving > 0 && run->n_marks < ZOE_MAX_MARKS && motion_next_box(&run->motion, frame, &box))
		run->marks[run->n_marks++] = mark_of(&box, &frame->info);
	if (!run->quiet)
		print_line(run, frame, moving);
	if (check_output())
		return -EIO;
	return post(run, frame);
}

/* The next frame. Between two pools of the name it is said once what is waited for, and that it came. */
static int acquire(struct run *run, const struct zoe_frame **frame)
{
	int result = zoe_reader_acquire(run->reader, frame, zoe_deadline_in_ms(200));

	if (result == 0 && run->is_waiting) {
		fprintf(stderr, "zoe-motion: pool '%s' is there\n", run->pool);
		run->is_waiting = false;
	}
	if (result != -EOWNERDEAD || run->options.follow == ZOE_FOLLOW_NEVER)
		return result;
	if (!run->is_waiting)
		fprintf(stderr, "zoe-motion: %s; waiting for the next one of that name\n", zoe_error());
	run->is_waiting = true;
	return -EAGAIN;
}

static int read_all(struct run *run)
{
	const struct zoe_frame *frame;
	int result = 0;

	for (uint64_t n = 0; !interrupted && (run->n_frames == 0 || n < run->n_frames);) {
		result = acquire(run, &frame);
		if (result == -EAGAIN)
			continue;
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
	bool is_said = false;
	int result;

	do {
		result = zoe_reader_attach(&run->reader, run->pool, &run->options, zoe_deadline_in_ms(200));
		if (result == -ENOENT && !is_said)
			fprintf(stderr, "zoe-motion: waiting for pool '%s': zoe-capture --name %s INPUT makes it\n",
				run->pool, run->pool);
		else if (result == -ETIMEDOUT && !is_said)
			fprintf(stderr, "zoe-motion: %s; waiting for it\n", zoe_error());
		is_said |= result < 0;
	} while ((result == -ENOENT || result == -ETIMEDOUT) && !interrupted);
	if (result == 0 && is_said)
		fprintf(stderr, "zoe-motion: pool '%s' is there\n", run->pool);
	if (result < 0 && !interrupted)
		fprintf(stderr, "zoe-motion: error: %s\n", zoe_error());
	return interrupted ? 0 : result;
}

static void print_usage(void)
{
	printf("Usage: zoe-motion [options] [POOL]\n"
	       "Find where the picture of a pool (main) moves: post boxes, for zoe-display to draw\n"
	       "and zoe-events to list, and print a line of JSON a frame: boxes are\n"
	       "[x, y, width, height] in pixels, moving is the part of the picture.\n"
	       "\n"
	       "Options:\n"
	       "      --threshold N  A block moves when its mean luma differs by more than N of\n"
	       "                     255 levels from the frame before (6).\n"
	       "      --block N      Compare blocks of N x N pixels, 4 to 256 (16).\n"
	       "      --every N      Look at one frame in N.\n"
	       "      --fps F        Look at no more than F frames a second, 0.001 to 1000.\n"
	       "      --frames N     Stop after N frames.\n"
	       "      --follow WHEN  restarts (default): go on with the next capture when one was\n"
	       "                     stopped, failed or died, and end with its input; always: go on\n"
	       "                     after that, too; never: exit 1 if it failed or died.\n"
	       "      --owner USER   The pool may be this user's, too (any: anybody's).\n"
	       "  -q, --quiet        Post, and print nothing.\n"
	       "  -h, --help         Print this and exit.\n"
	       "      --version      Print the version and exit.\n"
	       "\n"
	       "Examples:\n"
	       "  zoe-motion --quiet --fps 10 cam0 & zoe-display cam0\n"
	       "  zoe-motion cam0 | jq -c 'select(.moving > 0.05) | [.time, .boxes]'\n");
}

static int usage_error(const char *what, const char *value, const char *expected)
{
	fprintf(stderr, "zoe-motion: error: %s (%s): %s; see zoe-motion --help\n", what, value, expected);
	return 2;
}

/* What getopt_long() does not know: the word before the next one, or, of letters in one (-vf), that it is still at. */
static const char *unknown_option(char **argv)
{
	const char *here = argv[optind];

	return optopt && here && here[0] == '-' && here[1] != '-' && strchr(here, optopt) ? here : argv[optind - 1];
}

static bool parse_number(const char *text, unsigned long least, unsigned long most, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *number >= least && *number <= most;
}

static bool parse_fps(const char *text, double *fps)
{
	char *end;

	*fps = strtod(text, &end);
	return end != text && *end == '\0' && *fps >= 0.001 && *fps <= 1000;
}

static bool parse_follow(const char *text, enum zoe_follow *follow)
{
	static const char *const words[] = { "restarts", "always", "never" };

	for (int i = 0; i < 3; i++)
		if (strcmp(text, words[i]) == 0)
			return *follow = (enum zoe_follow)i, true;
	return false;
}

static const struct option long_options[] = {
	{ "threshold", required_argument, NULL, 't' },
	{ "block", required_argument, NULL, 'b' },
	{ "every", required_argument, NULL, 'e' },
	{ "fps", required_argument, NULL, 'F' },
	{ "frames", required_argument, NULL, 'f' },
	{ "follow", required_argument, NULL, 'w' },
	{ "owner", required_argument, NULL, 'o' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

/* Returns -1 to go on, else what to exit with. */
static int parse(struct run *run, int argc, char **argv)
{
	unsigned long number;
	int letter;

	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":hq", long_options, NULL)) != -1) {
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
		case 'e':
			if (!parse_number(optarg, 1, UINT32_MAX, &number))
				return usage_error("option --every", optarg, "expected 1 or more");
			run->options.every = (uint32_t)number;
			break;
		case 'F':
			if (!parse_fps(optarg, &run->options.max_fps))
				return usage_error("option --fps", optarg, "expected 0.001 to 1000");
			break;
		case 'w':
			if (!parse_follow(optarg, &run->options.follow))
				return usage_error("option --follow", optarg, "expected restarts, always or never");
			break;
		case 'o':
			run->options.owner = optarg;
			break;
		case 'q':
			run->quiet = true;
			break;
		case 'h':
			print_usage();
			return check_output();
		case 'V':
			printf("zoe-motion (zoetrope) %s\n", zoe_version());
			return check_output();
		case ':':
			return usage_error("option", argv[optind - 1], "needs a value");
		default:
			return usage_error("option", unknown_option(argv), "unknown");
		}
	}
	if (argc - optind > 1)
		return usage_error("argument", argv[optind + 1], "one too many");
	if (optind < argc)
		run->pool = argv[optind];
	return -1;
}

/* A pool that is cut short under us: go on with its next epoch. Any other fault is one. */
static void on_fault(int number, siginfo_t *info, void *unused)
{
	(void)unused;
	if (!zoe_handle_fault(info->si_addr))
		signal(number, SIG_DFL);
}

int main(int argc, char **argv)
{
	static struct run run = { .pool = "main", .options.hold = 2, .motion = { .threshold = 6, .block_px = 16 } };
	int result = parse(&run, argc, argv);

	if (result >= 0)
		return result;
	sigaction(SIGBUS, &(struct sigaction){ .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO }, NULL);
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
