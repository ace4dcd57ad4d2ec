/* SPDX-License-Identifier: BSD-2-Clause */
/* Where planes lie: for every pixel format that can be in memory, in sizes that nothing divides. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

#include "info.h"
#include "layout.h"
#include "pool/layout/planes.h"

static const int sizes[][2] = { { 1, 1 }, { 17, 5 }, { 641, 359 }, { 640, 360 } };

static struct layout layout;
static AVCodecContext *codec;
static AVFrame *frame;

static void begin(void)
{
	frame = av_frame_alloc();
	codec = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264));
	cr_assert(frame && codec);
}

static void end(void)
{
	av_frame_free(&frame);
	avcodec_free_context(&codec);
}

static void shape(enum AVPixelFormat format, int width, int height)
{
	frame->format = format;
	frame->width = width;
	frame->height = height;
	codec->pix_fmt = format;
	codec->width = codec->coded_width = width;
	codec->height = codec->coded_height = height;
}

static bool is_in_memory(const AVPixFmtDescriptor *format)
{
	return !(format->flags & AV_PIX_FMT_FLAG_HWACCEL) &&
		av_pix_fmt_count_planes(av_pix_fmt_desc_get_id(format)) > 0;
}

TestSuite(layout, .init = begin, .fini = end, .timeout = 60);

/* Planes begin on cache lines in plain layouts, rows too, and each plane has space after it. */
static void check_plain(const char *name)
{
	size_t previous_end = 0;

	for (int i = 0; i < layout.n_planes; i++) {
		int row_bytes = av_image_get_linesize(layout.format, layout.width_px, i);
		cr_assert(layout.offset_bytes[i] % 64 == 0 && layout.stride_bytes[i] % 64 == 0, "%s", name);
		cr_assert(layout.stride_bytes[i] >= row_bytes, "%s", name);
		cr_assert(i == 0 || layout.offset_bytes[i] >= previous_end + 128, "%s", name);
		previous_end = layout.offset_bytes[i] + (size_t)layout.stride_bytes[i];
	}
	cr_assert(layout.total_bytes >= previous_end + 128, "%s", name);
}

/* Every format in every size gets a layout with aligned rows and planes apart from each other. */
Test(layout, init_of_every_format)
{
	int n = 0;

	for (const AVPixFmtDescriptor *d = NULL; (d = av_pix_fmt_desc_next(d));) {
		for (size_t k = 0; k < 4 && is_in_memory(d); k++, n++) {
			shape(av_pix_fmt_desc_get_id(d), sizes[k][0], sizes[k][1]);
			cr_assert(layout_init(&layout, NULL, frame) == 0, "%s", d->name);
			check_plain(d->name);
		}
	}
	cr_assert(n > 400, "%d", n);
}

/* What a reader finds by the published planes: rows without their padding, one plane after the other. */
static size_t gather(uint8_t *out, const struct zoe_frame_info *info, const uint8_t *base)
{
	size_t n = 0;

	for (uint32_t i = 0; i < info->n_planes; i++)
		for (uint32_t row = 0; row < info->planes[i].rows; row++, n += info->planes[i].row_bytes)
			memcpy(out + n,
				base + info->planes[i].offset_bytes + (uint64_t)row * info->planes[i].stride_bytes,
				info->planes[i].row_bytes);
	return n;
}

static void check_picture(const AVPixFmtDescriptor *format, int width, int height)
{
	struct zoe_frame_info info = { 0 };
	uint8_t *planes[4];
	int strides[4];

	shape(av_pix_fmt_desc_get_id(format), width, height);
	layout_init(&layout, NULL, frame);
	size_t n_bytes = (size_t)av_image_get_buffer_size(layout.format, width, height, 1);
	uint8_t *packed = malloc(n_bytes), *seen = malloc(n_bytes), *base = malloc(layout.total_bytes);
	cr_assert(packed && seen && base);
	for (size_t i = 0; i < n_bytes; i++)
		packed[i] = (uint8_t)(i * 31 + i / 256);
	for (int i = 0; i < layout.n_planes; i++) {
		frame->data[i] = base + layout.offset_bytes[i];
		frame->linesize[i] = layout.stride_bytes[i];
	}
	av_image_fill_arrays(planes, strides, packed, layout.format, width, height, 1);
	av_image_copy(frame->data, frame->linesize, (const uint8_t **)planes, strides, layout.format, width, height);
	cr_assert(info_set_planes(&info, frame, base, layout.total_bytes), "%s", format->name);
	cr_assert(zi_planes_fit(&info, layout.total_bytes), "%s", format->name);
	cr_assert(gather(seen, &info, base) == n_bytes, "%s: other sizes than libavutil's", format->name);
	cr_assert(memcmp(seen, packed, n_bytes) == 0, "%s: other bytes than the picture's", format->name);
	free(packed);
	free(seen);
	free(base);
}

