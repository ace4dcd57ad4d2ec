/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said of an input that cannot be opened, and whether it is tried again. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include <libavutil/error.h>

#include "open_error.h"

#define ENCODE "percent-encode the password"

static const struct {
	const char *name;
	int error;
	const char *hint; /* a part of it */
	bool may_pass, is_mistake;
} cases[] = {
	{ "missing.mp4", AVERROR(ENOENT), "is the name right", false, false },
	{ "words.mp4", AVERROR_INVALIDDATA, "cut before its index", true, false },
	{ "/dev/video7", AVERROR(ENOENT), "--list-devices", false, false },
	{ "nosuch:x", AVERROR_PROTOCOL_NOT_FOUND, "ffmpeg -protocols", false, true },
	{ "127.0.0.1:7101/cam", AVERROR_PROTOCOL_NOT_FOUND, "is rtsp:// missing", false, true },
	{ "rtsp://host:99999/cam", AVERROR(EINVAL), "1 to 65535", false, true },
	{ "rtsp://host/cam", AVERROR(ECONNREFUSED), "is the other side there?", true, false },
	{ "rtsp://host/cam", AVERROR_INVALIDDATA, "zoe-capture -v", true, false },
	{ "rtsp://host/cam", AVERROR_HTTP_NOT_FOUND, "--reconnect always waits for it", false, false },
	{ "rtsp://host/cam", AVERROR(EPROTONOSUPPORT), "-rtsp_transport udp", false, false },
	{ "sctp://host:80", AVERROR(EPROTONOSUPPORT), "zoe-capture -v", false, false },
	{ "rtsp://host/cam", AVERROR_HTTP_UNAUTHORIZED, "rtsp://USER:PASSWORD@", false, false },
	{ "http://host/cam", AVERROR_HTTP_UNAUTHORIZED, "http://USER:PASSWORD@", false, false },
	{ "rtsp://u:p@host/cam", AVERROR_HTTP_UNAUTHORIZED, "are user and password right?", false, false },
	{ "rtsp://u:p@q@host/cam", AVERROR_HTTP_UNAUTHORIZED, ENCODE, false, false },
	{ "rtsp://u:p@q@host/cam", AVERROR(ECONNREFUSED), "is the other side there?", true, false },
	{ "rtsp://u:p@q#r@host/cam", AVERROR(EIO), ENCODE, false, true },
	{ "http://host/cam", AVERROR(ECONNREFUSED), "--reconnect always waits for it", true, false },
	{ "http://host/cam", AVERROR(EIO), "--reconnect always waits for it", true, false },
	{ "http://host/cam", AVERROR_HTTP_FORBIDDEN, "zoe-capture -v", false, false },
};

Test(open_error, what_helps)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name = cases[i].name, *hint = open_error_hint(name, cases[i].error);
		cr_assert(strstr(hint, cases[i].hint), "%s: %s", name, hint);
		cr_assert(open_error_may_pass(name, cases[i].error) == cases[i].may_pass, "%s", name);
		cr_assert(open_error_is_mistake(name, cases[i].error) == cases[i].is_mistake, "%s", name);
	}
}

Test(open_error, words)
{
	cr_assert(strstr(open_error_words("rtsp://host/cam", AVERROR_INVALIDDATA), "speaks no RTSP, or hung up"));
	cr_assert(strstr(open_error_words("rtsps://host/cam", AVERROR_EOF), "speaks no RTSP, or hung up"));
	cr_assert(!open_error_words("http://host/cam", AVERROR_INVALIDDATA));
	cr_assert(!open_error_words("rtsp://host/cam", AVERROR(EIO)));
	/* FFmpeg looks for the host "q". */
	cr_assert(open_error_hides_detail("rtsp://u:p@q#r@host/cam"));
	cr_assert(!open_error_hides_detail("rtsp://u:p@q@host/cam"));
}
