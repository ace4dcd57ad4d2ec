/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers learn about frames made by hand. */
#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

#include <libavutil/mastering_display_metadata.h>

#include "info.h"

#define SIZE 65536

static uint8_t base[SIZE];
static AVFrame *frame;
static struct picture picture;
static struct zoe_frame_info info;

/* 64x48 yuv420p with rows of 96 bytes, chroma half of it, planes at 0, 8192 and 16384. */
static void begin(void)
{
	frame = av_frame_alloc();
	cr_assert(frame != NULL);
	frame->format = AV_PIX_FMT_YUV420P;
	frame->width = 64;
	frame->height = 48;
	for (int i = 0; i < 3; i++) {
		frame->data[i] = base + 8192 * i;
		frame->linesize[i] = i ? 48 : 96;
	}
	picture = (struct picture){ .frame = frame, .read_ns = zoe_now_ns() };
	memset(&info, 0, sizeof(info));
}

static void end(void)
{
	av_frame_free(&frame);
}

static const struct zoe_frame_info *describe(void)
{
	memset(&info, 0, sizeof(info));
	info_set_picture(&info, &picture);
	return &info;
}

static bool set_planes(void)
{
	return info_set_planes(&info, frame, base, SIZE);
}

TestSuite(info, .init = begin, .fini = end);

/* Each plane has its place, its stride, and the size of what is to be seen of it. */
Test(info, set_planes)
{
	cr_assert(set_planes() && info.n_planes == 3);
	const struct zoe_plane *y = &info.planes[0], *v = &info.planes[2];
	cr_assert(y->offset_bytes == 0 && y->stride_bytes == 96 && y->row_bytes == 64 && y->rows == 48);
	cr_assert(v->offset_bytes == 16384 && v->stride_bytes == 48 && v->row_bytes == 32 && v->rows == 24);
}

/* Cropping moves the first visible byte and rounds chroma up. */
Test(info, set_planes_of_a_cropped_frame)
{
	frame->crop_left = 32;
	frame->crop_top = 4;
	frame->crop_right = 1;
	frame->crop_bottom = 3;
	cr_assert(av_frame_apply_cropping(frame, AV_FRAME_CROP_UNALIGNED) == 0 && set_planes());
	cr_assert(info.planes[0].offset_bytes == 4 * 96 + 32);
	cr_assert(info.planes[1].offset_bytes == 8192 + 2 * 48 + 16);
	cr_assert(info.planes[0].row_bytes == 31 && info.planes[0].rows == 41);
	cr_assert(info.planes[1].row_bytes == 16 && info.planes[1].rows == 21);
}

/* The palette is a second plane: one row of 256 colours. */
Test(info, set_planes_of_pal8)
{
	frame->format = AV_PIX_FMT_PAL8;
	frame->linesize[1] = 0;
	cr_assert(set_planes() && info.n_planes == 2);
	cr_assert(info.planes[0].row_bytes == 64 && info.planes[0].rows == 48);
	const struct zoe_plane *palette = &info.planes[1];
	cr_assert(palette->offset_bytes == 8192 && palette->row_bytes == 1024 && palette->rows == 1);
	cr_assert(palette->stride_bytes == 1024);
}

/* Ten bits are two bytes; the chroma of P010 is one plane as wide as luma. */
Test(info, set_planes_of_p010)
{
	frame->format = AV_PIX_FMT_P010;
	frame->linesize[0] = frame->linesize[1] = 160;
	cr_assert(set_planes() && info.n_planes == 2);
	cr_assert(info.planes[0].row_bytes == 128 && info.planes[0].rows == 48);
	cr_assert(info.planes[1].row_bytes == 128 && info.planes[1].rows == 24);
}

/* The last row may end with the slot's last byte, and not one later. */
Test(info, set_planes_up_to_the_end)
{
	size_t n_bytes = 16384 + 23 * 48 + 32;
	cr_assert(info_set_planes(&info, frame, base, n_bytes));
	cr_assert(!info_set_planes(&info, frame, base, n_bytes - 1));
}

