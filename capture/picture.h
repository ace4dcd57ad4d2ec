/* SPDX-License-Identifier: BSD-2-Clause */
/* A picture on its way from the source to the pool. */
#ifndef CAPTURE_PICTURE_H
#define CAPTURE_PICTURE_H

#include <stdbool.h>
#include <stdbool.h>
#include <stdint.h>

#include <libavutil/frame.h>

/* What shows a picture upright: mirror it left to right, if that is said, and then turn it. */
struct orientation {
	unsigned rotation_deg; /* clockwise: 0, 90, 180, 270 */
	bool mirrored;
};

struct picture {
	AVFrame *frame; /* cropped already; the source's, and valid until the next source_next() */
	int coded_width_px, coded_height_px;
	int crop_left_px, crop_top_px;
	AVRational time_base;
	AVRational sample_aspect;
	AVRational frame_rate;       /* of the stream, on average; 0:1 unknown */
	int64_t pts, duration;       /* in the time base; the pts is always known and rises in a loop */
	int64_t read_ns, decoded_ns; /* CLOCK_MONOTONIC; decoded_ns 0: when it is published */
	int64_t taken_ns;            /* CLOCK_REALTIME, by the camera's clock; 0 unknown */
	struct orientation orientation;
	bool jumped;    /* its time does not run on from that of the picture before */
	unsigned flags; /* ZOE_FRAME_... */
};

/* What becomes of a picture that is to be placed in a slot or published. */
enum picture_outcome {
	PICTURE_OK,
	PICTURE_DROPPED, /* no slot was free */
	PICTURE_STOPPED, /* somebody asked to stop while it waited */
	PICTURE_FAILED,  /* the reason was printed */
};

#endif
