/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loaded before libavcodec: each picture takes its decoder ZOE_TEST_DECODE_MS longer, and the first decoder with the
 * name ZOE_TEST_REFUSED cannot be opened.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libavcodec/avcodec.h>

int avcodec_receive_frame(AVCodecContext *decoder, AVFrame *frame)
{
	static int (*real)(AVCodecContext *, AVFrame *);
	const char *ms = getenv("ZOE_TEST_DECODE_MS");
	struct timespec pause = { 0, ms ? atol(ms) * 1000000 : 0 };

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "avcodec_receive_frame");
	int error = real(decoder, frame);
	if (error == 0)
		nanosleep(&pause, NULL);
	return error;
}

int avcodec_open2(AVCodecContext *decoder, const AVCodec *codec, AVDictionary **options)
{
	static int (*real)(AVCodecContext *, const AVCodec *, AVDictionary **);
	static int n_refused;
	const char *name = getenv("ZOE_TEST_REFUSED");

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "avcodec_open2");
	if (name && codec && strcmp(codec->name, name) == 0 && n_refused++ == 0)
		return AVERROR(ENOMEM);
	return real(decoder, codec, options);
}
