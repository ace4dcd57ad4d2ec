/* SPDX-License-Identifier: BSD-2-Clause */
/* --pix-fmt and --size: when they convert, and what the picture is then said to be. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "convert.h"

static struct converter converter;
static struct picture picture;
static AVFrame *in, *out;

static void allocate(AVFrame *frame, int format, int width, int height)
{
	frame->format = format;
	frame->width = width;
	frame->height = height;
	cr_assert(av_frame_get_buffer(frame, 64) == 0);
}

/* A picture of one colour, 64x48. */
static void paint(int format, uint8_t y, uint8_t u, uint8_t v)
{
	allocate(in, format, 64, 48);
	memset(in->data[0], y, (size_t)in->linesize[0] * 48);
	memset(in->data[1], u, (size_t)in->linesize[1] * 24);
	memset(in->data[2], v, (size_t)in->linesize[2] * 24);
}

static void begin(void)
{
	in = av_frame_alloc();
	out = av_frame_alloc();
	cr_assert(in && out);
	converter = (struct converter){ .pix_fmt = AV_PIX_FMT_NONE };
	picture = (struct picture){ .frame = in,
		.coded_width_px = 80,
		.coded_height_px = 64,
		.crop_left_px = 8,
		.crop_top_px = 4,
		.sample_aspect = { 1, 1 } };
}

static void end(void)
{
	converter_finish(&converter);
	av_frame_free(&in);
	av_frame_free(&out);
}

static void run(void)
{
	converter_shape(&converter, in, out);
	allocate(out, out->format, out->width, out->height);
	cr_assert(converter_run(&converter, &picture, out) == 0);
	cr_assert(picture.frame == out);
}

static bool is_near(int value, int wanted)
{
	return abs(value - wanted) <= 3;
}

TestSuite(convert, .init = begin, .fini = end);

/* Only another format or another size than the wanted one needs a conversion. */
Test(convert, is_needed)
{
	cr_assert(!converter_is_needed(&converter, AV_PIX_FMT_YUV420P, 640, 480));
	converter.pix_fmt = AV_PIX_FMT_RGB24;
	cr_assert(converter_is_needed(&converter, AV_PIX_FMT_YUV420P, 640, 480));
	cr_assert(!converter_is_needed(&converter, AV_PIX_FMT_RGB24, 640, 480));
	converter.size = (struct zi_size){ 640, 480 };
	cr_assert(!converter_is_needed(&converter, AV_PIX_FMT_RGB24, 640, 480));
	cr_assert(converter_is_needed(&converter, AV_PIX_FMT_RGB24, 640, 360));
	cr_assert(converter_is_needed(&converter, AV_PIX_FMT_RGB24, 320, 480));
}

/* What is not asked for stays as it is. */
Test(convert, shape)
{
	in->format = AV_PIX_FMT_YUV420P;
	in->width = 64;
	in->height = 48;
	converter.pix_fmt = AV_PIX_FMT_GRAY8;
	converter_shape(&converter, in, out);
	cr_assert(out->format == AV_PIX_FMT_GRAY8 && out->width == 64 && out->height == 48);
	converter = (struct converter){ .pix_fmt = AV_PIX_FMT_NONE, .size = { 32, 20 } };
	converter_shape(&converter, in, out);
	cr_assert(out->format == AV_PIX_FMT_YUV420P && out->width == 32 && out->height == 20);
}

/* What libswscale cannot write becomes, when it is scaled, the nearest that it can, of as many channels and bits. */
Test(convert, shape_of_the_unwritable)
{
	in->format = AV_PIX_FMT_PAL8;
	in->width = 64;
	in->height = 48;
	converter_shape(&converter, in, out);
	cr_assert(out->format == AV_PIX_FMT_PAL8, "it is only copied");
	converter.size = (struct zi_size){ 32, 24 };
	for (const AVPixFmtDescriptor *d = NULL; (d = av_pix_fmt_desc_next(d));) {
		in->format = av_pix_fmt_desc_get_id(d);
		converter_shape(&converter, in, out);
		if (sws_isSupportedOutput(in->format))
			cr_assert(out->format == in->format, "%s", d->name);
		else
			cr_assert(sws_isSupportedOutput(out->format), "%s", d->name);
	}
	in->format = AV_PIX_FMT_PAL8;
	converter_shape(&converter, in, out);
	const AVPixFmtDescriptor *chosen = av_pix_fmt_desc_get(out->format);
	cr_assert(chosen->nb_components == 4 && chosen->comp[0].depth == 8 && (chosen->flags & AV_PIX_FMT_FLAG_RGB),
		"%s", chosen->name);
}

