/* SPDX-License-Identifier: BSD-2-Clause */
/* A live source, a capture of it and a window on that, run once. */
#ifndef BENCH_STAGES_RUN_H
#define BENCH_STAGES_RUN_H

#include <stdint.h>

#include <jansson.h>

#include "process.h"

/* What decoder threads work on. */
enum stages_threads {
	STAGES_ONE_THREAD,
	STAGES_SLICE_THREADS, /* the slices of one frame: what zoe-capture does with live sources */
	STAGES_FRAME_THREADS, /* a frame each: what it does with files */
};

struct stages_run {
	enum stages_threads threads;
	uint32_t n_threads; /* unless it is one */
	uint32_t width_px, height_px, fps;
	uint32_t n_frames; /* to be shown */
};

/*
 * Encode a moving picture as it happens (ffmpeg, H.264 without delay, in as many slices as there are
 * threads), send it by UDP on this machine to zoe-capture, and show it by zoe-display: *end is what that
 * prints at its end, to be given to json_decref(). 0; -EINTR; or another negative errno and why.
 */
int stages_run(const struct stages_run *run, json_t **end, char why[PROCESS_WHY_BYTES]);

#endif
