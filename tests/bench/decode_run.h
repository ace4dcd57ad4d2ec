/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that decode the same file, each run once, and the CPU time that it took. */
#ifndef BENCH_DECODE_RUN_H
#define BENCH_DECODE_RUN_H

#include <stdint.h>

#include <zoetrope/zoetrope.h>

#include "process.h"

#define DECODE_MAX_READERS 16

/* What all runs have in common. */
struct decode_job {
	const char *file;
	char zoe_capture[512], ffmpeg[512];
	char threads[16];
	char pool[ZOE_NAME_BYTES];
	/* Of zoe-capture's last run: */
	uint64_t n_frames; /* published */
	uint64_t n_copied, n_dropped;
	char why[PROCESS_WHY_BYTES]; /* what went wrong, if something did */
};

/* Find the programs. 0, or -ENOENT and why. */
int decode_job_init(struct decode_job *job, const char *file, uint32_t threads);

/* Seconds of user and system time; what was not run stays 0. */
struct decode_cpu {
	double programs_s;
	double readers_s; /* from each one's first frame on */
};

/* 0; -EINTR; or another negative errno and why. */

/* So many ffmpegs at once; `format` "null" throws frames away, "rawvideo" copies each once before. */
int decode_ffmpeg(struct decode_job *job, const char *format, uint32_t n_at_once, struct decode_cpu *cpu);

/* One zoe-capture, with so many readers, each of which gets each frame and touches all of it. */
int decode_capture(struct decode_job *job, uint32_t n_readers, struct decode_cpu *cpu);

#endif
