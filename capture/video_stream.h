/* SPDX-License-Identifier: BSD-2-Clause */
/* The one video stream of an input that is shown, and what takes its place: another codec, another PID. */
#ifndef CAPTURE_VIDEO_STREAM_H
#define CAPTURE_VIDEO_STREAM_H

#include <stdbool.h>

#include <libavformat/avformat.h>

struct video_stream {
	AVFormatContext *format; /* the owner's */
	AVStream *stream;
	const AVCodec *decoder;
	int programme;  /* that the stream was in when it was taken; -1: none */
	bool was_named; /* the user asked for it: another programme's is none that takes its place */
};

/* Take the stream of that number; the others are left out as they are read, but for those that may follow it. */
void video_stream_begin(struct video_stream *video, AVFormatContext *format, int number, bool was_named);

/* True for a packet of the stream, or of one that takes its place. */
bool video_stream_takes(const struct video_stream *video, const AVPacket *packet);

/* Go on with the stream and the codec that the packet is of: true where these are others than before. */
bool video_stream_follow(struct video_stream *video, const AVPacket *packet);

/* True for a packet of another codec than libavformat says: version 59 asks for the type of a PID once. */
bool video_stream_is_mistaken(const struct video_stream *video, const AVPacket *packet);

#endif
