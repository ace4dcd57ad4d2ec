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
	{ "tcp://0.0.0.0:9000?timeout=5&listen", true, false, true },
	{ "tcp://there:9000?listen=0", true, false, false },
	{ "tcp://listener.example:9000", true, false, false },
	{ "srt://there:9000?streamid=listen&mode=caller", true, false, false },
	{ "rtsp://camera/1?user=listener", true, false, false },
	{ "udp://239.0.0.1:5000", true, false, true },
	{ "rtp://239.0.0.1:5000", true, false, true },
	{ "camera.sdp", true, false, true },
	{ "/tmp/Camera.SDP", true, false, true },
	{ ".sdp", false, false, false },
	{ "file:camera.sdp", true, false, true },
	{ "rtsp://camera/live.sdp", true, false, false },
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

/* What is shown of a URL. */
static const struct {
	const char *url, *shown;
} passwords[] = {
	{ "rtsp://user:pass@host/cam", "rtsp://user:***@host/cam" },
	{ "rtsp://user:@host/cam", "rtsp://user:***@host/cam" },
	{ "rtsp://:pass@host/cam", "rtsp://:***@host/cam" },
	{ "rtsp://user:1234@host:554/cam", "rtsp://user:***@host:554/cam" },
	{ "rtsp://user:p%40ss%23word@host/cam", "rtsp://user:***@host/cam" },
	{ "rtsp://user:pass@[::1]:554/cam", "rtsp://user:***@[::1]:554/cam" },
	{ "rtsp://user:pass@host", "rtsp://user:***@host" },
	{ "rtsp://user:pass@host/a@b:c", "rtsp://user:***@host/a@b:c" },
	{ "cache:http://user:pass@host/a", "cache:http://user:***@host/a" },
	{ "concat:http://u:p@host/a|http://v:q@host/b", "concat:http://u:***@host/a|http://v:***@host/b" },
	/* Not percent-encoded. */
	{ "rtsp://user:p@ss#word@host/cam", "rtsp://user:***@host/cam" },
	{ "rtsp://user:p:a?s@s@host/cam", "rtsp://user:***@host/cam" },
	{ "rtsp://user:12#4@host/cam", "rtsp://user:***@host/cam" },
	{ "rtsp://user:p/ss@host/cam", "rtsp://user:***@host/cam" },
	{ "rtsp://user:two words@host/cam", "rtsp://user:***@host/cam" },
	/* In a query. */
	{ "http://host/cgi?user=admin&pwd=12345&channel=1", "http://host/cgi?user=admin&pwd=***&channel=1" },
	{ "rtmp://host/a?channel=0&Password=x", "rtmp://host/a?channel=0&Password=*" },
	{ "srt://host:9000?passphrase=two words&mode=caller", "srt://host:9000?passphrase=***&mode=caller" },
	{ "https://user:pass@host?access_token=abc=?d", "https://user:***@host?access_token=***" },
	/* Nothing to hide. */
	{ "http://host?user=admin&channel=1&key&pass=", "http://host?user=admin&channel=1&key&pass=" },
	{ "a?pass=b.mp4", "a?pass=b.mp4" },
	{ "rtsp://user@host/cam", "rtsp://user@host/cam" },
	{ "rtsp://user@host:554/a@b", "rtsp://user@host:554/a@b" },
	{ "rtsp://host/a:b@c", "rtsp://host/a:b@c" },
	{ "rtsp://host:554/a@b", "rtsp://host:554/a@b" },
	{ "rtsp://[::1]:554/a@b", "rtsp://[::1]:554/a@b" },
	{ "http://host:80?mail=a@b", "http://host:80?mail=a@b" },
	{ "http://host?mail=a@b", "http://host?mail=a@b" },
	{ "udp://@239.0.0.1:5000", "udp://@239.0.0.1:5000" },
	{ "srt://0.0.0.0:9000?mode=listener", "srt://0.0.0.0:9000?mode=listener" },
	{ "rtsp://", "rtsp://" },
	{ "host:554/cam", "host:554/cam" },
	{ "2026-01-01T10:00:00@home.mp4", "2026-01-01T10:00:00@home.mp4" },
	{ "./a:b@c.mp4", "./a:b@c.mp4" },
	{ "user:pass@host.mp4", "user:pass@host.mp4" },
	{ "-", "-" },
	{ "", "" },
};

