/* SPDX-License-Identifier: BSD-2-Clause */
/* A clip to decode, in a folder of its own that goes with it. */
#ifndef BENCH_CLIP_H
#define BENCH_CLIP_H

#include <stdint.h>

#include "process.h"

struct clip {
	char folder[64], path[80];
};

/*
 * Make a 1080p H.264 clip of so many frames at 30 a second, with ffmpeg: moving shapes and noise, as
 * x264 encodes them by itself (B-frames, 4 references). 0; -EINTR; or another negative errno and `why`.
 */
int clip_make(struct clip *clip, uint32_t n_frames, char why[PROCESS_WHY_BYTES]);

/* Remove it. One that was never made, all zeroes, is fine. */
void clip_finish(struct clip *clip);

#endif