/* What a pool cannot express is refused: upside down, elsewhere, rows that overlap, on a card. */
Test(info, set_planes_of_what_does_not_fit)
{
	frame->linesize[1] = -48;
	cr_assert(!set_planes(), "negative stride");
	frame->linesize[1] = 31;
	cr_assert(!set_planes(), "stride below a row");
	frame->linesize[1] = 48;
	cr_assert(!info_set_planes(&info, frame, base + 1, SIZE - 1), "before the slot");
	frame->data[2] = base + SIZE;
	cr_assert(!set_planes(), "behind the slot");
	frame->data[2] = (uint8_t *)((uintptr_t)base + SIZE + 64);
	cr_assert(!set_planes(), "far behind it");
	frame->format = AV_PIX_FMT_VAAPI;
	cr_assert(!set_planes(), "hardware");
}

/* Shape, crop, rotation and time pass through. */
Test(info, set_picture)
{
	picture = (struct picture){ .frame = frame,
		.coded_width_px = 80,
		.coded_height_px = 64,
		.crop_left_px = 8,
		.crop_top_px = 4,
		.time_base = { 1, 90000 },
		.sample_aspect = { 64, 45 },
		.pts = -3000,
		.duration = 1500,
		.read_ns = 1,
		.decoded_ns = 2,
		.frame_rate = { 30000, 1001 },
		.orientation = { 270, true } };
	describe();
	cr_assert(info.width_px == 64 && info.height_px == 48 && strcmp(info.format, "yuv420p") == 0);
	cr_assert(info.coded_width_px == 80 && info.coded_height_px == 64);
	cr_assert(info.crop_left_px == 8 && info.crop_top_px == 4 && info.rotation_deg == 270 && info.mirrored == 1);
	cr_assert(info.rate_num == 30000 && info.rate_den == 1001);
	cr_assert(info.sar_num == 64 && info.sar_den == 45);
	cr_assert(info.pts == -3000 && info.duration == 1500);
	cr_assert(info.time_base_num == 1 && info.time_base_den == 90000);
	cr_assert(info.read_ns == 1 && info.decoded_ns == 2);
}

/* Readers can divide by an aspect's denominator even where the stream says 0:0. */
Test(info, set_picture_of_unknown_aspect)
{
	describe();
	cr_assert(info.sar_num == 0 && info.sar_den == 1);
}

/* The wall clock is that of the moment when the packet was read, however long ago. */
Test(info, set_picture_read_a_while_ago)
{
	struct timespec now;
	picture.read_ns = zoe_now_ns() - INT64_C(60000000000);
	describe();
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t ago_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec - info.wall_ns;
	cr_assert(ago_ns >= INT64_C(59000000000) && ago_ns < INT64_C(65000000000));
	cr_assert(info.decoded_ns >= picture.read_ns && info.decoded_ns <= zoe_now_ns(), "now, if not known");
}

/* Colours are H.273's code points, chroma location one more than its type. */
Test(info, set_picture_colour)
{
	frame->colorspace = AVCOL_SPC_BT2020_NCL;
	frame->color_primaries = AVCOL_PRI_BT2020;
	frame->color_trc = AVCOL_TRC_SMPTE2084;
	frame->chroma_location = AVCHROMA_LOC_TOPLEFT;
	describe();
	cr_assert(info.matrix == 9 && info.primaries == 9 && info.transfer == 16);
	cr_assert(info.chroma_location == 1 + 2);
}

/* Range is what the stream says; the old names with a j are full by themselves. */
Test(info, set_picture_range)
{
	cr_assert(describe()->range == ZOE_RANGE_UNKNOWN);
	frame->color_range = AVCOL_RANGE_MPEG;
	cr_assert(describe()->range == ZOE_RANGE_LIMITED);
	frame->color_range = AVCOL_RANGE_JPEG;
	cr_assert(describe()->range == ZOE_RANGE_FULL);
	frame->color_range = AVCOL_RANGE_UNSPECIFIED;
	frame->format = AV_PIX_FMT_YUVJ422P;
	cr_assert(describe()->range == ZOE_RANGE_FULL);
}

static void set_fields(bool interlaced, bool top_first)
{
#ifdef AV_FRAME_FLAG_INTERLACED
	frame->flags = (interlaced ? AV_FRAME_FLAG_INTERLACED : 0) | (top_first ? AV_FRAME_FLAG_TOP_FIELD_FIRST : 0);
#else
	frame->interlaced_frame = interlaced;
	frame->top_field_first = top_first;
#endif
}

