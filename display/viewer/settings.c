/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of options. */
#include "settings.h"

#include <string.h>

#include <zoetrope/pool.h>

#include "match.h"

static int parse_off(const char *value, void *into, const char **why)
{
	(void)value;
	(void)why;
	*(bool *)into = false;
	return 0;
}

static int parse_match_frames(const char *value, void *into, const char **why)
{
	uint64_t number;

	_Static_assert(MATCH_MIN_FRAMES == 2 && MATCH_MAX_FRAMES == 32, "the message names them");
	if (zi_option_count(value, &number, why) == 0 && number >= MATCH_MIN_FRAMES && number <= MATCH_MAX_FRAMES) {
		*(uint32_t *)into = (uint32_t)number;
		return 0;
	}
	*why = "a whole number from 2 to 32";
	return -1;
}

/* The label of a reader has as many bytes at most. */
static int parse_worker(const char *value, void *into, const char **why)
{
	*why = "a worker's label of 1 to 31 bytes";
	if (value[0] == '\0' || strlen(value) >= ZOE_LABEL_BYTES)
		return -1;
	*(const char **)into = value;
	return 0;
}

#define AT(member) offsetof(struct settings, member)

static const struct zi_option options[] = {
	{ 0, "frames", "N", zi_option_positive, AT(n_frames), "End after N frames were shown." },
	{ 0, "seconds", "T", zi_option_seconds_ns, AT(run_ns), "End after this time." },
	{ 0, "follow", "WHEN", zi_option_follow, AT(follow),
		"What to go on with: restarts (default): a capture that was stopped, failed or died is waited for, and the "
		"end of its input is the end; always: after that, too; never: end with this capture, exit 1 if it failed "
		"or died." },
	{ 0, "exit-at-end", NULL, zi_option_follow_never, AT(follow), "The same as --follow never." },
	{ 0, "no-wait", NULL, zi_option_flag, AT(no_wait), "Fail at once if there is no such pool." },
	{ 0, "owner", "USER", zi_option_owner, AT(owner),
		"Enter a pool of this user, too, by name or number, or of anybody (any). Without it: your own, root's, "
		"and what a group of yours was given. Who owns a pool decides what is seen in it." },
	{ 0, "lossless", NULL, zi_option_flag, AT(lossless),
		"Show every frame: capture waits for this window. Needs zoe-capture --lossless." },
	{ 0, "overlay", NULL, zi_option_flag, AT(overlay),
		"Draw what workers see: boxes, points, lines, labels, the newest of each worker. The default." },
	{ 0, "no-overlay", NULL, parse_off, AT(overlay), "Begin without." },
	{ 0, "match", "WORKER", parse_worker, AT(match),
		"Show each frame together with that worker's result for exactly that frame, as late as "
		"that comes." },
	{ 0, "match-frames", "N", parse_match_frames, AT(match_frames),
		"With --match, let at most N frames wait for their results, 2 to 32. Default: 8." },
	{ 0, "size", "WxH", zi_option_size, AT(size), "The window's size to begin with. Default: the picture's." },
	{ 0, "fullscreen", NULL, zi_option_flag, AT(fullscreen), "Begin in full screen." },
	{ 0, "title", "TEXT", zi_option_text, AT(title), "The window's title. Default: the pool's name." },
	{ 0, "font", "FILE", zi_option_text, AT(font),
		"The font for text in the window. Default: DejaVu Sans, where it is usually found." },
	{ 0, "screenshot", "FILE", zi_option_text, AT(screenshot),
		"At the end, write the last shown frame and what is drawn on it, as the window renders it, "
		"to FILE, a PNG." },
	{ 0, "verify", NULL, zi_option_flag, AT(verify),
		"Check the number in each frame of a test picture (zoe-capture test:…); exit 1 after a "
		"torn, changed or repeated frame, or one that was shown with another's result." },
	{ 0, "json", NULL, zi_option_flag, AT(json),
		"At the end, print one line of JSON on stdout instead of the summary on stderr." },
	{ 0, "quiet", NULL, zi_option_flag, AT(quiet), "No summary and no notes on stderr, only errors." },
};

#define BY_CAPTURE "what is shown, and from where on, is for zoe-capture to say: zoe-capture INPUT"

/* Of ffplay and mpv. */
static const struct zi_foreign_option foreign[] = {
	{ "fs", "use --fullscreen" },
	{ "autoexit", "use --follow never" },
	{ "window_title", "use --title TEXT" },
	{ "x", "use --size WxH" },
	{ "y", "use --size WxH" },
	{ "geometry", "use --size WxH" },
	{ "nodisp", "run it with SDL_VIDEODRIVER=dummy" },
	{ "stats", "press i in the window" },
	{ "i", BY_CAPTURE },
	{ "f", BY_CAPTURE },
	{ "ss", BY_CAPTURE },
	{ "start", BY_CAPTURE },
	{ "t", "use --seconds T" },
	{ "loop", BY_CAPTURE },
	{ "vf", BY_CAPTURE },
	{ "an", "there is no sound; leave it out" },
	{ "sn", "there is no sound; leave it out" },
};

static const struct zi_command command = {
	.name = "zoe-display",
	.usage = "[options] [NAME]",
	.summary = "Show the frames of the pool NAME (default: main) in a window.",
	.epilogue =
		"Keys:\n"
		"  q                quit\n"
		"  ESC              leave full screen, else quit\n"
		"  f, double click  full screen and back\n"
		"  p, space         pause and go on\n"
		"  .                while paused, one frame on\n"
		"  s                save the frame alone as zoe-NAME-SEQ.png in the current folder\n"
		"  o                what workers see on and off\n"
		"  i                statistics on and off\n"
		"\n"
		"Examples:\n"
		"  zoe-display cam0\n"
		"  zoe-display --match people cam0\n"
		"  SDL_VIDEODRIVER=dummy zoe-display --frames 100 --screenshot last.png cam0\n",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.foreign = foreign,
	.n_foreign = sizeof(foreign) / sizeof(foreign[0]),
	.max_arguments = 1,
};

enum zi_option_outcome settings_parse(struct settings *settings, int argc, char **argv)
{
	*settings = (struct settings){ .name = "main", .run_ns = -1, .match_frames = 8, .overlay = true };
	return zi_option_parse_pool(&command, argc, argv, settings, &settings->name);
}