/* In every format, palettes and bits included, readers find byte for byte the picture that was put there. */
Test(layout, init_and_read_every_format)
{
	for (const AVPixFmtDescriptor *d = NULL; (d = av_pix_fmt_desc_next(d));)
		for (size_t k = 0; k < 2 && is_in_memory(d); k++)
			check_picture(d, sizes[k][0], sizes[k][1]);
}

/* An indexed picture has a second plane, its palette. */
Test(layout, init_of_pal8)
{
	shape(AV_PIX_FMT_PAL8, 100, 50);
	cr_assert(layout_init(&layout, NULL, frame) == 0);
	cr_assert(layout.n_planes == 2 && layout.stride_bytes[0] == 128);
	cr_assert(layout.total_bytes >= layout.offset_bytes[1] + 1024);
}

/* A sample of more than eight bits takes two bytes. */
Test(layout, init_of_ten_bits)
{
	shape(AV_PIX_FMT_YUV420P10, 640, 360);
	cr_assert(layout_init(&layout, NULL, frame) == 0);
	cr_assert(layout.stride_bytes[0] == 1280 && layout.stride_bytes[1] == 640);
}

/* A decoder has the strides and extra rows that libavcodec gives its own buffers. */
Test(layout, init_for_a_decoder)
{
	int align[AV_NUM_DATA_POINTERS], width = 641, height = 359;

	shape(AV_PIX_FMT_YUV420P, width, height);
	avcodec_align_dimensions2(codec, &width, &height, align);
	cr_assert(height > 359, "or the test proves nothing");
	cr_assert(layout_init(&layout, codec, frame) == 0 && layout.for_decoder);
	for (int i = 0; i < 3; i++) {
		int rows = i ? height / 2 : height;
		cr_assert(layout.stride_bytes[i] % align[i] == 0);
		cr_assert(layout.stride_bytes[i] >= (i ? width / 2 : width));
		cr_assert((i < 2 ? layout.offset_bytes[i + 1] : layout.total_bytes) >=
			layout.offset_bytes[i] + (size_t)(rows * layout.stride_bytes[i]));
	}
	cr_assert(layout.stride_bytes[0] == 2 * layout.stride_bytes[1]);
	cr_assert(layout.width_px == 641 && layout.height_px == 359);
}

/* What no memory can hold has no layout. */
Test(layout, init_of_what_is_not_in_memory)
{
	shape(AV_PIX_FMT_VAAPI, 640, 360);
	cr_assert(layout_init(&layout, NULL, frame) < 0 || layout.n_planes == 0);
	shape(AV_PIX_FMT_NONE, 640, 360);
	cr_assert(layout_init(&layout, NULL, frame) < 0);
}

/* A buffer fits the next picture while its format and both its sizes stay. */
Test(layout, fits)
{
	shape(AV_PIX_FMT_YUV420P, 640, 368);
	codec->height = 360;
	layout_init(&layout, codec, frame);
	cr_assert(layout_fits(&layout, codec, frame));
	frame->format = AV_PIX_FMT_YUV422P;
	cr_assert(!layout_fits(&layout, codec, frame));
	frame->format = AV_PIX_FMT_YUV420P;
	frame->width = 656;
	cr_assert(!layout_fits(&layout, codec, frame));
	frame->width = 640;
	codec->height = 352;
	cr_assert(!layout_fits(&layout, codec, frame), "another crop");
	codec->height = 368;
	layout_init(&layout, NULL, frame);
	cr_assert(!layout_fits(&layout, codec, frame), "no space for a decoder");
}
