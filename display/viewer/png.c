/* SPDX-License-Identifier: BSD-2-Clause */
/* One frame through libavcodec's PNG encoder, one packet into a file. */
#include "png.h"

#include <errno.h>
#include <stdio.h>

#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>

static int open_encoder(AVCodecContext **encoder, const struct png_pixels *pixels)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
	AVCodecContext *c = codec ? avcodec_alloc_context3(codec) : NULL;

	if (!c)
		return -ENOMEM;
	c->width = pixels->width_px;
	c->height = pixels->height_px;
	c->pix_fmt = AV_PIX_FMT_RGB24;
	c->time_base = (AVRational){ 1, 1 };
	c->sample_aspect_ratio = (AVRational){ pixels->sar_num, pixels->sar_den };
	c->thread_count = 1;
	if (avcodec_open2(c, codec, NULL) < 0) {
		avcodec_free_context(&c);
		return -EINVAL;
	}
	*encoder = c;
	return 0;
}

static int make_frame(AVFrame **frame, const struct png_pixels *pixels)
{
	AVFrame *f = av_frame_alloc();

	if (!f)
		return -ENOMEM;
	f->format = AV_PIX_FMT_RGB24;
	f->width = pixels->width_px;
	f->height = pixels->height_px;
	f->sample_aspect_ratio = (AVRational){ pixels->sar_num, pixels->sar_den };
	if (av_frame_get_buffer(f, 0) < 0) {
		av_frame_free(&f);
		return -ENOMEM;
	}
	av_image_copy_plane(f->data[0], f->linesize[0], pixels->rgb, pixels->stride_bytes, pixels->width_px * 3,
		pixels->height_px);
	*frame = f;
	return 0;
}

static int write_file(const char *path, const AVPacket *packet)
{
	FILE *file = fopen(path, "wbe");
	size_t written;

	if (!file)
		return -errno;
	errno = EIO;
	written = fwrite(packet->data, 1, (size_t)packet->size, file);
	if (fclose(file) != 0 || written != (size_t)packet->size)
		return -errno;
	return 0;
}

int png_write(const char *path, const struct png_pixels *pixels)
{
	AVCodecContext *encoder = NULL;
	AVFrame *frame = NULL;
	AVPacket *packet = av_packet_alloc();
	int error = packet ? open_encoder(&encoder, pixels) : -ENOMEM;

	if (error)
		goto free_packet;
	error = make_frame(&frame, pixels);
	if (error)
		goto close_encoder;
	error = -EINVAL;
	if (avcodec_send_frame(encoder, frame) == 0 && avcodec_receive_packet(encoder, packet) == 0)
		error = write_file(path, packet);
	av_frame_free(&frame);
close_encoder:
	avcodec_free_context(&encoder);
free_packet:
	av_packet_free(&packet);
	return error;
}
