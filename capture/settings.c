/* SPDX-License-Identifier: BSD-2-Clause */
/* The option table of zoe-capture and the values that only it knows. */
#include "settings.h"

#include <string.h>

#include <libavutil/mem.h>
#include <libavutil/parseutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "program/picture.h"
#include "url.h"

#define MAX_OPERANDS 2 /* of which one is too many, and is said as an input is shown */
#define MAX_LAG_NS INT64_C(500000000)
#define TIMEOUT_NS INT64_C(10000000000)

static int parse_pix_fmt(const char *value, void *into, const char **why)
{
	enum AVPixelFormat format = av_get_pix_fmt(value);

	*why = "a pixel format that libswscale can write, such as yuv420p, nv12 or rgb24";
	if (format == AV_PIX_FMT_NONE || !sws_isSupportedOutput(format))
		return -1;
	*(enum AVPixelFormat *)into = format;
	return 0;
}

_Static_assert(ZOE_MAX_SLOTS == 256 && ZOE_MAX_SEATS == 64, "as is said here");

/* A name may begin with a dash, but rather is an option, where the name was forgotten. */
static int parse_name(const char *value, void *into, const char **why)
{
	if (value[0] != '-')
		return zi_option_pool_name(value, into, why);
	*why = "the name of a pool, which here does not begin with '-'";
	return -1;
}

static int parse_slots(const char *value, void *into, const char **why)
{
	if (zi_option_u32(value, into, why) == 0 && *(uint32_t *)into >= 3 && *(uint32_t *)into <= ZOE_MAX_SLOTS)
		return 0;
	*why = "a number from 3 to 256";
	return -1;
}

static int parse_readers(const char *value, void *into, const char **why)
{
	if (zi_option_u32(value, into, why) == 0 && *(uint32_t *)into <= ZOE_MAX_SEATS)
		return 0;
	*why = "a number from 1 to 64";
	return -1;
}

static int parse_threads(const char *value, void *into, const char **why)
{
	if (zi_option_u32(value, into, why) == 0 && *(uint32_t *)into <= 64)
		return 0;
	*why = "a number from 1 to 64";
	return -1;
}

static int parse_reconnect(const char *value, void *into, const char **why)
{
	static const char *const names[] = {
		[RECONNECT_AUTO] = "auto",
		[RECONNECT_ALWAYS] = "always",
		[RECONNECT_NEVER] = "never",
	};

	int which = zi_option_word(value, names, sizeof(names) / sizeof(names[0]));

	*why = "auto, always or never";
	if (which >= 0)
		*(enum reconnect *)into = (enum reconnect)which;
	return which < 0 ? -1 : 0;
}

/* 0: for ever. */
static int parse_timeout(const char *value, void *into, const char **why)
{
	int64_t *timeout_ns = into;

	if (zi_option_seconds_ns(value, timeout_ns, why) < 0)
		return -1;
	if (*timeout_ns == 0)
		*timeout_ns = INT64_MAX;
	return 0;
}

#define AT(member) offsetof(struct settings, member)

