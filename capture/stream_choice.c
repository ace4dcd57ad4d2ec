/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream_choice.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <libavcodec/avcodec.h>

/* Two or three letters, as languages are written in files; perhaps with a region: en, eng, pt-BR. */
static bool is_language(const char *which)
{
	size_t n = strspn(which, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return (n == 2 || n == 3) && (which[n] == '\0' || which[n] == '-');
}

static int matches(AVFormatContext *format, AVStream *stream, const char *which)
{
	char language[64];

	if (!which)
		return 1;
	if (!is_language(which))
		return avformat_match_stream_specifier(format, stream, which);
	snprintf(language, sizeof(language), "m:language:%s", which);
	return avformat_match_stream_specifier(format, stream, language);
}

/* As ffmpeg weighs them: one that gave packets, the file's default, the largest, and a cover last. */
static int64_t score_of(const AVStream *stream)
{
	const AVCodecParameters *shape = stream->codecpar;

	if (stream->disposition & AV_DISPOSITION_ATTACHED_PIC)
		return 1;
	return (int64_t)shape->width * shape->height +
		((stream->event_flags & AVSTREAM_EVENT_FLAG_NEW_PACKETS) ? 100000000 : 0) +
		((stream->disposition & AV_DISPOSITION_DEFAULT) ? 5000000 : 0);
}

static bool is_video(const AVStream *stream)
{
	return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
}

int stream_choice(AVFormatContext *format, const char *which)
{
	int best = AVERROR_STREAM_NOT_FOUND;
	int64_t best_score = -1;

	for (unsigned i = 0; i < format->nb_streams; i++) {
		AVStream *stream = format->streams[i];
		int matched = matches(format, stream, which);
		if (matched < 0)
			return AVERROR(EINVAL);
		if (!matched || !is_video(stream))
			continue;
		if (!avcodec_find_decoder(stream->codecpar->codec_id)) {
			best = best < 0 ? AVERROR_DECODER_NOT_FOUND : best;
		} else if (score_of(stream) > best_score) {
			best = (int)i;
			best_score = score_of(stream);
		}
	}
	return best;
}

static void describe(AVFormatContext *format, AVStream *stream, char *into, size_t n_bytes)
{
	const AVCodecParameters *shape = stream->codecpar;
	const AVDictionaryEntry *language = av_dict_get(stream->metadata, "language", NULL, 0);
	const AVProgram *programme = av_find_program_from_stream(format, NULL, stream->index);
	char more[48] = "";

	if (programme)
		snprintf(more, sizeof(more), ", p:%d", programme->id);
	snprintf(into, n_bytes, "%d (%s %dx%d%s%.16s%s)", stream->index, avcodec_get_name(shape->codec_id),
		shape->width, shape->height, language ? ", " : "", language ? language->value : "", more);
}

void stream_choice_list(AVFormatContext *format, char *into, size_t n_bytes)
{
	size_t used = 0;

	snprintf(into, n_bytes, "none");
	for (unsigned i = 0; i < format->nb_streams && used < n_bytes; i++) {
		char one[128];
		if (!is_video(format->streams[i]))
			continue;
		describe(format, format->streams[i], one, sizeof(one));
		used += (size_t)snprintf(into + used, n_bytes - used, "%s%s", used > 0 ? ", " : "", one);
	}
}
