/* SPDX-License-Identifier: BSD-2-Clause */
/* What the name of an input says of who is at the other end. */
#ifndef CAPTURE_URL_H
#define CAPTURE_URL_H

#include <stdbool.h>

#include <libavutil/dict.h>

/* A protocol of what happens now. */
bool url_is_live(const char *url);

/* HTTP, over which both films and cameras come. */
bool url_is_web(const char *url);

/* Nobody is called, by the url or by FFmpeg's options: who sends comes when it likes. */
bool url_listens(const char *url, const AVDictionary *options);

#endif