static const struct zi_option options[] = {
	{ 'i', "input", "INPUT", zi_option_text, AT(input), "The input, as the last argument also gives it." },
	{ 'f', "format", "FORMAT", zi_option_text, AT(format),
		"Demuxer or device of the input: lavfi, x11grab, v4l2 … (default: found out)." },
	{ 0, "stream", "WHICH", zi_option_text, AT(stream),
		"Which of several videos: its number, p:PROGRAMME or a\nlanguage such as eng (default: the one ffmpeg takes)." },
	{ 0, "list-devices", NULL, zi_option_flag, AT(list_devices),
		"List cameras, their formats, sizes and rates, and exit;\nwith --json as JSON lines." },
	{ 'n', "name", "NAME", parse_name, AT(name), "Name of the pool (default: main)." },
	{ 0, "slots", "N", parse_slots, AT(max_slots), "Use at most N slots (default: what fits, up to 256)." },
	{ 0, "memory", "SIZE", zi_option_bytes, AT(max_bytes),
		"Use at most SIZE of shared memory, with K, M or G\n"
		"(default: half of what is free)." },
	{ 0, "members", "GROUP", zi_option_text, AT(members_group), "This group's processes may be readers too." },
	{ 0, "observers", "GROUP", zi_option_text, AT(observers_group), "This group's processes may look." },
	{ 0, "lossless", NULL, zi_option_flag, AT(lossless), "Wait for readers that ask for every frame." },
	{ 0, "wait-readers", "N", parse_readers, AT(wait_readers), "Begin when N readers are seated." },
	{ 0, "mailbox", "WHICH", zi_option_mailbox, AT(mailbox),
		"How readers get their frames: mutex (default), or\natomic for readers in other containers." },
	{ 0, "cond", "WHICH", zi_option_cond, AT(cond),
		"Condition variable of a mutex mailbox: futex\n(default) or pthread." },
	{ 0, "threads", "N", parse_threads, AT(threads), "Decoder threads (default: one for each processor)." },
	{ 0, "pix-fmt", "FORMAT", parse_pix_fmt, AT(pix_fmt), "Convert to this pixel format (one copy per frame)." },
	{ 0, "size", "WxH", zi_option_size, AT(size), "Scale to this size (one copy per frame)." },
	{ 0, "whole-frames", NULL, zi_option_flag, AT(whole_frames),
		"Publish no picture that lacks something, such as one\nthat came over a lossy network." },
	{ 0, "fast", NULL, zi_option_flag, AT(fast), "As fast as it goes, not by the timestamps." },
	{ 0, "loop", NULL, zi_option_flag, AT(loop), "Begin again at the end, endlessly." },
	{ 0, "frames", "N", zi_option_count, AT(frames), "End after N published frames." },
	{ 0, "seek", "T", zi_option_seconds_ns, AT(seek_ns), "Begin at T: 90, 1.5, 1:30, 1:02:03.5." },
	{ 0, "reconnect", "WHEN", parse_reconnect, AT(reconnect),
		"Open a source again when it is gone: auto (default,\nif it is live), always or never." },
	{ 0, "connect-timeout", "T", parse_timeout, AT(connect_timeout_ns),
		"A live source that is not open after T is tried again\n(default: 10 s; 0: wait for ever)." },
	{ 0, "read-timeout", "T", parse_timeout, AT(read_timeout_ns),
		"One that gives nothing for T is opened again\n(default: 10 s; 0: wait for ever)." },
	{ 0, "max-lag", "T", zi_option_seconds_ns, AT(max_lag_ns),
		"Skip frames of a live source that is decoded too\n"
		"slowly, so as not to be later than T (default:\n500ms; 0, and with --lossless: never)." },
	{ 0, "json", NULL, zi_option_flag, AT(json), "Events as JSON lines on standard output, 'end' is the last." },
	{ 'q', "quiet", NULL, zi_option_flag, AT(quiet), "Say nothing but errors." },
	{ 'v', "verbose", NULL, zi_option_flag, AT(verbose), "Show what FFmpeg's libraries say." },
};

#define NOTHING_ENCODED "nothing is encoded here, and the decoder is found out; leave it out"
#define NO_SOUND "only pictures are decoded; leave it out"
#define SAYS_LITTLE "little is printed; leave it out, or see -q and -v"
#define NO_FILTERS \
	"use --size or --pix-fmt, or let ffmpeg filter (ffmpeg -i INPUT -vf FILTERS -c:v rawvideo -f nut - | zoe-capture -)"