Test(url, password_is_hidden)
{
	char shown[128], cut[10];

	for (size_t i = 0; i < sizeof(passwords) / sizeof(passwords[0]); i++) {
		const char *url = passwords[i].url;
		url_hide_password(shown, sizeof(shown), url);
		cr_assert_str_eq(shown, passwords[i].shown, "%s: %s", url, shown);
		cr_assert(strlen(shown) <= 2 * strlen(url));
		url_hide_password(cut, sizeof(cut), url);
		cr_assert(strncmp(cut, passwords[i].shown, sizeof(cut) - 1) == 0 && strlen(cut) < sizeof(cut));
	}
}

Test(url, passwords_in_text)
{
	char shown[128];

	url_hide_passwords(shown, sizeof(shown),
		"[rtsp @ 0x5] rtsp://host: 'http://u:p@h/x' not x@y, tcp://h:80 @ 0x6");
	cr_assert_str_eq(shown, "[rtsp @ 0x5] rtsp://host: 'http://u:***@h/x' not x@y, tcp://h:80 @ 0x6");
	url_hide_passwords(shown, sizeof(shown), "Opening 'http://h/x?token=abcd' for reading, key=1");
	cr_assert_str_eq(shown, "Opening 'http://h/x?token=***' for reading, key=1");
}

Test(url, queries_in_text)
{
	char text[] = "Connection to tcp://127.0.0.1:7301?timeout=0 failed, 'http://h/a?b=c' udp://h?x";

	url_cut_queries(text);
	cr_assert_str_eq(text, "Connection to tcp://127.0.0.1:7301 failed, 'http://h/a' udp://h");
}

Test(url, users)
{
	cr_assert(url_has_user("rtsp://user:pass@host/cam") && url_has_user("rtsp://user@host"));
	cr_assert(!url_has_user("rtsp://host/a@b") && !url_has_user("a@b") && !url_has_user("http://host?a@b"));
}

/* With what FFmpeg makes of it. */
Test(url, raw_passwords)
{
	cr_assert(url_judge_password("rtsp://user:p%40ss@host/a@b#c") == URL_PASSWORD_OK);
	cr_assert(url_judge_password("rtsp://host:554/a@b#c@d") == URL_PASSWORD_OK);
	cr_assert(url_judge_password("rtsp://user@host/a") == URL_PASSWORD_OK);
	cr_assert(url_judge_password("a#b:c@d") == URL_PASSWORD_OK);
	cr_assert(url_judge_password("rtsp://user:p@ss@host/cam") == URL_PASSWORD_HAS_AT);
	cr_assert(url_judge_password("rtsp://user:p@ss#word@host/cam") == URL_PASSWORD_CUT);
	cr_assert(url_judge_password("rtsp://user:p#ss@host/cam") == URL_PASSWORD_CUT);
	cr_assert(url_judge_password("rtsp://user:p?ss@host/cam") == URL_PASSWORD_CUT);
	cr_assert(url_judge_password("rtsp://user:p/ss@host/cam") == URL_PASSWORD_CUT);
}

Test(url, ports)
{
	static const char *const good[] = { "rtsp://host/a:99999", "rtsp://host:554/cam", "rtsp://host:65535",
		"rtsp://[::1]/cam", "rtsp://[::1]:554/cam", "udp://@:5000", "rtsp://user:99999@host/cam", "a:99999",
		"rtsp://host:" };
	static const char *const bad[] = { "rtsp://host:99999/cam", "rtsp://host:0", "rtsp://user:1@host:65536?a",
		"rtsp://[::1]:99999/", "rtsp://host:cam/1" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_assert(!url_has_bad_port(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert(url_has_bad_port(bad[i]), "%s", bad[i]);
}

Test(url, without_protocol)
{
	cr_assert(url_lacks_protocol("127.0.0.1:7101/cam") && url_lacks_protocol("camera:554"));
	cr_assert(url_lacks_protocol("admin:secret@camera/1"));
	cr_assert(!url_lacks_protocol("rtsp://camera:554") && !url_lacks_protocol("nosuch:x.mp4"));
	cr_assert(!url_lacks_protocol("folder/a:5") && !url_lacks_protocol("clip.mp4"));
}
