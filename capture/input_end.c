/* SPDX-License-Identifier: BSD-2-Clause */
#include "input_end.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/parseutils.h>

#include "ffmpeg_log.h"
#include "input.h"
#include "ticks.h"

static const AVRational ms = { 1, 1000 };

/* Containers and packets differ by a few pictures about where the end is. */
#define MISSING_MS 500

/* The stream's end as its container has it, in the stream's time base; AV_NOPTS_VALUE: unknown. */
static int64_t declared_end(const struct input *input)
{
	const AVStream *stream = input->stream;
	int64_t start = stream->start_time != AV_NOPTS_VALUE ? stream->start_time : 0;

	if (input->format->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE)
		return AV_NOPTS_VALUE;
	if (stream->duration != AV_NOPTS_VALUE)
		return ticks_add(start, stream->duration);
	/* Matroska has the end of each track in a tag, counted from zero. */
	const AVDictionaryEntry *tag = av_dict_get(stream->metadata, "DURATION", NULL, 0);
	int64_t tagged_us;
	if (tag && av_parse_time(&tagged_us, tag->value, 1) >= 0)
		return ticks_rescale(tagged_us, AV_TIME_BASE_Q, stream->time_base);
	/* A container lasts as long as its longest stream, which is this one only if it has no other. */
	if (input->format->duration != AV_NOPTS_VALUE && input->format->nb_streams == 1)
		return ticks_rescale(input->format->duration, AV_TIME_BASE_Q, stream->time_base);
	return AV_NOPTS_VALUE;
}

bool input_is_cut(const struct input *input, char *why, size_t n_bytes)
{
	int64_t end = declared_end(input);
	/* AVI counts empty chunks, too, during which the picture before stays: its end is looked at instead. */
	bool is_counted = input->stream->nb_frames > 0 && strcmp(input->format->iformat->name, "avi") != 0;
	uint64_t n_frames = is_counted ? (uint64_t)input->stream->nb_frames : 0;
	bool has_end = end != AV_NOPTS_VALUE && input->end_pts != AV_NOPTS_VALUE;

	if (input->read_error < 0)
		snprintf(why, n_bytes, "%s", av_err2str(input->read_error));
	else if (input->last_corrupt)
		snprintf(why, n_bytes, "its last picture is cut");
	else if (input->whole && input->n_packets < n_frames)
		snprintf(why, n_bytes, "%" PRIu64 " of %" PRIu64 " pictures are there", input->n_packets, n_frames);
	else if (has_end && av_compare_ts(ticks_sub(end, input->end_pts), input->stream->time_base, MISSING_MS, ms) > 0)
		snprintf(why, n_bytes, "%.1f s are missing",
			(double)ticks_sub(end, input->end_pts) * av_q2d(input->stream->time_base));
	else if (ffmpeg_log_saw_cut_file())
		snprintf(why, n_bytes, "it ends in the middle of something");
	else
		return false;
	return true;
}
