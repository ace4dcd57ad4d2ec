/* SPDX-License-Identifier: BSD-2-Clause */
#include "video_stream.h"

#include <string.h>

#include <libavcodec/avcodec.h>

#include "codec_guess.h"

static int programme_of(const struct video_stream *video, const AVStream *stream)
{
	const AVProgram *programme = av_find_program_from_stream(video->format, NULL, stream->index);

	return programme ? programme->id : -1;
}

/* True where the programme left the transport stream, as when another sender takes over, and nobody asked for it by name. */
static bool programme_is_gone(const struct video_stream *video)
{
	const AVFormatContext *format = video->format;

	for (unsigned i = 0; i < format->nb_programs; i++)
		if (format->programs[i]->id == video->programme)
			return format->programs[i]->nb_stream_indexes == 0 && !video->was_named;
	return !video->was_named;
}

/* True for what may take the stream's place: it is in no programme any more, and this is in the one that it was in. */
static bool is_successor(const struct video_stream *video, const AVStream *stream)
{
	int programme = programme_of(video, stream);

	return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && programme >= 0 &&
		programme_of(video, video->stream) < 0 &&
		(video->programme < 0 || video->programme == programme || programme_is_gone(video)) &&
		avcodec_find_decoder(stream->codecpar->codec_id);
}

/* False for what is left out as it is read. A transport stream may put another video in the place of this one. */
static bool is_wanted(const struct video_stream *video, const AVStream *stream)
{
	int programme = programme_of(video, stream);

	if (stream == video->stream)
		return true;
	return strcmp(video->format->iformat->name, "mpegts") == 0 &&
		stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
		(programme < 0 || video->programme < 0 || programme == video->programme);
}

static void take(struct video_stream *video, AVStream *stream)
{
	video->stream = stream;
	video->decoder = avcodec_find_decoder(stream->codecpar->codec_id);
	video->programme = programme_of(video, stream);
}

void video_stream_begin(struct video_stream *video, AVFormatContext *format, int number, bool was_named)
{
	*video = (struct video_stream){ .format = format, .was_named = was_named };
	take(video, format->streams[number]);
	for (unsigned i = 0; i < format->nb_streams; i++) {
		AVStream *stream = format->streams[i];
		stream->discard = is_wanted(video, stream) ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	}
}

bool video_stream_takes(const struct video_stream *video, const AVPacket *packet)
{
	const AVStream *stream = video->format->streams[packet->stream_index];

	return stream == video->stream || is_successor(video, stream);
}

bool video_stream_follow(struct video_stream *video, const AVPacket *packet)
{
	AVStream *stream = video->format->streams[packet->stream_index];
	const AVCodec *decoder = avcodec_find_decoder(stream->codecpar->codec_id);

	if (!decoder || (stream == video->stream && decoder == video->decoder))
		return false;
	take(video, stream);
	return true;
}

bool video_stream_is_mistaken(const struct video_stream *video, const AVPacket *packet)
{
	enum AVCodecID ours = video->decoder->id;

	if (ours != AV_CODEC_ID_H264 && ours != AV_CODEC_ID_HEVC)
		return false;
	enum AVCodecID guess = codec_guess(packet->data, (size_t)packet->size);
	return guess != AV_CODEC_ID_NONE && guess != ours;
}
