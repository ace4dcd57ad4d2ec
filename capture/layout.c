/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same geometry as libavcodec gives its own buffers, so that decoders run at their
 * usual speed: aligned strides, extra rows, and bytes to read and write past each plane.
 */
#include "layout.h"

#include <errno.h>
#include <string.h>

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

/* Planes begin on such addresses, and this many bytes at least follow each. */
#define PLANE_ALIGN 64
#define PLANE_PADDING 128

/* What no decoder writes, but libswscale, a copy or we, has rows of whole cache lines. */
static void align_plainly(int *width, int *height, int stride_align[AV_NUM_DATA_POINTERS])
{
	*width = FFALIGN(*width, 64);
	*height = FFALIGN(*height, 2);
	for (int i = 0; i < AV_NUM_DATA_POINTERS; i++)
		stride_align[i] = 64;
}

static int strides_of(struct layout *layout, AVCodecContext *codec, int *height)
{
	int stride_align[AV_NUM_DATA_POINTERS];
	int width = layout->width_px;
	bool unaligned;

	*height = layout->height_px;
	if (codec)
		avcodec_align_dimensions2(codec, &width, height, stride_align);
	else
		align_plainly(&width, height, stride_align);
	/*
	 * Widening the picture, not each plane, keeps the ratio of the strides, which some
	 * decoders take for granted. Adding the lowest set bit ends at a multiple of the alignment.
	 */
	do {
		int error = av_image_fill_linesizes(layout->stride_bytes, layout->format, width);
		if (error < 0)
			return -EINVAL;
		width += width & ~(width - 1);
		unaligned = false;
		for (int i = 0; i < LAYOUT_PLANES; i++)
			unaligned |= layout->stride_bytes[i] % stride_align[i] != 0;
	} while (unaligned);
	return 0;
}

int layout_init(struct layout *layout, AVCodecContext *codec, const AVFrame *frame)
{
	ptrdiff_t strides[LAYOUT_PLANES];
	size_t plane_bytes[LAYOUT_PLANES];
	int height;

	*layout = (struct layout){
		.for_decoder = codec != NULL,
		.format = frame->format,
		.width_px = frame->width,
		.height_px = frame->height,
		.visible_width_px = codec ? codec->width : frame->width,
		.visible_height_px = codec ? codec->height : frame->height,
	};
	int error = strides_of(layout, codec, &height);
	if (error < 0)
		return error;
	for (int i = 0; i < LAYOUT_PLANES; i++)
		strides[i] = layout->stride_bytes[i];
	if (av_image_fill_plane_sizes(plane_bytes, layout->format, height, strides) < 0)
		return -EINVAL;
	for (int i = 0; i < LAYOUT_PLANES && plane_bytes[i] > 0; i++) {
		layout->n_planes = i + 1;
		layout->offset_bytes[i] = layout->total_bytes;
		layout->total_bytes += FFALIGN(plane_bytes[i] + PLANE_PADDING, (size_t)PLANE_ALIGN);
	}
	return 0;
}

bool layout_fits(const struct layout *layout, const AVCodecContext *codec, const AVFrame *frame)
{
	return layout->for_decoder && layout->width_px == frame->width && layout->height_px == frame->height &&
		layout->format == frame->format && layout->visible_width_px == codec->width &&
		layout->visible_height_px == codec->height;
}
