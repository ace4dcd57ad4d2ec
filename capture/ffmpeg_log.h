/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What FFmpeg's libraries log. They often know the reason of a failure only there ("moov
 * atom not found"), so its last error is remembered for our own message. So it is with what was lost on the way.
 */
#ifndef CAPTURE_FFMPEG_LOG_H
#define CAPTURE_FFMPEG_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Take the log over, before FFmpeg is used. verbose: show it, too; else nothing of it is printed. */
void ffmpeg_log_init(bool verbose);

/* The last error that was logged, "" if none; then it is forgotten. Any thread. */
void ffmpeg_log_take_error(char *into, size_t n_bytes);

/* True once the Matroska demuxer has logged that the file is cut, which it takes for any other end. */
bool ffmpeg_log_saw_cut_file(void);

/* What is said nowhere else. */
enum ffmpeg_log_news {
	FFMPEG_LOG_GAP,           /* packets of an RTP stream are missing */
	FFMPEG_LOG_OLD_PACKET,    /* one was thrown away, since its number is less than that of one before */
	FFMPEG_LOG_LACKS_PICTURE, /* a decoder lacks a picture that others are made from */
	FFMPEG_LOG_N,
};

/* How often that was said, in all. Any thread. */
uint64_t ffmpeg_log_count(enum ffmpeg_log_news news);

#endif
