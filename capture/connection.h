/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libavformat's context of an input, opened and closed within a deadline. All that it looks at meanwhile is here, on
 * the heap, since a call that ignores the deadline goes on, and is left behind with it (left_behind.h).
 */
#ifndef CAPTURE_CONNECTION_H
#define CAPTURE_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <libavformat/avformat.h>

#include "container.h"

struct connection {
	AVFormatContext *format;
	const AVInputFormat *demuxer; /* NULL: found out */
	char *url;
	AVDictionary *options;  /* what the demuxer did not take, once it is open */
	struct colour *colours; /* the container's tags, of the streams that it told of when it was opened */
	unsigned n_colours;
	int64_t deadline_ns; /* of the call into libavformat that is under way */
	uint64_t n_old;      /* ffmpeg_log_count(FFMPEG_LOG_OLD_PACKET) when it began, */
	bool is_renumbered; /* and far more since: the sender counts anew, and nothing comes until it is opened again */
	bool was_late;      /* a call was made to give up, after which nothing more comes */
	bool may_hang;      /* somebody is asked who may not answer: it is opened and closed in another thread */
	bool is_closing;    /* a farewell is said even where somebody asked to stop */
	int error;          /* a negative AVERROR that opening it ended with */
};

/* NULL: no memory. Takes the URL. The format's members are to be set before connection_open(). */
struct connection *connection_create(char *url, const AVInputFormat *demuxer);

/*
 * Open it, and find out what its streams are; blocks until its deadline or somebody asks to stop. 0: it is open, or
 * its `error` says why not. -EINPROGRESS: it was left behind, and the pointer is cleared. Another negative errno: it
 * could not be tried (left_behind_run()).
 */
int connection_open(struct connection **connection);

/* Clears the pointer; NULL is fine. Blocks for 2 s at most. False: it was left behind. */
bool connection_close(struct connection **connection);

/* FFmpeg takes any *.txt for ANSI art. */
bool connection_is_text(const struct connection *connection);

#endif
