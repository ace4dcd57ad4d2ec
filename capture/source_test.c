/* SPDX-License-Identifier: BSD-2-Clause */
/* The built-in test picture, drawn straight into slots. */
#include "source.h"

#include <stdlib.h>

#include "program/picture.h"
#include "publisher.h"
#include "report.h"
#include "settings.h"

struct source_test {
	struct source base;
	struct publisher *publisher;
	struct report *report;
	AVFrame *frame;
	AVRational time_base;
	int width_px, height_px;
	int64_t number;
};

static void close_test(struct source *base)
{
	struct source_test *source = (struct source_test *)base;

	av_frame_free(&source->frame);
	free(source);
}

static enum source_outcome open_test(struct source **out, const struct settings *settings, struct publisher *publisher,
	struct report *report)
{
	struct source_test *source = calloc(1, sizeof(*source));
	AVFrame *frame = av_frame_alloc();
	const struct report_input input = {
		.container = "built in",
		.codec = "test picture",
		.pix_fmt = "yuv420p",
		.in_place = true,
		.width_px = settings->test_size.width_px,
		.height_px = settings->test_size.height_px,
		.rate_fps = av_q2d(settings->test_rate),
		.n_threads = 1,
		.threads = "no",
	};

	if (!source || !frame) {
		report_failure(report, "input (%s): no memory for it", settings->shown_input);
		av_frame_free(&frame);
		free(source);
		return SOURCE_FAILED;
	}
	*source = (struct source_test){
		.base.class = &source_test,
		.publisher = publisher,
		.report = report,
		.frame = frame,
		.time_base = av_inv_q(settings->test_rate),
		.width_px = settings->test_size.width_px,
		.height_px = settings->test_size.height_px,
	};
	publisher_set_stream(publisher, source->time_base, (AVRational){ 1, 1 });
	report_input(report, &input);
	*out = &source->base;
	return SOURCE_OK;
}

static void draw(struct source_test *source)
{
	AVFrame *frame = source->frame;
	struct zi_picture picture = {
		.width_px = (uint32_t)frame->width,
		.height_px = (uint32_t)frame->height,
	};

	for (int i = 0; i < 3; i++) {
		picture.data[i] = frame->data[i];
		picture.stride_bytes[i] = (uint32_t)frame->linesize[i];
	}
	zi_picture_draw(&picture, (uint64_t)source->number);
}

/* Give the frame memory: a slot, or memory of our own while none is free. */
static enum picture_outcome get_memory(struct source_test *source)
{
	AVFrame *frame = source->frame;

	av_frame_unref(frame);
	frame->format = AV_PIX_FMT_YUV420P;
	frame->width = source->width_px;
	frame->height = source->height_px;
	frame->color_range = AVCOL_RANGE_MPEG;
	enum picture_outcome outcome = publisher_get_frame(source->publisher, frame);
	if (outcome == PICTURE_DROPPED && av_frame_get_buffer(frame, 0) == 0)
		return PICTURE_OK;
	return outcome;
}

static enum source_outcome next_test(struct source *base, struct picture *picture)
{
	struct source_test *source = (struct source_test *)base;
	enum picture_outcome outcome = get_memory(source);

	if (outcome != PICTURE_OK)
		return outcome == PICTURE_STOPPED ? SOURCE_END : SOURCE_FAILED;
	int64_t begun_ns = zoe_now_ns();
	draw(source);
	source->report->counters.decoded++;
	*picture = (struct picture){
		.frame = source->frame,
		.coded_width_px = source->width_px,
		.coded_height_px = source->height_px,
		.time_base = source->time_base,
		.sample_aspect = { 1, 1 },
		.frame_rate = av_inv_q(source->time_base),
		.pts = source->number++,
		.duration = 1,
		.read_ns = begun_ns,
		.decoded_ns = zoe_now_ns(),
		.flags = ZOE_FRAME_KEYFRAME,
	};
	return SOURCE_OK;
}

const struct source_class source_test = { .open = open_test, .next = next_test, .close = close_test };
