/* SPDX-License-Identifier: BSD-2-Clause */
/* What the container says of a stream, for frames that do not say it themselves. */
#include <criterion/criterion.h>
#include <libavutil/mastering_display_metadata.h>
#include <string.h>

#include "compat.h"
#include "container.h"

static AVFormatContext *format;
static AVFrame *frame;
static struct colour *colours;
static struct container container;

static void begin(void)
{
	format = avformat_alloc_context();
	frame = av_frame_alloc();
	cr_assert(format && frame && avformat_new_stream(format, NULL));
	frame->format = AV_PIX_FMT_YUV420P;
}

static void end(void)
{
	container_close(&container);
	av_free(colours);
	av_frame_free(&frame);
	avformat_free_context(format);
}

/* A container that tags its only stream, and a decoder that then puts 'unspecified' over that. */
static void open_tagged(void)
{
	AVCodecParameters *shape = format->streams[0]->codecpar;

	shape->color_range = AVCOL_RANGE_JPEG;
	shape->color_primaries = AVCOL_PRI_BT2020;
	shape->color_trc = AVCOL_TRC_SMPTE2084;
	shape->color_space = AVCOL_SPC_BT2020_NCL;
	shape->chroma_location = AVCHROMA_LOC_TOPLEFT;
	colours = container_colours(format);
	shape->color_space = AVCOL_SPC_UNSPECIFIED;
	cr_assert(colours && container_open(&container, format, format->streams[0], &colours[0]) == 0);
}

TestSuite(container, .init = begin, .fini = end);

/* A frame that says nothing takes all of it. */
Test(container, completes_colour)
{
	open_tagged();
	container_complete(&container, frame);
	cr_assert(frame->color_range == AVCOL_RANGE_JPEG && frame->color_primaries == AVCOL_PRI_BT2020);
	cr_assert(frame->color_trc == AVCOL_TRC_SMPTE2084 && frame->colorspace == AVCOL_SPC_BT2020_NCL);
	cr_assert(frame->chroma_location == AVCHROMA_LOC_TOPLEFT);
}

/* What a frame says itself stays. */
Test(container, leaves_what_a_frame_says)
{
	open_tagged();
	frame->color_range = AVCOL_RANGE_MPEG;
	frame->color_primaries = AVCOL_PRI_BT709;
	frame->color_trc = AVCOL_TRC_BT709;
	frame->colorspace = AVCOL_SPC_BT709;
	frame->chroma_location = AVCHROMA_LOC_LEFT;
	container_complete(&container, frame);
	cr_assert(frame->color_range == AVCOL_RANGE_MPEG && frame->color_primaries == AVCOL_PRI_BT709);
	cr_assert(frame->color_trc == AVCOL_TRC_BT709 && frame->colorspace == AVCOL_SPC_BT709);
	cr_assert(frame->chroma_location == AVCHROMA_LOC_LEFT);
}

/* RGB has primaries and a transfer, but neither matrix nor range nor chroma. */
Test(container, gives_rgb_no_matrix)
{
	static const enum AVPixelFormat formats[] = { AV_PIX_FMT_GBRP10, AV_PIX_FMT_RGB24, AV_PIX_FMT_PAL8 };

	open_tagged();
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		frame->format = formats[i];
		container_complete(&container, frame);
		cr_assert(frame->color_range == AVCOL_RANGE_UNSPECIFIED);
		cr_assert(frame->colorspace == AVCOL_SPC_UNSPECIFIED);
		cr_assert(frame->chroma_location == AVCHROMA_LOC_UNSPECIFIED);
	}
	cr_assert(frame->color_primaries == AVCOL_PRI_BT2020 && frame->color_trc == AVCOL_TRC_SMPTE2084);
}

/* A stream of which the container told too late changes nothing. */
Test(container, without_tags)
{
	cr_assert(container_open(&container, format, format->streams[0], NULL) == 0);
	cr_assert(!container.mastering && !container.light_level && container.frame_rate.num == 0);
	container_complete(&container, frame);
	cr_assert(frame->color_range == AVCOL_RANGE_UNSPECIFIED && frame->color_primaries == AVCOL_PRI_UNSPECIFIED);
	cr_assert(frame->color_trc == AVCOL_TRC_UNSPECIFIED && frame->colorspace == AVCOL_SPC_UNSPECIFIED);
	cr_assert(frame->nb_side_data == 0);
}