/* The same red comes out by the stream's own matrix: BT.709 and BT.601 write it differently. */
Test(convert, run_with_the_streams_matrix)
{
	static const struct {
		enum AVColorSpace matrix;
		uint8_t y, u, v;
	} reds[] = {
		{ AVCOL_SPC_BT709, 63, 102, 240 },
		{ AVCOL_SPC_SMPTE170M, 81, 90, 240 },
	};

	converter.pix_fmt = AV_PIX_FMT_RGB24;
	for (int i = 0; i < 2; i++) {
		paint(AV_PIX_FMT_YUV420P, reds[i].y, reds[i].u, reds[i].v);
		in->colorspace = reds[i].matrix;
		in->color_range = AVCOL_RANGE_MPEG;
		picture.frame = in;
		run();
		const uint8_t *pixel = out->data[0] + 20 * out->linesize[0] + 3 * 20;
		cr_assert(is_near(pixel[0], 255) && is_near(pixel[1], 0) && is_near(pixel[2], 0), "%d: %d %d %d", i,
			pixel[0], pixel[1], pixel[2]);
		cr_assert(out->colorspace == AVCOL_SPC_RGB && out->color_range == AVCOL_RANGE_JPEG);
		av_frame_unref(in);
		av_frame_unref(out);
	}
}

/* Full range stays bright enough: luma 235 is white in limited range alone. */
Test(convert, run_with_the_streams_range)
{
	converter.pix_fmt = AV_PIX_FMT_RGB24;
	paint(AV_PIX_FMT_YUV420P, 235, 128, 128);
	in->color_range = AVCOL_RANGE_JPEG;
	run();
	cr_assert(is_near(out->data[0][0], 235));
	in->color_range = AVCOL_RANGE_MPEG;
	picture.frame = in;
	av_frame_unref(out);
	run();
	cr_assert(is_near(out->data[0][0], 255));
}

/* The old names with a j are full range without saying so, and what they become is limited. */
Test(convert, run_from_full_range_by_name)
{
	paint(AV_PIX_FMT_YUVJ420P, 235, 128, 128);
	converter.pix_fmt = AV_PIX_FMT_RGB24;
	run();
	cr_assert(is_near(out->data[0][0], 235));
	av_frame_unref(out);
	picture.frame = in;
	converter.pix_fmt = AV_PIX_FMT_YUV420P;
	run();
	cr_assert(is_near(out->data[0][0], 16 + 235 * 219 / 255) && out->color_range == AVCOL_RANGE_MPEG);
}

/* White in RGB, or by its palette, is white in YUV: of BT.601, in the range that the format has by custom. */
Test(convert, run_from_rgb)
{
	static const struct {
		int from, to;
		enum AVColorRange range;
		uint8_t white;
	} rows[] = {
		{ AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, 235 },
		{ AV_PIX_FMT_RGB24, AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_JPEG, 255 },
		{ AV_PIX_FMT_RGB24, AV_PIX_FMT_GRAY8, AVCOL_RANGE_JPEG, 255 },
		{ AV_PIX_FMT_PAL8, AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, 235 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		allocate(in, rows[i].from, 64, 48);
		memset(in->data[0], 255, (size_t)in->linesize[0] * 48);
		if (rows[i].from == AV_PIX_FMT_PAL8)
			memset(in->data[1], 255, AVPALETTE_SIZE);
		converter.pix_fmt = rows[i].to;
		picture.frame = in;
		run();
		cr_assert(is_near(out->data[0][20], rows[i].white), "%zu: %d", i, out->data[0][20]);
		cr_assert(out->color_range == rows[i].range, "%zu: range %d", i, out->color_range);
		cr_assert(out->colorspace == AVCOL_SPC_SMPTE170M, "%zu", i);
		av_frame_unref(in);
		av_frame_unref(out);
	}
}

/* What nobody said stays unsaid, and only formats that have chroma say where it lies. */
Test(convert, run_and_describe_colour)
{
	paint(AV_PIX_FMT_YUV420P, 100, 128, 128);
	in->colorspace = AVCOL_SPC_BT709;
	in->chroma_location = AVCHROMA_LOC_LEFT;
	converter.pix_fmt = AV_PIX_FMT_NV12;
	run();
	cr_assert(out->color_range == AVCOL_RANGE_UNSPECIFIED && out->colorspace == AVCOL_SPC_BT709);
	cr_assert(out->chroma_location == AVCHROMA_LOC_LEFT);
	av_frame_unref(out);
	converter.pix_fmt = AV_PIX_FMT_YUV444P;
	picture.frame = in;
	run();
	cr_assert(out->chroma_location == AVCHROMA_LOC_UNSPECIFIED);
}

/* Squeezed to half its width a picture is shown as wide as before; its crop is no longer known. */
Test(convert, run_to_another_size)
{
	paint(AV_PIX_FMT_YUV420P, 100, 128, 128);
	converter.size = (struct zi_size){ 32, 48 };
	run();
	cr_assert(picture.sample_aspect.num == 2 && picture.sample_aspect.den == 1);
	cr_assert(picture.coded_width_px == 32 && picture.coded_height_px == 48);
	cr_assert(picture.crop_left_px == 0 && picture.crop_top_px == 0);
	cr_assert(is_near(out->data[0][10], 100));
}

/* An unknown aspect stays unknown whatever the size. */
Test(convert, run_with_unknown_aspect)
{
	paint(AV_PIX_FMT_YUV420P, 100, 128, 128);
	converter.size = (struct zi_size){ 32, 48 };
	picture.sample_aspect = (AVRational){ 0, 1 };
	run();
	cr_assert(picture.sample_aspect.num == 0);
}
