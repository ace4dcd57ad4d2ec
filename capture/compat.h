/* SPDX-License-Identifier: BSD-2-Clause */
/* What differs between the versions of FFmpeg that we build with (5.1 and later). */
#ifndef CAPTURE_COMPAT_H
#define CAPTURE_COMPAT_H

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>

/* Let libavcodec call get_buffer2 from any thread, as it does in any case from version 60 on. */
static inline void compat_allow_threads(AVCodecContext *codec)
{
#if LIBAVCODEC_VERSION_MAJOR < 60
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	codec->thread_safe_callbacks = 1;
#pragma GCC diagnostic pop
#else
	(void)codec;
#endif
}

/* A number that comes out with the frame of the packet that is sent next. */
static inline void compat_tag_packet(AVCodecContext *codec, AVPacket *packet, int64_t tag)
{
#if LIBAVCODEC_VERSION_MAJOR < 60
	(void)packet;
	codec->reordered_opaque = tag;
#else
	codec->flags |= AV_CODEC_FLAG_COPY_OPAQUE;
	packet->opaque = (void *)(intptr_t)tag;
#endif
}

static inline int64_t compat_tag_of(const AVFrame *frame)
{
#if LIBAVCODEC_VERSION_MAJOR < 60
	return frame->reordered_opaque;
#else
	return (intptr_t)frame->opaque;
#endif
}

static inline int64_t compat_duration(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT < AV_VERSION_INT(57, 30, 100)
	return frame->pkt_duration;
#else
	return frame->duration;
#endif
}

static inline bool compat_is_key(const AVFrame *frame)
{
#ifdef AV_FRAME_FLAG_KEY
	return (frame->flags & AV_FRAME_FLAG_KEY) != 0;
#else
	return frame->key_frame != 0;
#endif
}

static inline bool compat_is_interlaced(const AVFrame *frame)
{
#ifdef AV_FRAME_FLAG_INTERLACED
	return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
	return frame->interlaced_frame != 0;
#endif
}

static inline bool compat_is_top_first(const AVFrame *frame)
{
#ifdef AV_FRAME_FLAG_TOP_FIELD_FIRST
	return (frame->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) != 0;
#else
	return frame->top_field_first != 0;
#endif
}

/* What the container says of a stream beside its packets, NULL if it does not. */
static inline const void *compat_side_data(const AVStream *stream, enum AVPacketSideDataType type, size_t *n_bytes)
{
	*n_bytes = 0;
#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(60, 15, 100)
	return av_stream_get_side_data(stream, type, n_bytes);
#else
	const AVPacketSideData *data = av_packet_side_data_get(stream->codecpar->coded_side_data,
		stream->codecpar->nb_coded_side_data, type);
	*n_bytes = data ? data->size : 0;
	return data ? data->data : NULL;
#endif
}

#endif
