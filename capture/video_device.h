/* SPDX-License-Identifier: BSD-2-Clause */
/* What a video device says of itself. */
#ifndef CAPTURE_VIDEO_DEVICE_H
#define CAPTURE_VIDEO_DEVICE_H

#include <jansson.h>

/*
 * "card", "driver", "bus", "formats" and "error" (what keeps it from being captured) of the device at path, as zoe-capture(1)
 * has them; what is not known is null, and "formats" then empty. Nothing of the device is changed. The caller's
 * to json_decref(). NULL: it takes no pictures (metadata, a codec, an output), is gone, or there is no memory.
 */
json_t *video_device_describe(const char *path);

#endif
