/* SPDX-License-Identifier: BSD-2-Clause */
#include "ffmpeg_log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/log.h>

#include "program/text.h"
#include "url.h"

static bool is_verbose;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* all below */
static char last_error[256];
static bool saw_cut_file;
static uint64_t n_gaps, n_old, n_missing;

/* As FFmpeg's own callback would, but that words out of a file are shown and not obeyed. */
static void show(void *source, int level, const char *format, va_list arguments)
{
	static int begins_line = 1; /* of FFmpeg's making; two threads may spoil a prefix, and no more */
	char line[1024], safe[2 * sizeof(line)], shown[2 * sizeof(line)];

	if (level > av_log_get_level())
		return;
	av_log_format_line2(source, level, format, arguments, line, sizeof(line), &begins_line);
	bool ends_line = line[0] && line[strlen(line) - 1] == '\n';
	if (ends_line)
		line[strlen(line) - 1] = '\0';
	url_hide_passwords(safe, sizeof(safe), line);
	zi_text_shown(shown, sizeof(shown), safe);
	fprintf(stderr, "%s%s", shown, ends_line ? "\n" : "");
}

/* For our message, whose reader knows the URL: without its password, and the queries that FFmpeg makes. */
static void remember(const char *format, va_list arguments)
{
	char line[1024], safe[2 * sizeof(line)];

	vsnprintf(line, sizeof(line), format, arguments);
	line[strcspn(line, "\n")] = '\0';
	/* In this order: a password may have a question mark in it. */
	url_hide_passwords(safe, sizeof(safe), line);
	url_cut_queries(safe);
	pthread_mutex_lock(&lock);
	snprintf(last_error, sizeof(last_error), "%.*s", (int)sizeof(last_error) - 1, safe);
	saw_cut_file |= strstr(last_error, "ended prematurely") != NULL;
	pthread_mutex_unlock(&lock);
}

/* What libavformat's rtpdec.c says of packets that did not come, or came too late to be used. */
static bool tells_of_gap(const char *format)
{
	return strstr(format, "RTP: missed") || strstr(format, "bad cseq");
}

/* What decoders say, at whatever level, of a picture that others were made from and that never came. */
static bool tells_of_missing(const char *format)
{
	return strstr(format, "Frame num gap") || strstr(format, "Could not find ref with POC");
}

/* The log's callback; any thread. */
static void on_log(void *source, int level, const char *format, va_list arguments)
{
	if (is_verbose) {
		va_list again;
		va_copy(again, arguments);
		show(source, level, format, again);
		va_end(again);
	}
	bool is_gap = level <= AV_LOG_WARNING && tells_of_gap(format);
	bool is_old = level <= AV_LOG_WARNING && strstr(format, "RTP: dropping old packet");
	bool is_missing = tells_of_missing(format);
	if (is_gap || is_old || is_missing) {
		pthread_mutex_lock(&lock);
		n_gaps += is_gap;
		n_old += is_old;
		n_missing += is_missing;
		pthread_mutex_unlock(&lock);
	}
	if (level > AV_LOG_ERROR)
		return;
	remember(format, arguments);
}

void ffmpeg_log_init(bool verbose)
{
	is_verbose = verbose;
	av_log_set_callback(on_log);
}

void ffmpeg_log_take_error(char *into, size_t n_bytes)
{
	pthread_mutex_lock(&lock);
	snprintf(into, n_bytes, "%s", last_error);
	last_error[0] = '\0';
	pthread_mutex_unlock(&lock);
}

bool ffmpeg_log_saw_cut_file(void)
{
	pthread_mutex_lock(&lock);
	bool saw = saw_cut_file;
	pthread_mutex_unlock(&lock);
	return saw;
}

uint64_t ffmpeg_log_old_packets(void)
{
	pthread_mutex_lock(&lock);
	uint64_t n = n_old;
	pthread_mutex_unlock(&lock);
	return n;
}

uint64_t ffmpeg_log_gaps(void)
{
	pthread_mutex_lock(&lock);
	uint64_t n = n_gaps;
	pthread_mutex_unlock(&lock);
	return n;
}

uint64_t ffmpeg_log_missing(void)
{
	pthread_mutex_lock(&lock);
	uint64_t n = n_missing;
	pthread_mutex_unlock(&lock);
	return n;
}
