/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of an input's videos is shown: the one asked for by --stream, or that which ffmpeg takes. */
#ifndef CAPTURE_STREAM_CHOICE_H
#define CAPTURE_STREAM_CHOICE_H

#include <stddef.h>

#include <libavformat/avformat.h>

/*
 * The index of the stream. `which` is a number, a programme (p:ID), a language (eng), anything that ffmpeg
 * knows as a stream specifier, or NULL. AVERROR_STREAM_NOT_FOUND: there is no such video; AVERROR(EINVAL):
 * `which` is none of these; AVERROR_DECODER_NOT_FOUND: this FFmpeg decodes none of those that there are.
 */
int stream_choice(AVFormatContext *format, const char *which);

/* The videos that there are, as "0 (h264 1280x720, eng), 2 (mpeg4 640x480, p:3)"; "none" if there is none. */
void stream_choice_list(AVFormatContext *format, char *into, size_t n_bytes);

#endif
