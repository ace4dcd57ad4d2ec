/* SPDX-License-Identifier: BSD-2-Clause */
#include "open_error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <libavformat/avformat.h>
#include <libavutil/avstring.h>

#include "device_id.h"
#include "url.h"

static const struct {
	int error;
	const char *hint;
} hints[] = {
	{ AVERROR(ENOENT), "is the name right?" },
	{ AVERROR(EISDIR), "give a file in it" },
	{ AVERROR(EACCES), "may this user read it?" },
	{ AVERROR_INVALIDDATA,
		"no video, or cut before its index; -f FORMAT says what it is, if FFmpeg cannot find out" },
	{ AVERROR_PROTOCOL_NOT_FOUND, "`ffmpeg -protocols` lists those that there are" },
	{ AVERROR(ECONNREFUSED), "is the other side there?" },
	{ AVERROR(ETIMEDOUT), "is the other side there?" },
	{ AVERROR_HTTP_NOT_FOUND, "is the path right? --reconnect always waits for it" },
};

static bool is_one_of(int error, const int *errors, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (errors[i] == error)
			return true;
	return false;
}

static bool is_rtsp(const char *name)
{
	return av_strstart(name, "rtsp:", NULL) || av_strstart(name, "rtsps:", NULL);
}

bool open_error_hides_detail(const char *name)
{
	return url_judge_password(name) == URL_PASSWORD_CUT;
}

const char *open_error_words(const char *name, int error)
{
	if (open_error_hides_detail(name))
		return "its host cannot be told from its password";
	if (is_rtsp(name) && (error == AVERROR_INVALIDDATA || error == AVERROR_EOF))
		return "what answers there speaks no RTSP, or hung up";
	return NULL;
}

/* What the URL itself says; NULL: nothing. */
static const char *hint_of_url(const char *name, int error)
{
	enum url_password password = url_judge_password(name);
	bool was_asked = error == AVERROR(ECONNREFUSED) || error == AVERROR(ETIMEDOUT);

	if (password == URL_PASSWORD_CUT || (password == URL_PASSWORD_HAS_AT && !was_asked))
		return "percent-encode the password (@ is %40, # is %23)";
	if (url_has_bad_port(name))
		return "a port is a number from 1 to 65535";
	if (error == AVERROR_PROTOCOL_NOT_FOUND && url_lacks_protocol(name))
		return "is rtsp:// missing before it?";
	if (error == AVERROR(EPROTONOSUPPORT) && is_rtsp(name))
		return "it may have another transport: -rtsp_transport udp";
	if (error == AVERROR_HTTP_UNAUTHORIZED && url_has_user(name))
		return "are user and password right?";
	if (error == AVERROR_HTTP_UNAUTHORIZED)
		return is_rtsp(name) ? "user and password: rtsp://USER:PASSWORD@…"
				     : "user and password: http://USER:PASSWORD@…";
	return NULL;
}

/* A camera over HTTP is known for one only once it has delivered. */
static const char *hint_of_web(int error)
{
	if (error == AVERROR(ECONNREFUSED) || error == AVERROR(ETIMEDOUT))
		return "is the other side there? --reconnect always waits for it";
	return "--reconnect always waits for it";
}

const char *open_error_hint(const char *name, int error)
{
	const char *protocol = avio_find_protocol_name(name), *hint = hint_of_url(name, error);

	if (av_strstart(name, "/dev/video", NULL) || av_strstart(name, DEVICE_LINKS, NULL))
		return "`zoe-capture --list-devices` shows the cameras, and what keeps one away";
	if (strchr(name, ':') && access(name, F_OK) == 0 && protocol && strcmp(protocol, "file") != 0)
		return "it names a protocol; the file of that name is opened with ./ before it";
	if (hint)
		return hint;
	if (url_is_web(name) && error != AVERROR_INVALIDDATA && open_error_may_pass(name, error))
		return hint_of_web(error);
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]) && !open_error_words(name, error); i++)
		if (hints[i].error == error)
			return hints[i].hint;
	return "`zoe-capture -v` shows what FFmpeg says";
}

bool open_error_may_pass(const char *name, int error)
{
	static const int errors[] = {
		AVERROR(ENOENT),
		AVERROR(EISDIR),
		AVERROR(EACCES),
		AVERROR(EPERM),
		AVERROR(EADDRINUSE),
		AVERROR(EPROTONOSUPPORT),
		AVERROR_HTTP_BAD_REQUEST,
		AVERROR_HTTP_UNAUTHORIZED,
		AVERROR_HTTP_FORBIDDEN,
		AVERROR_HTTP_NOT_FOUND,
	};

	return !is_one_of(error, errors, sizeof(errors) / sizeof(errors[0])) && !open_error_is_mistake(name, error);
}

bool open_error_is_mistake(const char *name, int error)
{
	static const int errors[] = {
		AVERROR(EINVAL),
		AVERROR(ENOMEM),
		AVERROR_PROTOCOL_NOT_FOUND,
		AVERROR_DEMUXER_NOT_FOUND,
		AVERROR_OPTION_NOT_FOUND,
	};

	return is_one_of(error, errors, sizeof(errors) / sizeof(errors[0])) || url_has_bad_port(name) ||
		open_error_hides_detail(name);
}
