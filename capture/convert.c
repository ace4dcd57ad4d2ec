/* SPDX-License-Identifier: BSD-2-Clause */
/* The same conversion as FFmpeg's scale filter makes by default: bicubic, matrix and range kept. */
#include "convert.h"

#include <string.h>

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "program/message.h"

bool converter_is_needed(const struct converter *converter, int format, int width_px, int height_px)
{
	if (converter->pix_fmt != AV_PIX_FMT_NONE && converter->pix_fmt != format)
		return true;
	return converter->size.width_px > 0 &&
		(converter->size.width_px != width_px || converter->size.height_px != height_px);
}

static enum AVPixelFormat nearest_writable(enum AVPixelFormat format)
{
	const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);
	enum AVPixelFormat best = AV_PIX_FMT_NONE;

	if (!desc || sws_isSupportedOutput(format))
		return format;
	int has_alpha = (desc->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
	for (const AVPixFmtDescriptor *other = NULL; (other = av_pix_fmt_desc_next(other));) {
		enum AVPixelFormat candidate = av_pix_fmt_desc_get_id(other);
		if (sws_isSupportedOutput(candidate))
			best = av_find_best_pix_fmt_of_2(best, candidate, format, has_alpha, NULL);
	}
	return best;
}

void converter_shape(const struct converter *converter, const AVFrame *in, AVFrame *out)
{
	bool is_kept = !converter_is_needed(converter, in->format, in->width, in->height);

	if (converter->pix_fmt != AV_PIX_FMT_NONE)
		out->format = (int)converter->pix_fmt;
	else
		out->format = is_kept ? in->format : (int)nearest_writable(in->format);
	out->width = converter->size.width_px > 0 ? converter->size.width_px : in->width;
	out->height = converter->size.width_px > 0 ? converter->size.height_px : in->height;
}

static bool is_rgb(int format)
{
	const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);

	return desc && (desc->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
}

static bool is_jpeg(int format)
{
	const char *name = av_get_pix_fmt_name(format);

	return name && strncmp(name, "yuvj", 4) == 0;
}

/* What libswscale takes the converted picture to be. */
static void set_colour(const AVFrame *in, AVFrame *out, bool out_is_full)
{
	bool in_is_unknown = in->color_range == AVCOL_RANGE_UNSPECIFIED && !is_jpeg(in->format) && !is_rgb(in->format);

	if (is_rgb(out->format))
		out->colorspace = AVCOL_SPC_RGB;
	else if (is_rgb(in->format))
		out->colorspace = AVCOL_SPC_SMPTE170M;
	if (av_pix_fmt_desc_get(out->format)->log2_chroma_w == 0)
		out->chroma_location = AVCHROMA_LOC_UNSPECIFIED;
	if (is_rgb(out->format) || out_is_full)
		out->color_range = AVCOL_RANGE_JPEG;
	else
		out->color_range = in_is_unknown ? AVCOL_RANGE_UNSPECIFIED : AVCOL_RANGE_MPEG;
}

/*
 * The picture's own matrix and range; libswscale knows the range that an output format
 * has by custom (yuvj420p and gray are full). Says whether the output is full range.
 */
static bool set_matrix(struct SwsContext *context, const AVFrame *in)
{
	int *from, *to, from_is_full, to_is_full, brightness, contrast, saturation;
	const int *matrix = sws_getCoefficients(is_rgb(in->format) ? SWS_CS_DEFAULT : (int)in->colorspace);

	if (sws_getColorspaceDetails(context, &from, &from_is_full, &to, &to_is_full, &brightness, &contrast,
		    &saturation) < 0)
		return false;
	if (in->color_range != AVCOL_RANGE_UNSPECIFIED)
		from_is_full = in->color_range == AVCOL_RANGE_JPEG;
	sws_setColorspaceDetails(context, matrix, from_is_full, matrix, to_is_full, brightness, contrast, saturation);
	return to_is_full != 0;
}

static AVRational scaled_aspect(AVRational aspect, const AVFrame *in, const AVFrame *out)
{
	AVRational scaled = aspect;

	if (aspect.num > 0)
		av_reduce(&scaled.num, &scaled.den, (int64_t)aspect.num * in->width * out->height,
			(int64_t)aspect.den * in->height * out->width, INT32_MAX);
	return scaled;
}

/* What will not be as was asked for, or not right, once for each kind of pictures. */
static void warn(struct converter *converter, const AVFrame *in, const AVFrame *out)
{
	bool is_known = in->colorspace != AVCOL_SPC_YCGCO && in->colorspace < AVCOL_SPC_BT2020_CL;

	if (converter->pix_fmt == AV_PIX_FMT_NONE && out->format != in->format &&
		converter->warned_format != in->format)
		zi_message("--size: nothing here scales to %s: the frames become %s", av_get_pix_fmt_name(in->format),
			av_get_pix_fmt_name(out->format));
	if (!is_known && !is_rgb(in->format) && is_rgb(out->format) && converter->warned_matrix != (int)in->colorspace)
		zi_message(
			"--pix-fmt (%s): the colours will not be right: libswscale does not know the matrix of this "
			"stream (%s)",
			av_get_pix_fmt_name(out->format), av_color_space_name(in->colorspace));
	converter->warned_format = in->format;
	converter->warned_matrix = (int)in->colorspace;
}

int converter_run(struct converter *converter, struct picture *picture, AVFrame *out)
{
	const AVFrame *in = picture->frame;

	converter->context = sws_getCachedContext(converter->context, in->width, in->height, in->format, out->width,
		out->height, out->format, SWS_BICUBIC, NULL, NULL, NULL);
	if (!converter->context)
		return AVERROR(EINVAL);
	int error = av_frame_copy_props(out, in);
	if (error < 0)
		return error;
	warn(converter, in, out);
	set_colour(in, out, set_matrix(converter->context, in));
	int n_rows = sws_scale(converter->context, (const uint8_t *const *)in->data, in->linesize, 0, in->height,
		out->data, out->linesize);
	if (n_rows < 0)
		return n_rows;
	picture->sample_aspect = scaled_aspect(picture->sample_aspect, in, out);
	picture->coded_width_px = out->width;
	picture->coded_height_px = out->height;
	picture->crop_left_px = 0;
	picture->crop_top_px = 0;
	picture->frame = out;
	return 0;
}

void converter_finish(struct converter *converter)
{
	sws_freeContext(converter->context);
	converter->context = NULL;
}
