/* SPDX-License-Identifier: BSD-2-Clause */
/* Posts the mean luma of each frame as a text mark and as JSON, and prints it. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <zoetrope/zoetrope.h>

/* What stands in a pool may be any bytes: no more of a format is printed. */
#define FORMAT_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

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
			"zoe-brightness: error: pixel format (%.*s): no plane of 8-bit luma; run "
			"zoe-capture with --pix-fmt yuv420p\n",
			(int)strspn(frame->info.format, FORMAT_LETTERS), frame->info.format);
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

/* Take a seat, as soon as there is such a pool. What is waited for is said once. */
static int attach(struct zoe_reader **reader, const char *pool, const struct zoe_reader_options *options)
{
	int result, is_said = 0;

	do {
		result = zoe_reader_attach(reader, pool, options, zoe_deadline_in_ms(200));
		if (result == -ENOENT && !is_said)
			fprintf(stderr, "zoe-brightness: waiting for pool '%s': zoe-capture --name %s INPUT makes it\n",
				pool, pool);
		else if (result == -ETIMEDOUT && !is_said)
			fprintf(stderr, "zoe-brightness: %s; waiting for it\n", zoe_error());
		is_said |= result < 0;
	} while ((result == -ENOENT || result == -ETIMEDOUT) && !interrupted);
	if (result == 0 && is_said)
		fprintf(stderr, "zoe-brightness: pool '%s' is there\n", pool);
	return result;
}

static int look_at_all(const char *pool, const struct zoe_reader_options *options)
{
	const struct zoe_frame *frame;
	struct zoe_reader *reader = NULL;
	int failed = 0, is_said = 0, result = attach(&reader, pool, options);

	while (!interrupted && !failed && (result == 0 || result == -EAGAIN)) {
		result = zoe_reader_acquire(reader, &frame, zoe_deadline_in_ms(200));
		if (result == 0) {
			if (is_said)
				fprintf(stderr, "zoe-brightness: pool '%s' is there\n", pool);
			is_said = 0;
			failed = look(reader, frame);
			zoe_reader_release(reader, frame);
		} else if (result == -EOWNERDEAD && options->follow != ZOE_FOLLOW_NEVER) {
			if (!is_said)
				fprintf(stderr, "zoe-brightness: %s; waiting for the next one of that name\n",
					zoe_error());
			is_said = 1;
			result = -EAGAIN;
		}
	}
	if (result < 0 && result != -ENODATA && !interrupted)
		failed = fprintf(stderr, "zoe-brightness: error: %s\n", zoe_error()) > 0;
	zoe_reader_detach(&reader);
	return failed;
}

static int usage_error(const char *what, const char *value, const char *why)
{
	fprintf(stderr, "zoe-brightness: error: %s (%s): %s; see zoe-brightness --help\n", what, value, why);
	return 2;
}

/* What getopt_long() does not know: the word before the next one, or, of letters in one (-vf), that it is still at. */
static const char *unknown_option(char **argv)
{
	const char *here = argv[optind];

	return optopt && here && here[0] == '-' && here[1] != '-' && strchr(here, optopt) ? here : argv[optind - 1];
}

static int parse_follow(const char *text, enum zoe_follow *follow)
{
	static const char *const words[] = { "restarts", "always", "never" };

	for (int i = 0; i < 3; i++)
		if (strcmp(text, words[i]) == 0)
			return *follow = (enum zoe_follow)i, 1;
	return 0;
}

static int print_usage(void)
{
	printf("Usage: zoe-brightness [options] [POOL]\n"
	       "Measure how bright each frame of a pool (main) is: print its number and the mean\n"
	       "of its luma, 0 to 255, and post the mean as a text mark and as JSON.\n"
	       "\n"
	       "Options:\n"
	       "      --follow WHEN  restarts (default): go on with the next capture when one was\n"
	       "                     stopped, failed or died, and end with its input; always: go on\n"
	       "                     after that, too; never: exit 1 if it failed or died.\n"
	       "      --owner USER   The pool may be this user's, too (any: anybody's).\n"
	       "  -h, --help         Print this and exit.\n"
	       "      --version      Print the version and exit.\n"
	       "\n"
	       "Example:\n"
	       "  zoe-brightness cam0 | awk '$2 < 40 { print \"dark:\", $1 }'\n");
	return check_output();
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
	static const struct option long_options[] = {
		{ "follow", required_argument, NULL, 'f' },
		{ "owner", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	struct zoe_reader_options options = { 0 };

	opterr = 0;
	for (int letter; (letter = getopt_long(argc, argv, ":h", long_options, NULL)) != -1;) {
		if (letter == 'h')
			return print_usage();
		if (letter == 'V')
			return printf("zoe-brightness (zoetrope) %s\n", zoe_version()), check_output();
		if (letter == ':')
			return usage_error("option", argv[optind - 1], "needs a value");
		if (letter == '?')
			return usage_error("option", unknown_option(argv), "unknown");
		if (letter == 'o')
			options.owner = optarg;
		else if (!parse_follow(optarg, &options.follow))
			return usage_error("option --follow", optarg, "expected restarts, always or never");
	}
	if (argc - optind > 1)
		return usage_error("argument", argv[optind + 1], "one too many");
	sigaction(SIGBUS, &(struct sigaction){ .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO }, NULL);
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	setlinebuf(stdout);
	return look_at_all(optind < argc ? argv[optind] : "main", &options);
}
