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

/* How often packets of an RTP stream were missing, of which libavformat says nothing but this. Any thread. */
uint64_t ffmpeg_log_gaps(void);

/* How often a decoder lacked a picture. */
uint64_t ffmpeg_log_missing(void);

/* How many packets of RTP were thrown away since their number is less than that of one before. Any thread. */
uint64_t ffmpeg_log_old_packets(void);

#endif
