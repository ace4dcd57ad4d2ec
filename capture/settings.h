/* SPDX-License-Identifier: BSD-2-Clause */
/* What the command line asks of zoe-capture. */
#ifndef CAPTURE_SETTINGS_H
#define CAPTURE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include <libavutil/dict.h>
#include <libavutil/pixfmt.h>
#include <libavutil/rational.h>
#include <zoetrope/zoetrope.h>

#include "program/option.h"

#define GROUP_BYTES 12 /* of the number of a group, in digits */

/* Which sources are opened again when they are gone. */
enum reconnect {
	RECONNECT_AUTO, /* those that are live */
	RECONNECT_ALWAYS,
	RECONNECT_NEVER,
};

struct settings {
	const char *input;
	char *shown_input;  /* the same as it is to be printed: without a password */
	const char *format; /* of the demuxer or device; NULL: found out */
	const char *stream; /* which of the input's videos; NULL: the one ffmpeg takes */
	const char *name;   /* of the pool */
	uint32_t max_slots;
	uint64_t max_bytes;
	const char *members_group;   /* a name, or its number once groups_prepare() found it */
	const char *observers_group; /* as well */
	char members_number[GROUP_BYTES], observers_number[GROUP_BYTES];
	enum zoe_mailbox mailbox;
	enum zoe_cond cond;
	uint32_t wait_readers;
	uint32_t threads;           /* 0: as many as there are processors */
	enum AVPixelFormat pix_fmt; /* AV_PIX_FMT_NONE: as decoded */
	struct zi_size size;        /* 0: as decoded */
	int64_t seek_ns;
	enum reconnect reconnect;
	int64_t connect_timeout_ns, read_timeout_ns; /* of a source that may come back; INT64_MAX: for ever */
	int64_t max_lag_ns;                          /* of a live source; 0: its frames are never skipped */
	uint64_t frames;                             /* to publish; 0: all */
	bool lossless, fast, loop, whole_frames, json, quiet, verbose;
	bool list_devices;     /* instead of capturing anything */
	AVDictionary *options; /* "-key value" pairs for demuxer and decoder */

	bool is_test;             /* the input is test:WxH@FPS, */
	struct zi_size test_size; /* of this size */
	AVRational test_rate;     /* and rate */
};

extern const struct zi_command capture_command;

/* Fill in settings from argv; prints what is wrong. settings_finish() is needed in any case. */
enum zi_option_outcome settings_parse(struct settings *settings, int argc, char **argv);

void settings_finish(struct settings *settings);

#endif
