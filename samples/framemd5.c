/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the lines of `ffmpeg -f framemd5` for the frames of a pool: the proof that every
 * frame and every pixel came through. A lossless reader; zoe-capture runs with --lossless.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <zoetrope/zoetrope.h>

#define MD5_BYTES 16

struct held {
	const struct zoe_frame *frame;
	uint8_t md5[MD5_BYTES];
};

struct run {
	const char *pool;
	const char *owner; /* whose pool it may be, too */
	bool hold_check;
	struct zoe_reader *reader;
	struct AVMD5 *md5;
	struct held held[ZOE_MAX_HOLD]; /* the oldest first */
	uint32_t n_held, hold;
	uint64_t n_frames, n_missing, n_changed;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	interrupted = number;
}

/* The planes one after the other, without padding: what FFmpeg's rawvideo encoder makes of a frame. */
static uint64_t sum_of(struct AVMD5 *md5, const struct zoe_frame *frame, uint8_t *result)
{
	uint64_t n_bytes = 0;

	av_md5_init(md5);
	for (uint32_t i = 0; i < frame->info.n_planes; i++) {
		const struct zoe_plane *plane = &frame->info.planes[i];

		for (size_t row = 0; row < plane->rows; row++)
			av_md5_update(md5, frame->data[i] + row * plane->stride_bytes, plane->row_bytes);
		n_bytes += (uint64_t)plane->rows * plane->row_bytes;
	}
	av_md5_final(md5, result);
	return n_bytes;
}

static void print_head(const struct zoe_frame_info *info)
{
	printf("#format: frame checksums\n#version: 2\n#hash: MD5\n");
	printf("#tb 0: %d/%d\n#media_type 0: video\n#codec_id 0: rawvideo\n", info->time_base_num, info->time_base_den);
	printf("#dimensions 0: %ux%u\n#sar 0: %d/%d\n", info->width_px, info->height_px, info->sar_num,
		info->sar_den ? info->sar_den : 1);
	printf("#stream#, dts,        pts, duration,     size, hash\n");
}

static void print_line(const struct zoe_frame_info *info, uint64_t n_bytes, const uint8_t *md5)
{
	printf("0, %10" PRId64 ", %10" PRId64 ", %8" PRId64 ", %8" PRIu64 ", ", info->pts, info->pts, info->duration,
		n_bytes);
	for (int i = 0; i < MD5_BYTES; i++)
		printf("%02x", md5[i]);
	putchar('\n');
}

/* 0 when all that was printed is written, else 1, having said so. */
static int check_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	fprintf(stderr, "zoe-framemd5: error: cannot write to stdout: %s\n", strerror(errno));
	return 1;
}

/* Return the oldest held frame; with --hold-check, only after looking at it once more. */
static void release_oldest(struct run *run)
{
	const struct held *oldest = &run->held[0];
	uint8_t again[MD5_BYTES];

	if (run->hold_check) {
		sum_of(run->md5, oldest->frame, again);
		if (memcmp(again, oldest->md5, MD5_BYTES) != 0) {
			fprintf(stderr,
				"zoe-framemd5: error: frame %" PRIu64
				" of pool (%s): changed while "
				"it was held\n",
				oldest->frame->seq, run->pool);
			run->n_changed++;
		}
	}
	zoe_reader_release(run->reader, oldest->frame);
	run->n_held--;
	memmove(&run->held[0], &run->held[1], run->n_held * sizeof(run->held[0]));
}

static void take(struct run *run, const struct zoe_frame *frame)
{
	struct held *held = &run->held[run->n_held++];
	uint64_t n_bytes = sum_of(run->md5, frame, held->md5);

	held->frame = frame;
	if (run->n_frames++ == 0)
		print_head(&frame->info);
	else
		run->n_missing += frame->skipped;
	print_line(&frame->info, n_bytes, held->md5);
	if (!run->hold_check || run->n_held == run->hold)
		release_oldest(run);
}

