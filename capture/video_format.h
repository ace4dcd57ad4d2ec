/* SPDX-License-Identifier: BSD-2-Clause */
/* What FFmpeg calls the formats of video devices. */
#ifndef CAPTURE_VIDEO_FORMAT_H
#define CAPTURE_VIDEO_FORMAT_H

#include <stdint.h>

/*
 * The name that -input_format and -pixel_format take for a format of V4L2 (V4L2_PIX_FMT_…): a codec's or a pixel
 * format's. NULL: FFmpeg does not read it from a device.
 */
const char *video_format_name(uint32_t v4l2_format);

#endif
