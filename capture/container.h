/* SPDX-License-Identifier: BSD-2-Clause */
/* What a container says of a stream's pictures. It holds for those that do not say it themselves. */
#ifndef CAPTURE_CONTAINER_H
#define CAPTURE_CONTAINER_H

#include <libavformat/avformat.h>

#include "picture.h"

/* Colour as the container tags it: FFmpeg's values, and its 'unspecified' where it does not. */
struct colour {
	enum AVColorRange range;
	enum AVColorPrimaries primaries;
	enum AVColorTransferCharacteristic transfer;
	enum AVColorSpace matrix;
	enum AVChromaLocation chroma_location;
};

struct container {
	struct orientation orientation;
	AVRational frame_rate; /* on average; 0:1 unknown */
	struct colour colour;
	AVBufferRef *mastering, *light_level; /* as AVFrame has them for side data; NULL: not said */
};

/*
 * The tags of all streams, in an array to be freed with av_free(). To be asked for before
 * avformat_find_stream_info(): a decoder that it asks may put 'unspecified' over them. NULL: no memory.
 */
struct colour *container_colours(const AVFormatContext *format);

/* `colour`: the stream's tags, or NULL where it was not there yet. 0 or AVERROR(ENOMEM). */
int container_open(struct container *container, AVFormatContext *format, AVStream *stream, const struct colour *colour);

/* Say of a decoded frame what is said of the stream and not of the frame. */
void container_complete(const struct container *container, AVFrame *frame);

void container_close(struct container *container);

#endif
