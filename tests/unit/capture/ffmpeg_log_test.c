/* SPDX-License-Identifier: BSD-2-Clause */
/* What FFmpeg logs is passed on without the passwords of URLs. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/log.h>

#include "ffmpeg_log.h"

#define URL "http://user:p?ss@host/a?b=c"

Test(ffmpeg_log, error_is_remembered)
{
	char error[256];

	ffmpeg_log_init(false);
	av_log(NULL, AV_LOG_ERROR, "%s failed: %d\n", URL, 5);
	ffmpeg_log_take_error(error, sizeof(error));
	cr_assert_str_eq(error, "http://user:***@host/a failed: 5");
	ffmpeg_log_take_error(error, sizeof(error));
	cr_assert_str_empty(error);
}

/* Before it is cut to what there is room for, so that no half of a password is left. */
Test(ffmpeg_log, long_error)
{
	char error[256];

	ffmpeg_log_init(false);
	for (int n_before = 225; n_before < 255; n_before++) {
		av_log(NULL, AV_LOG_ERROR, "%*s%s\n", n_before, "", URL);
		ffmpeg_log_take_error(error, sizeof(error));
		cr_assert(strstr(error, "h") && !strchr(error, '?') && !strstr(error, "ss"), "%s", error + n_before);
	}
}

Test(ffmpeg_log, shown, .init = cr_redirect_stderr)
{
	ffmpeg_log_init(true);
	av_log(NULL, AV_LOG_INFO, "Opening '%s' for reading\n", URL);
	fflush(stderr);
	cr_assert_stderr_eq_str("Opening 'http://user:***@host/a?b=c' for reading\n");
}

/* The words of libavformat's rtpdec.c. */
Test(ffmpeg_log, gaps)
{
	ffmpeg_log_init(false);
	av_log(NULL, AV_LOG_WARNING, "RTP: dropping old packet received too late\n");
	av_log(NULL, AV_LOG_ERROR, "missed the beginning\n");
	cr_assert(ffmpeg_log_count(FFMPEG_LOG_GAP) == 0 && ffmpeg_log_count(FFMPEG_LOG_OLD_PACKET) == 1);
	av_log(NULL, AV_LOG_WARNING, "RTP: missed %d packets\n", 3);
	cr_assert(ffmpeg_log_count(FFMPEG_LOG_GAP) == 1);
	av_log(NULL, AV_LOG_ERROR, "RTP: PT=%02x: bad cseq %04x expected=%04x\n", 96, 7, 5);
	cr_assert(ffmpeg_log_count(FFMPEG_LOG_GAP) == 2);
}

/* The words of libavcodec's h264_slice.c and hevc_refs.c, at whatever level. */
Test(ffmpeg_log, missing_pictures)
{
	ffmpeg_log_init(false);
	av_log(NULL, AV_LOG_DEBUG, "nal_unit_type: %d\n", 5);
	cr_assert(ffmpeg_log_count(FFMPEG_LOG_LACKS_PICTURE) == 0);
	av_log(NULL, AV_LOG_DEBUG, "Frame num gap %d %d\n", 3, 1);
	av_log(NULL, AV_LOG_ERROR, "Could not find ref with POC %d\n", 7);
	cr_assert(ffmpeg_log_count(FFMPEG_LOG_LACKS_PICTURE) == 2 && ffmpeg_log_count(FFMPEG_LOG_GAP) == 0);
}
