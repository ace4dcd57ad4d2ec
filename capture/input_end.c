/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a header promises is no proof. It is believed only where the container's own index does not know
 * better, where it cannot be a number that was never filled in, and where no other stream of the file, such
 * as a sound that is longer, comes to the promised end. What cannot be known is whole.
 */
#include "input_end.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/parseutils.h>

#include "ffmpeg_log.h"
#include "input.h"
#include "ticks.h"

static const AVRational ms = { 1, 1000 };

/* Containers and packets differ by a few pictures about where the end is. */
#define MISSING_MS 500

/* A promise of more than this many times of what is there is one that nobody filled in. */
#define PROMISED_TIMES 50

/* Lengths that muxers write where they cannot go back to fill in the right one. */
static bool is_placeholder(const struct input *input)
{
	const AVStream *stream = input->video.stream;

	if (stream->nb_frames >= 1 << 30 || stream->duration == INT32_MAX || stream->duration == UINT32_MAX)
		return true;
	/* FFmpeg's RealMedia promises an hour. */
	return strcmp(input->format->iformat->name, "rm") == 0 && input->format->duration == 3600 * INT64_C(1000000);
}

/* How long the container says that the stream is, in its time base; AV_NOPTS_VALUE: not said, or not to be believed. */
static int64_t promised(const struct input *input)
{
	const AVFormatContext *format = input->format;

	if (format->duration_estimation_method != AVFMT_DURATION_FROM_STREAM || format->duration == AV_NOPTS_VALUE ||
		is_placeholder(input))
		return AV_NOPTS_VALUE;
	/* Matroska has that of each track in a tag. */
	const AVDictionaryEntry *tag = av_dict_get(input->video.stream->metadata, "DURATION", NULL, 0);
	int64_t us = format->duration, tagged_us;
	if (tag && av_parse_time(&tagged_us, tag->value, 1) >= 0 && tagged_us < us)
		us = tagged_us;
	return ticks_rescale(us, AV_TIME_BASE_Q, input->video.stream->time_base);
}

/* The files of which libavformat knows each sample before it reads it, edit lists applied. */
static bool is_indexed(const struct input *input)
{
	return strstr(input->format->iformat->name, "mp4") != NULL;
}

/* What the index says to follow the last packet, in the stream's time base. */
static int64_t missing_by_index(const struct input *input)
{
	int n = avformat_index_get_entries_count(input->video.stream);
	const AVIndexEntry *last = n > 0 ? avformat_index_get_entry(input->video.stream, n - 1) : NULL;

	if (!last || input->last_dts == AV_NOPTS_VALUE)
		return 0;
	return ticks_sub(last->timestamp, input->last_dts);
}

/* Of a container that may count from zero or from its first picture: what makes the least of it. */
static int64_t missing_after(const struct input *input, int64_t length, int64_t end_pts)
{
	int64_t since_first = ticks_sub(end_pts, input->first_pts);

	return ticks_sub(length, end_pts > since_first ? end_pts : since_first);
}

/* Where the last packet of any stream ends that follows the last picture; not before end_pts. */
static int64_t end_of_others(struct input *input)
{
	AVFormatContext *format = input->format;
	int64_t end_pts = input->end_pts;
	AVPacket *packet = av_packet_alloc();

	for (unsigned i = 0; i < format->nb_streams; i++)
		format->streams[i]->discard = AVDISCARD_DEFAULT;
	if (!packet || av_seek_frame(format, input->video.stream->index, input->end_pts, AVSEEK_FLAG_BACKWARD) < 0)
		end_pts = INT64_MAX;
	while (end_pts < INT64_MAX && av_read_frame(format, packet) >= 0) {
		int64_t pts = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
		int64_t end = ticks_rescale(ticks_add(pts, packet->duration),
			format->streams[packet->stream_index]->time_base, input->video.stream->time_base);
		if (pts != AV_NOPTS_VALUE && end > end_pts)
			end_pts = end;
		av_packet_unref(packet);
	}
	av_packet_free(&packet);
	return end_pts;
}

/* How much of the promised length is missing for sure, in the stream's time base. */
static int64_t missing_by_promise(struct input *input)
{
	const AVFormatContext *format = input->format;
	int64_t length = promised(input);
	/* How long the last picture is to last nobody may have said: as long as any before it. */
	int64_t tolerated = ticks_add(ticks_rescale(MISSING_MS, ms, input->video.stream->time_base),
		input->longest_step);

	if (length == AV_NOPTS_VALUE || input->end_pts == AV_NOPTS_VALUE || input->n_packets < 2 ||
		length / PROMISED_TIMES > ticks_sub(input->end_pts, input->first_pts))
		return 0;
	int64_t missing = missing_after(input, length, input->end_pts);
	if (missing <= tolerated)
		return 0;
	if (format->nb_streams > 1) {
		if (!format->pb || !(format->pb->seekable & AVIO_SEEKABLE_NORMAL))
			return 0;
		missing = missing_after(input, length, end_of_others(input));
	}
	return missing > tolerated ? missing : 0;
}

static int64_t missing_ms(struct input *input)
{
	if (input->video.stream->disposition & AV_DISPOSITION_ATTACHED_PIC)
		return 0;
	return ticks_rescale(is_indexed(input) ? missing_by_index(input) : missing_by_promise(input),
		input->video.stream->time_base, ms);
}

/* Why reading failed, 0 if it did not: some demuxers have these for the end of the data. */
static int read_error(const struct input *input)
{
	const AVIOContext *io = input->format->pb;

	if (input->read_error == AVERROR(ETIMEDOUT))
		return input->read_error;
	if (io && io->error < 0)
		return io->error;
	if (input->at_end_of_data && (input->read_error == AVERROR(EIO) || input->read_error == AVERROR(EPERM)))
		return 0;
	return input->read_error;
}

/* GIF has been looked through to its end when it was opened: what is counted but not read is cut. */
static bool lacks_counted(const struct input *input)
{
	return strcmp(input->format->iformat->name, "gif") == 0 && input->settings->seek_ns == 0 &&
		input->n_packets < (uint64_t)input->video.stream->nb_frames;
}

bool input_is_cut(struct input *input, char *why, size_t n_bytes)
{
	int64_t missing;

	if (read_error(input) < 0)
		snprintf(why, n_bytes, "%s", av_err2str(read_error(input)));
	else if (input->last_corrupt || lacks_counted(input))
		snprintf(why, n_bytes, "its last picture is cut");
	else if (ffmpeg_log_saw_cut_file())
		snprintf(why, n_bytes, "it ends in the middle of something");
	else if ((missing = missing_ms(input)) > MISSING_MS)
		snprintf(why, n_bytes, "%.1f s are missing", (double)missing / 1000);
	else
		return false;
	return true;
}