/* Of ffmpeg's program, not of its libraries, whose options are passed on. */
static const struct zi_foreign_option foreign[] = {
	{ "re", "pictures come when they are due; leave it out, --fast is the opposite" },
	{ "readrate", "pictures come when they are due, or, with --fast, at once" },
	{ "ss", "use --seek T" },
	{ "sseof", "use --seek T, from the beginning" },
	{ "stream_loop", "use --loop" },
	{ "t", "use --frames N, or timeout T zoe-capture" },
	{ "to", "use --frames N, or timeout T zoe-capture" },
	{ "vframes", "use --frames N" },
	{ "frames", "use --frames N" },
	{ "r", "use -framerate F for a device; a reader asks for fewer itself (zoe-motion --fps F)" },
	{ "s", "use --size WxH, or for a device -video_size WxH" },
	{ "pix_fmt", "use --pix-fmt FORMAT, or for a device -pixel_format FORMAT" },
	{ "map", "use --stream N" },
	{ "vf", NO_FILTERS },
	{ "filter", NO_FILTERS },
	{ "filter_complex", NO_FILTERS },
	{ "lavfi", NO_FILTERS },
	{ "y", "no file is written; leave it out" },
	{ "c", NOTHING_ENCODED },
	{ "codec", NOTHING_ENCODED },
	{ "vcodec", NOTHING_ENCODED },
	{ "b", NOTHING_ENCODED },
	{ "crf", NOTHING_ENCODED },
	{ "preset", NOTHING_ENCODED },
	{ "tune", NOTHING_ENCODED },
	{ "an", NO_SOUND },
	{ "sn", NO_SOUND },
	{ "dn", NO_SOUND },
	{ "acodec", NO_SOUND },
	{ "ac", NO_SOUND },
	{ "ar", NO_SOUND },
	{ "vn", "pictures are all that is decoded" },
	{ "loglevel", SAYS_LITTLE },
	{ "hide_banner", SAYS_LITTLE },
	{ "nostats", SAYS_LITTLE },
	{ "stats", SAYS_LITTLE },
	{ "nostdin", "no keys are read; leave it out" },
	{ "vsync", "each picture is published with its own time; leave it out" },
	{ "fps_mode", "each picture is published with its own time; leave it out" },
	{ "copyts", "times are those of the input; leave it out" },
	{ "autorotate",
		"pictures lie in the pool as they were decoded, and say how they are to be turned; leave it out" },
	{ "noautorotate",
		"pictures lie in the pool as they were decoded, and say how they are to be turned; leave it out" },
	{ "sources", "use --list-devices" },
	{ "stimeout", "use --read-timeout T, and --connect-timeout T, in seconds" },
	{ "hwaccel", "decoding is done by the processor; leave it out" },
};

static int keep_unknown(void *into, const char *key, const char *value)
{
	struct settings *settings = into;

	return av_dict_set(&settings->options, key, value, 0) < 0 ? -1 : 0;
}

const struct zi_command capture_command = {
	.name = "zoe-capture",
	.usage = "[options] INPUT",
	.summary = "Decode a video straight into shared memory, for any number of readers.",
	.epilogue =
		"INPUT is a file or URL that FFmpeg opens, - for standard input, a device with -f\n"
		"(/dev/video0 is v4l2), or test:WxH@FPS (a built-in moving picture). Any other -KEY VALUE pair is an\n"
		"option of FFmpeg's demuxer, device or decoder.\n\n"
		"  zoe-capture -n cam0 street.mp4\n"
		"  zoe-capture --fast --lossless --wait-readers 1 street.mp4\n"
		"  zoe-capture -f x11grab -framerate 30 -video_size 1280x720 :0.0\n"
		"  zoe-capture -f lavfi testsrc2=size=1920x1080:rate=60\n"
		"  zoe-capture 'srt://0.0.0.0:9000?mode=listener'\n"
		"  zoe-capture test:1920x1080@60",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.foreign = foreign,
	.n_foreign = sizeof(foreign) / sizeof(foreign[0]),
	.max_arguments = MAX_OPERANDS,
	.unknown = keep_unknown,
};

/* The "WxH@FPS" of test:WxH@FPS; both parts may be absent. */
static bool parse_test_shape(struct settings *settings, const char *shape)
{
	const char *rest = shape;

	if (*rest && *rest != '@')
		rest = zi_option_read_size(rest, &settings->test_size);
	if (!rest || (*rest && *rest != '@'))
		return false;
	if (*rest == '@' && av_parse_video_rate(&settings->test_rate, rest + 1) < 0)
		return false;
	return settings->test_size.width_px >= ZI_PICTURE_MIN_WIDTH &&
		settings->test_size.height_px >= ZI_PICTURE_MIN_HEIGHT && av_q2d(settings->test_rate) <= 10000.0;
}