/* Returns 0 when every frame of the pool was seen whole, else 1. */
static int read_all(struct run *run)
{
	const struct zoe_frame *frame;
	int result = 0;

	while (!interrupted && !ferror(stdout) && (result == 0 || result == -EAGAIN)) {
		result = zoe_reader_acquire(run->reader, &frame, zoe_deadline_in_ms(200));
		if (result == 0)
			take(run, frame);
	}
	if (!interrupted && !ferror(stdout) && result != -ENODATA)
		fprintf(stderr, "zoe-framemd5: error: %s\n", zoe_error());
	while (run->n_held > 0)
		release_oldest(run);
	if (run->n_missing > 0)
		fprintf(stderr, "zoe-framemd5: error: pool (%s): %" PRIu64 " frames are missing\n", run->pool,
			run->n_missing);
	return result != -ENODATA || run->n_missing > 0 || run->n_changed > 0;
}

static int attach(struct run *run)
{
	const struct zoe_reader_options options = {
		.policy = ZOE_LOSSLESS,
		.hold = run->hold,
		.owner = run->owner,
	};
	bool is_said = false;
	int result;

	do {
		result = zoe_reader_attach(&run->reader, run->pool, &options, zoe_deadline_in_ms(200));
		if (result == -ENOENT && !is_said)
			fprintf(stderr,
				"zoe-framemd5: waiting for pool '%s': zoe-capture --lossless --name %s INPUT makes it\n",
				run->pool, run->pool);
		else if (result == -ETIMEDOUT && !is_said)
			fprintf(stderr, "zoe-framemd5: %s; waiting for it\n", zoe_error());
		is_said |= result < 0;
	} while ((result == -ENOENT || result == -ETIMEDOUT) && !interrupted);
	if (result == 0 && is_said)
		fprintf(stderr, "zoe-framemd5: pool '%s' is there\n", run->pool);
	if (result < 0 && !interrupted)
		fprintf(stderr, "zoe-framemd5: error: %s\n", zoe_error());
	return result;
}

static void print_usage(void)
{
	printf("Usage: zoe-framemd5 [options] [POOL]\n"
	       "Print the lines of ffmpeg -f framemd5 for every frame of a pool (main).\n"
	       "The pool must be lossless: zoe-capture --lossless --wait-readers 1 INPUT\n"
	       "\n"
	       "Options:\n"
	       "      --hold-check  Hold each frame as long as the limit allows, and fail if it\n"
	       "                    changed in the meantime.\n"
	       "      --hold N      Hold at most N frames, 1 to 64 (2).\n"
	       "      --owner USER  The pool may be this user's, too (any: anybody's).\n"
	       "  -h, --help        Print this and exit.\n"
	       "      --version     Print the version and exit.\n");
}

static int usage_error(const char *what, const char *value, const char *why)
{
	fprintf(stderr, "zoe-framemd5: error: %s (%s): %s; see zoe-framemd5 --help\n", what, value, why);
	return 2;
}

/* What getopt_long() does not know: the word before the next one, or, of letters in one (-vf), that it is still at. */
static const char *unknown_option(char **argv)
{
	const char *here = argv[optind];

	return optopt && here && here[0] == '-' && here[1] != '-' && strchr(here, optopt) ? here : argv[optind - 1];
}

/* Returns -1 to go on, else what to exit with. */
static int parse(struct run *run, int argc, char **argv)
{
	static const struct option options[] = {
		{ "hold-check", no_argument, NULL, 'c' },
		{ "hold", required_argument, NULL, 'n' },
		{ "owner", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int letter, n, end = 0;

	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (letter) {
		case 'c':
			run->hold_check = true;
			break;
		case 'n':
			if (sscanf(optarg, "%3d%n", &n, &end) != 1 || optarg[end] || n < 1 || n > ZOE_MAX_HOLD)
				return usage_error("option --hold", optarg, "expected 1 to 64");
			run->hold = (uint32_t)n;
			break;
		case 'o':
			run->owner = optarg;
			break;
		case 'h':
			print_usage();
			return check_output();
		case 'V':
			printf("zoe-framemd5 (zoetrope) %s\n", zoe_version());
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
	struct run run = { .pool = "main", .hold = 2 };
	int result = parse(&run, argc, argv);

	if (result >= 0)
		return result;
	sigaction(SIGBUS, &(struct sigaction){ .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO }, NULL);
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	run.md5 = av_md5_alloc();
	result = run.md5 && attach(&run) == 0 ? read_all(&run) : 1;
	zoe_reader_detach(&run.reader);
	av_free(run.md5);
	return check_output() ? 1 : result;
}
