/* SPDX-License-Identifier: BSD-2-Clause */
#include "container.h"

#include <string.h>

#include <libavutil/mastering_display_metadata.h>
#include <libavutil/pixdesc.h>

#include "compat.h"
#include "geometry.h"

struct colour *container_colours(const AVFormatContext *format)
{
	struct colour *colours = av_calloc(format->nb_streams + 1, sizeof(*colours));

	for (unsigned i = 0; colours && i < format->nb_streams; i++) {
		const AVCodecParameters *shape = format->streams[i]->codecpar;
		colours[i] = (struct colour){
			.range = shape->color_range,
			.primaries = shape->color_primaries,
			.transfer = shape->color_trc,
			.matrix = shape->color_space,
			.chroma_location = shape->chroma_location,
		};
	}
	return colours;
}

/* A copy of the stream's side data, if it has so many bytes at least. */
static int copy_side_data(AVBufferRef **copy, const AVStream *stream, enum AVPacketSideDataType type, size_t least)
{
	size_t n_bytes;
	const void *data = compat_side_data(stream, type, &n_bytes);

	if (!data || n_bytes < least)
		return 0;
	*copy = av_buffer_alloc(n_bytes);
	if (!*copy)
		return AVERROR(ENOMEM);
	memcpy((*copy)->data, data, n_bytes);
	return 0;
}

int container_open(struct container *container, AVFormatContext *format, AVStream *stream, const struct colour *colour)
{
	size_t n_bytes;
	const void *matrix = compat_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &n_bytes);
	AVRational rate = stream->avg_frame_rate;

	if (rate.num <= 0 || rate.den <= 0)
		rate = av_guess_frame_rate(format, stream, NULL);
	*container = (struct container){
		.orientation = geometry_orientation(n_bytes >= 9 * sizeof(int32_t) ? matrix : NULL),
		.frame_rate = rate.num > 0 && rate.den > 0 ? rate : (AVRational){ 0, 1 },
		.colour = { .primaries = AVCOL_PRI_UNSPECIFIED,
			.transfer = AVCOL_TRC_UNSPECIFIED,
			.matrix = AVCOL_SPC_UNSPECIFIED },
	};
	if (colour)
		container->colour = *colour;
	int error = copy_side_data(&container->mastering, stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
		sizeof(AVMasteringDisplayMetadata));
	if (!error)
		error = copy_side_data(&container->light_level, stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
			sizeof(AVContentLightMetadata));
	return error;
}

static void complete_side_data(AVFrame *frame, enum AVFrameSideDataType type, AVBufferRef *ours)
{
	if (!ours || av_frame_get_side_data(frame, type))
		return;
	AVBufferRef *reference = av_buffer_ref(ours);
	if (reference && !av_frame_new_side_data_from_buf(frame, type, reference))
		av_buffer_unref(&reference);
}

static bool is_rgb(const AVFrame *frame)
{
	const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);

	return format && (format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
}

void container_complete(const struct container *container, AVFrame *frame)
{
	const struct colour *colour = &container->colour;

	if (frame->color_primaries == AVCOL_PRI_UNSPECIFIED)
		frame->color_primaries = colour->primaries;
	if (frame->color_trc == AVCOL_TRC_UNSPECIFIED)
		frame->color_trc = colour->transfer;
	/* What tells of luma and chroma is not for pictures that have none. */
	if (!is_rgb(frame)) {
		if (frame->color_range == AVCOL_RANGE_UNSPECIFIED)
			frame->color_range = colour->range;
		if (frame->colorspace == AVCOL_SPC_UNSPECIFIED)
			frame->colorspace = colour->matrix;
		if (frame->chroma_location == AVCHROMA_LOC_UNSPECIFIED)
			frame->chroma_location = colour->chroma_location;
	}
	complete_side_data(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA, container->mastering);
	complete_side_data(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL, container->light_level);
}

void container_close(struct container *container)
{
	av_buffer_unref(&container->mastering);
	av_buffer_unref(&container->light_level);
}