/* Which field comes first matters in interlaced pictures alone. */
Test(info, set_picture_field_order)
{
	set_fields(false, true);
	cr_assert(describe()->field_order == ZOE_PROGRESSIVE);
	set_fields(true, true);
	cr_assert(describe()->field_order == ZOE_TOP_FIELD_FIRST);
	set_fields(true, false);
	cr_assert(describe()->field_order == ZOE_BOTTOM_FIELD_FIRST);
}

static void set_key(bool key)
{
#ifdef AV_FRAME_FLAG_KEY
	frame->flags = key ? AV_FRAME_FLAG_KEY : 0;
#else
	frame->key_frame = key;
#endif
}

/* A key picture is marked, beside what was known before; others are not. */
Test(info, set_picture_flags)
{
	picture.flags = ZOE_FRAME_DISCONTINUITY;
	set_key(false);
	cr_assert(describe()->flags == ZOE_FRAME_DISCONTINUITY);
	set_key(true);
	cr_assert(describe()->flags == (ZOE_FRAME_DISCONTINUITY | ZOE_FRAME_KEYFRAME));
	picture.flags = ZOE_FRAME_CORRUPT;
	cr_assert(describe()->flags == (ZOE_FRAME_CORRUPT | ZOE_FRAME_KEYFRAME));
}

/* A picture without any such metadata has no HDR. */
Test(info, set_picture_without_hdr)
{
	describe();
	cr_assert(!info.hdr.has_mastering && !info.hdr.has_light_level);
}

/* The mastering display in the steps of ST 2086, whatever fractions the stream has. */
Test(info, set_picture_mastering)
{
	AVMasteringDisplayMetadata *master = av_mastering_display_metadata_create_side_data(frame);
	cr_assert(master != NULL);
	master->has_primaries = master->has_luminance = 1;
	for (int i = 0; i < 3; i++)
		for (int axis = 0; axis < 2; axis++)
			master->display_primaries[i][axis] = (AVRational){ 1000 * (2 * i + axis + 1), 50000 };
	master->white_point[0] = (AVRational){ 3127, 10000 };
	master->white_point[1] = (AVRational){ 329, 1000 };
	master->max_luminance = (AVRational){ 4000, 1 };
	master->min_luminance = (AVRational){ 2, 3 };
	describe();
	cr_assert(info.hdr.has_mastering == 1 && !info.hdr.has_light_level);
	for (uint32_t i = 0; i < 3; i++)
		for (uint32_t axis = 0; axis < 2; axis++)
			cr_assert(info.hdr.primaries[i][axis] == 1000 * (2 * i + axis + 1));
	cr_assert(info.hdr.white_point[0] == 15635 && info.hdr.white_point[1] == 16450);
	cr_assert(info.hdr.max_luminance == 40000000 && info.hdr.min_luminance == 6667);
}

/* Luminance alone is a mastering display, too; fractions by zero are nothing. */
Test(info, set_picture_mastering_luminance_alone)
{
	AVMasteringDisplayMetadata *master = av_mastering_display_metadata_create_side_data(frame);
	cr_assert(master != NULL);
	master->has_luminance = 1;
	master->max_luminance = (AVRational){ 1000, 1 };
	master->min_luminance = (AVRational){ 1, 0 };
	describe();
	cr_assert(info.hdr.has_mastering == 1 && info.hdr.max_luminance == 10000000);
	cr_assert(info.hdr.min_luminance == 0 && info.hdr.primaries[0][0] == 0);
}

/* Primaries alone are one, too, and nothing else of the record counts. */
Test(info, set_picture_mastering_primaries_alone)
{
	AVMasteringDisplayMetadata *master = av_mastering_display_metadata_create_side_data(frame);
	cr_assert(master != NULL);
	master->has_primaries = 1;
	master->white_point[0] = (AVRational){ 1, 2 };
	master->max_luminance = (AVRational){ 1000, 1 };
	describe();
	cr_assert(info.hdr.has_mastering == 1 && info.hdr.white_point[0] == 25000);
	cr_assert(info.hdr.max_luminance == 0);
}

/* The light levels of the content. */
Test(info, set_picture_light_level)
{
	AVContentLightMetadata *light = av_content_light_metadata_create_side_data(frame);
	cr_assert(light != NULL);
	light->MaxCLL = 1200;
	light->MaxFALL = 400;
	describe();
	cr_assert(info.hdr.has_light_level == 1 && !info.hdr.has_mastering);
	cr_assert(info.hdr.max_content == 1200 && info.hdr.max_average == 400);
}