static enum zi_option_outcome check_test(struct settings *settings)
{
	settings->is_test = true;
	settings->test_size = (struct zi_size){ 1280, 720 };
	settings->test_rate = (AVRational){ 30, 1 };
	if (!parse_test_shape(settings, settings->input + strlen("test:")))
		return zi_option_usage_error(&capture_command,
			"INPUT (%s): expected test:WxH@FPS such as test:1280x720@30, from %dx%d to %dx%d "
			"at no more than 10000 fps",
			settings->shown_input, ZI_PICTURE_MIN_WIDTH, ZI_PICTURE_MIN_HEIGHT, ZI_MAX_SIDE_PX,
			ZI_MAX_SIDE_PX);
	if (settings->format)
		return zi_option_usage_error(&capture_command,
			"--format (%s): the built-in test picture has no format; leave it out", settings->format);
	if (settings->stream)
		return zi_option_usage_error(&capture_command,
			"--stream (%s): the built-in test picture is one alone; leave it out", settings->stream);
	const AVDictionaryEntry *unknown = av_dict_get(settings->options, "", NULL, AV_DICT_IGNORE_SUFFIX);
	if (unknown)
		return zi_option_usage_error(&capture_command, "-%s: no such option", unknown->key);
	return ZI_OPTION_RUN;
}

/* NULL: no memory. */
static char *shown(const char *input)
{
	size_t n_bytes = 2 * strlen(input) + 1;
	char *to = av_malloc(n_bytes);

	if (to)
		url_hide_password(to, n_bytes, input);
	return to;
}

static enum zi_option_outcome two_inputs(const char *first, const char *second)
{
	char *shown_first = shown(first), *shown_second = shown(second);

	if (shown_first && shown_second)
		zi_option_usage_error(&capture_command, "two inputs (%s, %s): give one", shown_first, shown_second);
	av_free(shown_first);
	av_free(shown_second);
	return ZI_OPTION_USAGE;
}

/* The one input, of the operands and --input. */
static enum zi_option_outcome find_input(struct settings *settings, const char *const *operands, size_t n_operands)
{
	if (n_operands > 0 && (settings->input || n_operands > 1))
		return two_inputs(settings->input ? settings->input : operands[0], operands[n_operands - 1]);
	if (n_operands > 0)
		settings->input = operands[0];
	if (!settings->input)
		return ZI_OPTION_RUN;
	settings->shown_input = shown(settings->input);
	return settings->shown_input ? ZI_OPTION_RUN : zi_option_usage_error(&capture_command, "no memory");
}

enum zi_option_outcome settings_parse(struct settings *settings, int argc, char **argv)
{
	const char *operands[MAX_OPERANDS];
	size_t n_operands = 0;

	*settings = (struct settings){
		.name = "main",
		.pix_fmt = AV_PIX_FMT_NONE,
		.connect_timeout_ns = TIMEOUT_NS,
		.read_timeout_ns = TIMEOUT_NS,
		.max_lag_ns = -1,
	};
	enum zi_option_outcome outcome = zi_option_parse_all(&capture_command, argc, argv, settings, operands,
		&n_operands);
	if (outcome != ZI_OPTION_RUN)
		return outcome;
	if (settings->max_lag_ns < 0)
		settings->max_lag_ns = settings->lossless ? 0 : MAX_LAG_NS;
	outcome = find_input(settings, operands, n_operands);
	if (outcome != ZI_OPTION_RUN)
		return outcome;
	if (settings->list_devices && settings->input)
		return zi_option_usage_error(&capture_command, "--list-devices (%s): it takes no INPUT; leave it out",
			settings->shown_input);
	if (settings->list_devices)
		return ZI_OPTION_RUN;
	if (!settings->input || !settings->input[0])
		return zi_option_usage_error(&capture_command, "no INPUT: give a file, a URL, a device or test:");
	if (strncmp(settings->input, "test:", 5) == 0)
		return check_test(settings);
	return ZI_OPTION_RUN;
}

void settings_finish(struct settings *settings)
{
	av_dict_free(&settings->options);
	av_freep(&settings->shown_input);
}
