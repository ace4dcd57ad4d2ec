/* SPDX-License-Identifier: BSD-2-Clause */
#include "url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

	return begins_with_one_of(url, protocols) || url_is_description(url);
}

bool url_is_description(const char *url)
{
	size_t n = strlen(url);
	/* Cameras have such names on their own servers, too: rtsp://camera/live.sdp. */
	bool is_file = !strstr(url, "://") || strncmp(url, "file:", strlen("file:")) == 0;

	return is_file && n > 4 && strcasecmp(url + n - 4, ".sdp") == 0;
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

/* True where the URL's query has one of its key and value: "mode=listener"; without "=", the key with any but 0. */
static bool query_says(const char *url, const char *word)
{
	const char *part = strchr(url, '?');
	size_t n = strlen(word);

	for (; part; part = strchr(part + 1, '&')) {
		const char *after = part + 1 + n;
		if (strncmp(part + 1, word, n) != 0)
			continue;
		if (*after == '\0' || *after == '&' || (*after == '=' && strcspn(after + 1, "&0") > 0))
			return true;
	}
	return false;
}

bool url_listens(const char *url, const AVDictionary *options)
{
	static const char *const protocols[] = { "udp:", "udplite:", "rtp:", NULL };

	/* SRT says mode=listener, TCP and RTMP listen=1, RTSP rtsp_flags listen. */
	return begins_with_one_of(url, protocols) || url_is_description(url) || query_says(url, "listen") ||
		query_says(url, "mode=listener") || query_says(url, "rtsp_flags=listen") ||
		option_says(options, "mode", "listener") || option_says(options, "rtsp_flags", "listen") ||
		option_says(options, "listen", "1");
}

#define BLANKS " \t\r\n"
#define HIDDEN "***"
#define DIGITS "0123456789"

/* What follows "://": who is called, and where. */
static const char *authority_of(const char *url)
{
	const char *mark = strstr(url, "://");

	return mark ? mark + strlen("://") : NULL;
}

/* The last @ of n bytes; NULL: none. */
static const char *last_at(const char *text, size_t n)
{
	return memrchr(text, '@', n);
}

/* True where ":NUMBER" and then the path, the options or nothing follow, as after a host. */
static bool is_port(const char *colon)
{
	size_t n_digits = strspn(colon + 1, DIGITS);

	/* The end of the string is found, too. */
	return n_digits > 0 && strchr("/?" BLANKS, colon[1 + n_digits]);
}

/*
 * The @ that ends the password before the host, of a URL of n bytes; NULL: there is none. One that is not
 * percent-encoded may have any of @ / ? # in it, and so may what comes after the host: a number is a port.
 */
static const char *password_end(const char *authority, size_t n)
{
	const char *colon = memchr(authority, ':', n), *at;
	size_t n_host = strcspn(authority, "/");

	n_host = n_host < n ? n_host : n;
	if (*authority == '[' || !colon || colon > authority + n_host || is_port(colon))
		return NULL;
	at = last_at(authority, n_host);
	if (!at)
		at = last_at(authority, n);
	return at && at > colon ? at : NULL;
}

/* The name of a value that is nobody's business, or might be: access_token, passphrase, X-Amz-Signature. */
static bool names_secret(const char *key, size_t n)
{
	static const char *const parts[] = { "pass", "pwd", "token", "secret", "key", "sig", "auth", NULL };

	for (const char *const *part = parts; *part; part++)
		for (size_t i = 0; i + strlen(*part) <= n; i++)
			if (strncasecmp(key + i, *part, strlen(*part)) == 0)
				return true;
	return false;
}

/* Hide the secret values in the queries of a text's URLs, each of which ends at one of `ends`. */
static void hide_in_queries(char *text, const char *ends)
{
	char *key = strstr(text, "://");

	while (key && (key = strpbrk(key, "?&"))) {
		size_t n_key = strcspn(++key, "=&?" BLANKS);
		char *value = key + n_key + 1;
		if (key[n_key] != '=' || !names_secret(key, n_key))
			continue;
		size_t n = strcspn(value, ends), n_hidden = n < strlen(HIDDEN) ? n : strlen(HIDDEN);
		memcpy(value, HIDDEN, n_hidden);
		memmove(value + n_hidden, value + n, strlen(value + n) + 1);
	}
}

static void hide_before_hosts(char *to, size_t bytes, const char *text, const char *ends)
{
	const char *end = to + bytes, *authority;

	while ((authority = authority_of(text))) {
		const char *at = password_end(authority, strcspn(authority, ends));
		const char *shown_end = at ? strchr(authority, ':') + 1 : authority;
		int n = snprintf(to, (size_t)(end - to), "%.*s%s", (int)(shown_end - text), text, at ? HIDDEN : "");

		if (n >= end - to)
			return;
		to += n;
		text = at ? at : authority;
	}
	snprintf(to, (size_t)(end - to), "%s", text);
}

void url_hide_password(char *to, size_t bytes, const char *url)
{
	hide_before_hosts(to, bytes, url, "");
	hide_in_queries(to, "&");
}

void url_hide_passwords(char *to, size_t bytes, const char *text)
{
	hide_before_hosts(to, bytes, text, BLANKS);
	hide_in_queries(to, "&'\"" BLANKS);
}

void url_cut_queries(char *text)
{
	char *url = text;

	while ((url = strstr(url, "://"))) {
		url += strcspn(url, "?'" BLANKS);
		size_t n = *url == '?' ? strcspn(url, "'" BLANKS) : 0;
		memmove(url, url + n, strlen(url + n) + 1);
	}
}

bool url_has_user(const char *url)
{
	const char *authority = authority_of(url);

	return authority && last_at(authority, strcspn(authority, "/?#"));
}

enum url_password url_judge_password(const char *url)
{
	const char *authority = authority_of(url);
	const char *at = authority ? password_end(authority, strlen(authority)) : NULL;

	if (!at)
		return URL_PASSWORD_OK;
	if (authority + strcspn(authority, "/?#") < at)
		return URL_PASSWORD_CUT;
	return last_at(authority, (size_t)(at - authority)) ? URL_PASSWORD_HAS_AT : URL_PASSWORD_OK;
}

bool url_has_bad_port(const char *url)
{
	const char *authority = authority_of(url);

	if (!authority)
		return false;
	const char *end = authority + strcspn(authority, "/?#"), *at = last_at(authority, (size_t)(end - authority));
	const char *host = at ? at + 1 : authority;
	const char *colon = memrchr(host, ':', (size_t)(end - host));
	if (!colon || colon + 1 == end || memchr(colon, ']', (size_t)(end - colon)))
		return false;
	char *after;
	long port = strtol(colon + 1, &after, 10);
	return after != end || port < 1 || port > 65535;
}

bool url_lacks_protocol(const char *url)
{
	const char *colon = strchr(url, ':');

	return colon && !authority_of(url) && colon < url + strcspn(url, "/") &&
		(is_port(colon) || last_at(url, strcspn(url, "/")));
}
