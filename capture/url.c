/* SPDX-License-Identifier: BSD-2-Clause */
#include "url.h"

#include <string.h>

static bool begins_with_one_of(const char *url, const char *const *protocols)
{
	for (; *protocols; protocols++)
		if (strncmp(url, *protocols, strlen(*protocols)) == 0)
			return true;
	return false;
}

bool url_is_live(const char *url)
{
	static const char *const protocols[] = {
		"rtsp:",
		"rtsps:",
		"rtp:",
		"rtmp",
		"udp:",
		"udplite:",
		"srt:",
		"rist:",
		"tcp:",
		"tls:",
		"sctp:",
		NULL,
	};

	return begins_with_one_of(url, protocols);
}

bool url_is_web(const char *url)
{
	static const char *const protocols[] = { "http:", "https:", NULL };

	return begins_with_one_of(url, protocols);
}

static bool option_says(const AVDictionary *options, const char *key, const char *word)
{
	const AVDictionaryEntry *option = av_dict_get(options, key, NULL, 0);

	return option && strstr(option->value, word);
}

bool url_listens(const char *url, const AVDictionary *options)
{
	static const char *const protocols[] = { "udp:", "udplite:", "rtp:", NULL };
	const char *query = strchr(url, '?');

	/* SRT says mode=listener, TCP and RTMP listen=1, RTSP rtsp_flags listen. */
	return begins_with_one_of(url, protocols) || (query && strstr(query, "listen")) ||
		option_says(options, "mode", "listener") || option_says(options, "rtsp_flags", "listen") ||
		option_says(options, "listen", "1");
}
