/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoder's settings: threads and delay. */
#include "decoder.h"

#include "compat.h"
#include "ffmpeg_log.h"
#include "report.h"
#include "settings.h"

static void set_up(AVCodecContext *decoder, const struct input *input, struct publisher *publisher)
{
	decoder->pkt_timebase = input->video.stream->time_base;
	decoder->framerate = input->video.stream->avg_frame_rate;
	decoder->thread_count = (int)input->settings->threads;
	decoder->thread_type = input->live ? FF_THREAD_SLICE : FF_THREAD_FRAME | FF_THREAD_SLICE;
	/* Some decoders show B-frames in the wrong order with this: only where there are none. */
	if (input->live && input->video.stream->codecpar->video_delay == 0)
		decoder->flags |= AV_CODEC_FLAG_LOW_DELAY;
	/* We crop ourselves, to know the whole picture too. */
	decoder->apply_cropping = 0;
	decoder->opaque = publisher;
	decoder->get_buffer2 = publisher_get_buffer;
	compat_allow_threads(decoder);
}

/* An option that neither the demuxer nor the decoder took is a usage error. */
static enum source_outcome check_options(const struct input *input)
{
	const AVDictionaryEntry *unknown = av_dict_get(input->connection->options, "", NULL, AV_DICT_IGNORE_SUFFIX);

	if (!unknown)
		return SOURCE_OK;
	zi_option_usage_error(&capture_command,
		"-%s: unknown to zoe-capture, to the demuxer (%s) and to the decoder (%s)", unknown->key,
		input->format->iformat->name, input->video.decoder->name);
	return SOURCE_USAGE;
}

static enum source_outcome open_failed(struct input *input, int error)
{
	char detail[256];

	ffmpeg_log_take_error(detail, sizeof(detail));
	return input_fail(input, "decoder (%s): %s%s%s%s; `zoe-capture -v` shows what FFmpeg says",
		input->video.decoder->name, av_err2str(error), detail[0] ? " (" : "", detail, detail[0] ? ")" : "");
}

enum source_outcome decoder_open(AVCodecContext **out, struct input *input, struct publisher *publisher)
{
	AVCodecContext *decoder = avcodec_alloc_context3(input->video.decoder);
	enum source_outcome outcome;

	if (!decoder)
		return open_failed(input, AVERROR(ENOMEM));
	int error = avcodec_parameters_to_context(decoder, input->video.stream->codecpar);
	if (error >= 0) {
		set_up(decoder, input, publisher);
		error = avcodec_open2(decoder, input->video.decoder, &input->connection->options);
	}
	if (error < 0)
		outcome = open_failed(input, error);
	else
		outcome = input->is_other || input->report->counters.decoded > 0 ? SOURCE_OK : check_options(input);
	if (outcome != SOURCE_OK) {
		avcodec_free_context(&decoder);
		return outcome;
	}
	*out = decoder;
	return SOURCE_OK;
}

bool decoder_is_in_place(const AVCodecContext *decoder)
{
	return (decoder->codec->capabilities & AV_CODEC_CAP_DR1) != 0;
}

const char *decoder_threading(const AVCodecContext *decoder)
{
	if (decoder->active_thread_type == FF_THREAD_FRAME)
		return "frame";
	return decoder->active_thread_type == FF_THREAD_SLICE ? "slice" : "no";
}