/* The stream's rate is its average; a clip of which that is not known has the one that FFmpeg guesses. */
Test(container, frame_rate)
{
	AVStream *stream = format->streams[0];

	stream->r_frame_rate = (AVRational){ 50, 1 };
	cr_assert(container_open(&container, format, stream, NULL) == 0);
	cr_assert(container.frame_rate.num == 50 && container.frame_rate.den == 1);
	stream->avg_frame_rate = (AVRational){ 30000, 1001 };
	cr_assert(container_open(&container, format, stream, NULL) == 0);
	cr_assert(container.frame_rate.num == 30000 && container.frame_rate.den == 1001);
}

static const AVContentLightMetadata *light_of_frame(void)
{
	const AVFrameSideData *data = av_frame_get_side_data(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);

	return data ? (const void *)data->data : NULL;
}

/* Mastering display and light level, each where the frame has none; the frame's outlives the container's. */
Test(container, completes_hdr)
{
	AVContentLightMetadata ours = { .MaxCLL = 1000 };

	cr_assert(container_open(&container, format, format->streams[0], NULL) == 0);
	container.mastering = av_buffer_allocz(sizeof(AVMasteringDisplayMetadata));
	container.light_level = av_buffer_alloc(sizeof(ours));
	cr_assert(container.mastering && container.light_level);
	memcpy(container.light_level->data, &ours, sizeof(ours));
	container_complete(&container, frame);
	container_complete(&container, frame);
	cr_assert(frame->nb_side_data == 2 && light_of_frame()->MaxCLL == 1000);
	cr_assert(av_frame_get_side_data(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA));

	av_frame_unref(frame);
	av_content_light_metadata_create_side_data(frame)->MaxCLL = 7;
	container_complete(&container, frame);
	container_close(&container);
	cr_assert(frame->nb_side_data == 2 && light_of_frame()->MaxCLL == 7);
}

static void add_side_data(enum AVPacketSideDataType type, const void *bytes, size_t n_bytes)
{
	AVStream *stream = format->streams[0];
	uint8_t *data;
#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(60, 15, 100)
	data = av_stream_new_side_data(stream, type, n_bytes);
#else
	AVCodecParameters *shape = stream->codecpar;
	data = av_packet_side_data_new(&shape->coded_side_data, &shape->nb_coded_side_data, type, n_bytes, 0)->data;
#endif
	memcpy(data, bytes, n_bytes);
}

/* Both come from the stream, as does the way in which the picture lies. */
Test(container, open_takes_side_data)
{
	static const AVMasteringDisplayMetadata mastering = { .has_luminance = 1 };
	static const AVContentLightMetadata light = { .MaxCLL = 1000 };
	static const int32_t quarter[9] = { 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30 };

	add_side_data(AV_PKT_DATA_MASTERING_DISPLAY_METADATA, &mastering, sizeof(mastering));
	add_side_data(AV_PKT_DATA_CONTENT_LIGHT_LEVEL, &light, sizeof(light));
	add_side_data(AV_PKT_DATA_DISPLAYMATRIX, quarter, sizeof(quarter));
	cr_assert(container_open(&container, format, format->streams[0], NULL) == 0);
	cr_assert(container.orientation.rotation_deg == 90);
	container_complete(&container, frame);
	cr_assert(frame->nb_side_data == 2 && light_of_frame()->MaxCLL == 1000);
}

/* What is too short for what it should be is none. */
Test(container, open_leaves_short_side_data)
{
	static const int32_t few[5] = { 0, 1 << 16, 0, -(1 << 16), 0 };

	add_side_data(AV_PKT_DATA_MASTERING_DISPLAY_METADATA, few, sizeof(few));
	add_side_data(AV_PKT_DATA_CONTENT_LIGHT_LEVEL, few, sizeof(few[0]));
	add_side_data(AV_PKT_DATA_DISPLAYMATRIX, few, sizeof(few));
	cr_assert(container_open(&container, format, format->streams[0], NULL) == 0);
	cr_assert(!container.mastering && !container.light_level && container.orientation.rotation_deg == 0);
}
