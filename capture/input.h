/* SPDX-License-Identifier: BSD-2-Clause */
/* libavformat and libavdevice: packets of the one video stream that is shown. */
#ifndef CAPTURE_INPUT_H
#define CAPTURE_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include <libavformat/avformat.h>
#include <libavutil/fifo.h>

#include "connection.h"
#include "device_id.h"
#include "read_watchdog.h"
#include "settings.h"
#include "source.h"
#include "video_stream.h"

struct input {
	const struct settings *settings;
	struct report *report;
	struct read_watchdog *watchdog;
	struct device_id *device;
	struct connection *connection;
	AVFormatContext *format; /* the connection's */
	struct video_stream video;
	bool is_other; /* the packet that was read last is of another stream or codec than those before, */
	bool live;     /* pictures come when they happen, not when they are read */
	bool is_device;
	char why[2048];   /* what is wrong, in words, without the way out, */
	const char *hint; /* which is here; NULL: none, */
	bool may_pass;    /* whether another try may do, */
	bool is_mistake;  /* or none will, however often */
	AVFifo *ahead;    /* packets that were read to find that out; NULL: none any more */
	bool has_timestamps;
	uint64_t n_gaps;   /* that were in what was read so far, as ffmpeg_log_count(FFMPEG_LOG_GAP) counts them; */
	bool has_gap;      /* there is one in what was read while it was opened, which comes first */
	int64_t waited_ns; /* how long the last input_read() of what is live slept until there was something */

	/* What was read since the begin or the last seek, in the stream's time base; AV_NOPTS_VALUE: no times. */
	uint64_t n_packets;
	int64_t first_pts, end_pts; /* the earliest packet's, and where the latest ends */
	int64_t last_dts;
	int64_t longest_step; /* from one dts to the next */
	bool last_corrupt;
	int read_error;      /* other than the end, 0: none; */
	bool at_end_of_data; /* and then nothing followed */
};

/*
 * SOURCE_OK: it is open. Otherwise nothing is; SOURCE_FAILED: input->why says why, nothing was printed. The device is
 * to stay from one time to the next, zero at first: by it a camera is found again that has another number. Blocks.
 */
enum source_outcome input_open(struct input *input, const struct settings *settings, struct report *report,
	struct read_watchdog *watchdog, struct device_id *device);

/*
 * The next packet of the stream, or of the one that takes its place: then is_other is true, for the owner to clear. 0;
 * AVERROR_EOF at the end, when it broke off, or when somebody asked to stop. read_error is AVERROR_INPUT_CHANGED where
 * only opening it again helps. Blocks.
 */
int input_read(struct input *input, AVPacket *packet);

/* The words for why nothing comes any more, read_error, with room for n_bytes: returns them. */
const char *input_broke_off(const struct input *input, char *words, size_t n_bytes);

/* True where input_jump() may succeed: there are timestamps, and what is read can be sought. */
bool input_can_jump(const struct input *input);

/* Remember what is wrong with the input: SOURCE_FAILED. */
enum source_outcome input_fail(struct input *input, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* True for what is opened again when it is gone; asked of one that was opened, or could not be. */
bool input_comes_back(const struct input *input);

/* True for what comes to us, or is on this machine: nobody is troubled by being asked often. */
bool input_is_local(const struct input *input);

/* Go to the given timestamp, or somewhere near it. 0 or a negative AVERROR. */
int input_jump(struct input *input, int64_t pts);

/* False if this packet's timestamp after a jump is not the one that the container's index has for it. */
bool input_is_dated(const struct input *input, const AVPacket *packet);

/* False where what was read is gone: pipes, and what is live. */
bool input_can_reopen(const struct input *input);

/* True for standard input and other pipes, whose end is their own. */
bool input_is_pipe(const struct input *input);

/* The container's colour tags of the stream; NULL: it told of them too late. */
const struct colour *input_colour(const struct input *input);

void input_close(struct input *input);

#endif
