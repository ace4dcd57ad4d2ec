/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is at the other end of a URL. */
#include <criterion/criterion.h>

#include "url.h"

static AVDictionary *options;

static void end(void)
{
	av_dict_free(&options);
}

TestSuite(url, .fini = end);

static const struct {
	const char *url;
	bool is_live, is_web, listens;
} cases[] = {
	{ "rtsp://camera/1", true, false, false },
	{ "rtsps://camera/1", true, false, false },
	{ "rtmp://there/live", true, false, false },
	{ "rtmps://there/live", true, false, false },
	{ "srt://there:9000", true, false, false },
	{ "srt://0.0.0.0:9000?mode=listener", true, false, true },
	{ "tcp://0.0.0.0:9000?listen=1", true, false, true },
	{ "tcp://listener.example:9000", true, false, false },
	{ "udp://239.0.0.1:5000", true, false, true },
	{ "rtp://239.0.0.1:5000", true, false, true },
	{ "http://camera/mjpg", false, true, false },
	{ "https://camera/mjpg", false, true, false },
	{ "file:rtsp.mp4", false, false, false },
	{ "listen.mp4", false, false, false },
	{ "-", false, false, false },
};

Test(url, kinds)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *url = cases[i].url;
		cr_assert(url_is_live(url) == cases[i].is_live, "%s", url);
		cr_assert(url_is_web(url) == cases[i].is_web, "%s", url);
		cr_assert(url_listens(url, NULL) == cases[i].listens, "%s", url);
	}
}

Test(url, listens_by_option)
{
	static const char *const set[][2] = {
		{ "listen", "1" },
		{ "mode", "listener" },
		{ "rtsp_flags", "prefer_tcp+listen" },
	};
	static const char *const unset[][2] = { { "listen", "0" }, { "mode", "caller" },
		{ "rtsp_flags", "prefer_tcp" } };

	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++) {
		av_dict_free(&options);
		av_dict_set(&options, set[i][0], set[i][1], 0);
		cr_assert(url_listens("rtsp://camera/1", options), "%s", set[i][0]);
		av_dict_free(&options);
		av_dict_set(&options, unset[i][0], unset[i][1], 0);
		cr_assert(!url_listens("rtsp://camera/1", options), "%s", unset[i][0]);
	}
}
