/* SPDX-License-Identifier: BSD-2-Clause */
/* Loaded before libavcodec: each picture takes its decoder ZOE_TEST_DECODE_MS longer. */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

struct AVCodecContext;
struct AVFrame;
int avcodec_receive_frame(struct AVCodecContext *decoder, struct AVFrame *frame);

int avcodec_receive_frame(struct AVCodecContext *decoder, struct AVFrame *frame)
{
	static int (*real)(struct AVCodecContext *, struct AVFrame *);
	const char *ms = getenv("ZOE_TEST_DECODE_MS");
	struct timespec pause = { 0, ms ? atol(ms) * 1000000 : 0 };

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "avcodec_receive_frame");
	int error = real(decoder, frame);
	if (error == 0)
		nanosleep(&pause, NULL);
	return error;
}
