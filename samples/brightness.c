/* SPDX-License-Identifier: BSD-2-Clause */
/* Posts the mean luma of each frame as a text mark and as JSON, and prints it. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <zoetrope/zoetrope.h>

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	interrupted = number;
}

/* Of a first plane with a byte of luma a pixel; below 0 for any other. */
static double mean_luma(const struct zoe_frame *frame)
{
	const struct zoe_plane *plane = &frame->info.planes[0];
	const char *format = frame->info.format;
	uint64_t sum = 0;

	if (plane->row_bytes != frame->info.width_px ||
		(strncmp(format, "yuv", 3) && strncmp(format, "nv", 2) && strncmp(format, "gray", 4)))
		return -1;
	for (size_t row = 0; row < plane->rows; row++)
		for (size_t x = 0; x < plane->row_bytes; x++)
			sum += frame->data[0][row * plane->stride_bytes + x];
	return (double)sum / plane->rows / plane->row_bytes;
}

/* 0 when all that was printed is written, else 1, having said so. */
static int check_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	fprintf(stderr, "zoe-brightness: error: cannot write to stdout: %s\n", strerror(errno));
	return 1;
}

static int look(struct zoe_reader *reader, const struct zoe_frame *frame)
{
	struct zoe_mark mark = { .kind = ZOE_MARK_TEXT, .x = 0.02f, .y = 0.02f };
	double mean = mean_luma(frame);
	char json[64];
	int result;

	if (mean < 0) {
		fprintf(stderr,
			"zoe-brightness: error: pixel format (%s): no plane of 8-bit luma; run "
			"zoe-capture with --pix-fmt yuv420p\n",
			frame->info.format);
		return 1;
	}
	printf("%" PRIu64 " %.2f\n", frame->seq, mean);
	if (check_output())
		return 1;
	snprintf(mark.label, sizeof(mark.label), "mean luma %.1f", mean);
	snprintf(json, sizeof(json), "{\"mean\":%.2f}", mean);
	result = zoe_reader_post(reader, frame, &mark, 1, json);
	/* The pool is over, or its writer stands still: the next result may get through. */
	if (result == 0 || result == -ESTALE || result == -ETIMEDOUT)
		return 0;
	fprintf(stderr, "zoe-brightness: error: %s\n", zoe_error());
	return 1;
}

static int look_at_all(const char *pool)
{
	const struct zoe_frame *frame;
	struct zoe_reader *reader = NULL;
	int result, failed = 0;

	do
		result = zoe_reader_attach(&reader, pool, NULL, zoe_deadline_in_ms(200));
	while (result == -ENOENT && !interrupted);
	while (!interrupted && !failed && (result == 0 || result == -EAGAIN || result == -EOWNERDEAD)) {
		result = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(200));
		if (result == 0) {
			failed = look(reader, frame);
			zoe_reader_release(reader, frame);
		}
	}
	if (result < 0 && result != -ENODATA && !interrupted)
		failed = fprintf(stderr, "zoe-brightness: error: %s\n", zoe_error()) > 0;
	zoe_reader_detach(&reader);
	return failed;
}

static int usage(const char *argument)
{
	if (strcmp(argument, "--version") == 0) {
		printf("zoe-brightness (zoetrope) %s\n", zoe_version());
		return check_output();
	}
	if (strcmp(argument, "-h") != 0 && strcmp(argument, "--help") != 0) {
		fprintf(stderr, "zoe-brightness: error: argument (%s): unknown; see zoe-brightness --help\n", argument);
		return 2;
	}
	printf("Usage: zoe-brightness [POOL]\n"
	       "Measure how bright each frame of a pool (main) is: print its number and the mean\n"
	       "of its luma, 0 to 255, and post the mean as a text mark and as JSON.\n"
	       "\n"
	       "  -h, --help, --version\n"
	       "\n"
	       "Example:\n"
	       "  zoe-brightness cam0 | awk '$2 < 40 { print \"dark:\", $1 }'\n");
	return check_output();
}

int main(int argc, char **argv)
{
	if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
		return usage(argv[argc - 1]);
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	setlinebuf(stdout);
	return look_at_all(argc == 2 ? argv[1] : "main");
}
