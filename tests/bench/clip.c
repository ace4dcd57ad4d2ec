/* SPDX-License-Identifier: BSD-2-Clause */
#include "clip.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "bench.h"

#define MAKE_MS 600000

static int encode(const char *path, uint32_t n_frames, char why[PROCESS_WHY_BYTES])
{
	char ffmpeg[512], frames[16];
	snprintf(frames, sizeof(frames), "%u", n_frames);
	const char *const arguments[] = { ffmpeg, "-nostdin", "-v", "error", "-f", "lavfi", "-i",
		"testsrc2=s=1920x1080:r=30,noise=alls=8:allf=t", "-frames:v", frames, "-c:v", "libx264", "-preset",
		"medium", "-refs", "4", "-b:v", "6M", "-pix_fmt", "yuv420p", path, NULL };
	struct process process = { 0 };
	int error = process_find("ffmpeg", "", ffmpeg, sizeof(ffmpeg));
	snprintf(why, PROCESS_WHY_BYTES, "ffmpeg is not installed");
	if (!error)
		error = process_start(&process, "ffmpeg", arguments);
	if (!error)
		error = process_wait(&process, zoe_deadline_in_ms(MAKE_MS), why);
	process_finish(&process);
	return error;
}

int clip_make(struct clip *clip, uint32_t n_frames, char why[PROCESS_WHY_BYTES])
{
	const char *folder = getenv("TMPDIR");
	*clip = (struct clip){ 0 };
	if (!folder || strlen(folder) > 32)
		folder = "/tmp";
	snprintf(clip->folder, sizeof(clip->folder), "%s/zoe-bench-XXXXXX", folder);
	if (!mkdtemp(clip->folder)) {
		int error = -errno;
		snprintf(why, PROCESS_WHY_BYTES, "no folder for a clip (%s): %s", folder, strerror(-error));
		clip->folder[0] = '\0';
		return error;
	}
	snprintf(clip->path, sizeof(clip->path), "%s/clip.mp4", clip->folder);
	bench_progress("zoe-bench: making a clip of %u frames", n_frames);
	int error = encode(clip->path, n_frames, why);
	if (error)
		clip_finish(clip);
	return error;
}

void clip_finish(struct clip *clip)
{
	if (clip->path[0])
		unlink(clip->path);
	if (clip->folder[0])
		rmdir(clip->folder);
	*clip = (struct clip){ 0 };
}
