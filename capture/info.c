/* SPDX-License-Identifier: BSD-2-Clause */
/* AVFrame to zoe_frame_info. Most code points are H.273's on both sides. */
#include "info.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <libavutil/imgutils.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/pixdesc.h>

#include "compat.h"

#define PALETTE_BYTES 1024

static int rows_of(const AVPixFmtDescriptor *format, int plane, int height)
{
	bool is_chroma = plane == 1 || plane == 2;

	return is_chroma ? AV_CEIL_RSHIFT(height, format->log2_chroma_h) : height;
}

static bool set_plane(struct zoe_plane *plane, const AVFrame *frame, int i, const uint8_t *base, size_t size_bytes)
{
	const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
	bool is_palette = i == 1 && (format->flags & AV_PIX_FMT_FLAG_PAL);
	int row_bytes = is_palette ? PALETTE_BYTES : av_image_get_linesize(frame->format, frame->width, i);
	int rows = is_palette ? 1 : rows_of(format, i, frame->height);
	int stride = is_palette ? PALETTE_BYTES : frame->linesize[i];

	if (row_bytes <= 0 || rows <= 0 || stride < row_bytes)
		return false;
	uintptr_t first = (uintptr_t)frame->data[i], begin = (uintptr_t)base;
	uint64_t needed = (uint64_t)stride * (uint64_t)(rows - 1) + (uint64_t)row_bytes;
	if (first < begin || first - begin > size_bytes || needed > size_bytes - (first - begin))
		return false;
	*plane = (struct zoe_plane){
		.offset_bytes = first - begin,
		.stride_bytes = (uint32_t)stride,
		.row_bytes = (uint32_t)row_bytes,
		.rows = (uint32_t)rows,
	};
	return true;
}

bool info_set_planes(struct zoe_frame_info *info, const AVFrame *frame, const uint8_t *base, size_t size_bytes)
{
	const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
	int n_planes = av_pix_fmt_count_planes(frame->format);

	if (!format || n_planes < 1 || (format->flags & AV_PIX_FMT_FLAG_HWACCEL))
		return false;
	if (format->flags & AV_PIX_FMT_FLAG_PAL)
		n_planes = 2;
	for (int i = 0; i < n_planes; i++)
		if (!set_plane(&info->planes[i], frame, i, base, size_bytes))
			return false;
	info->n_planes = (uint32_t)n_planes;
	return true;
}

static uint32_t range_of(const AVFrame *frame)
{
	const char *name = av_get_pix_fmt_name(frame->format);

	if (frame->color_range == AVCOL_RANGE_JPEG || strncmp(name, "yuvj", 4) == 0)
		return ZOE_RANGE_FULL;
	return frame->color_range == AVCOL_RANGE_MPEG ? ZOE_RANGE_LIMITED : ZOE_RANGE_UNKNOWN;
}

static void set_colour(struct zoe_frame_info *info, const AVFrame *frame)
{
	info->range = range_of(frame);
	info->matrix = (uint32_t)frame->colorspace;
	info->primaries = (uint32_t)frame->color_primaries;
	info->transfer = (uint32_t)frame->color_trc;
	info->chroma_location = (uint32_t)frame->chroma_location; /* its 0 and 1 + type are ours */
}

static uint32_t in_steps(AVRational value, int64_t steps_per_unit)
{
	if (value.den <= 0 || value.num <= 0)
		return 0;
	return (uint32_t)(((int64_t)value.num * steps_per_unit + value.den / 2) / value.den);
}

static void set_mastering(struct zoe_hdr *hdr, const AVMasteringDisplayMetadata *master)
{
	for (int i = 0; i < 3 && master->has_primaries; i++)
		for (int axis = 0; axis < 2; axis++)
			hdr->primaries[i][axis] = in_steps(master->display_primaries[i][axis], 50000);
	for (int axis = 0; axis < 2 && master->has_primaries; axis++)
		hdr->white_point[axis] = in_steps(master->white_point[axis], 50000);
	if (master->has_luminance) {
		hdr->max_luminance = in_steps(master->max_luminance, 10000);
		hdr->min_luminance = in_steps(master->min_luminance, 10000);
	}
	hdr->has_mastering = master->has_primaries || master->has_luminance;
}

static void set_hdr(struct zoe_hdr *hdr, const AVFrame *frame)
{
	const AVFrameSideData *master = av_frame_get_side_data(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
	const AVFrameSideData *light = av_frame_get_side_data(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);

	if (master)
		set_mastering(hdr, (const AVMasteringDisplayMetadata *)(const void *)master->data);
	if (light) {
		const AVContentLightMetadata *level = (const void *)light->data;
		hdr->has_light_level = 1;
		hdr->max_content = level->MaxCLL;
		hdr->max_average = level->MaxFALL;
	}
}

static uint32_t field_order_of(const AVFrame *frame)
{
	if (!compat_is_interlaced(frame))
		return ZOE_PROGRESSIVE;
	return compat_is_top_first(frame) ? ZOE_TOP_FIELD_FIRST : ZOE_BOTTOM_FIELD_FIRST;
}

static int64_t wall_clock_at(int64_t monotonic_ns)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - (zoe_now_ns() - monotonic_ns);
}

static void set_times(struct zoe_frame_info *info, const struct picture *picture)
{
	info->pts = picture->pts;
	info->duration = picture->duration;
	info->time_base_num = picture->time_base.num;
	info->time_base_den = picture->time_base.den;
	info->read_ns = picture->read_ns;
	info->decoded_ns = picture->decoded_ns ? picture->decoded_ns : zoe_now_ns();
	info->wall_ns = picture->taken_ns ? picture->taken_ns : wall_clock_at(picture->read_ns);
	if (picture->taken_ns)
		info->flags |= ZOE_FRAME_CAMERA_CLOCK;
}

void info_set_picture(struct zoe_frame_info *info, const struct picture *picture)
{
	const AVFrame *frame = picture->frame;

	snprintf(info->format, sizeof(info->format), "%s", av_get_pix_fmt_name(frame->format));
	info->width_px = (uint32_t)frame->width;
	info->height_px = (uint32_t)frame->height;
	info->coded_width_px = (uint32_t)picture->coded_width_px;
	info->coded_height_px = (uint32_t)picture->coded_height_px;
	info->crop_left_px = (uint32_t)picture->crop_left_px;
	info->crop_top_px = (uint32_t)picture->crop_top_px;
	info->sar_num = picture->sample_aspect.num;
	info->sar_den = picture->sample_aspect.den ? picture->sample_aspect.den : 1;
	info->rate_num = picture->frame_rate.num;
	info->rate_den = picture->frame_rate.den;
	info->rotation_deg = picture->orientation.rotation_deg;
	info->mirrored = picture->orientation.mirrored;
	info->field_order = field_order_of(frame);
	info->flags = picture->flags | (compat_is_key(frame) ? ZOE_FRAME_KEYFRAME : 0);
	set_colour(info, frame);
	set_hdr(&info->hdr, frame);
	set_times(info, picture);
}
