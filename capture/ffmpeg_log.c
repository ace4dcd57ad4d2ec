/* SPDX-License-Identifier: BSD-2-Clause */
#include "ffmpeg_log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/log.h>

#include "program/text.h"
#include "url.h"

static bool is_verbose;
static _Atomic uint64_t n_said[FFMPEG_LOG_N];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* all below */
static char last_error[256];
static bool saw_cut_file;

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

/* The words of libavformat's rtpdec.c, and of libavcodec's h264_slice.c (at a level for debugging) and hevc_refs.c. */
static void count(const char *format)
{
	static const struct {
		enum ffmpeg_log_news news;
		const char *words;
	} told_by[] = {
		{ FFMPEG_LOG_GAP, "RTP: missed" },
		{ FFMPEG_LOG_GAP, "bad cseq" },
		{ FFMPEG_LOG_OLD_PACKET, "RTP: dropping old packet" },
		{ FFMPEG_LOG_LACKS_PICTURE, "Frame num gap" },
		{ FFMPEG_LOG_LACKS_PICTURE, "Could not find ref with POC" },
	};

	for (size_t i = 0; i < sizeof(told_by) / sizeof(told_by[0]); i++)
		if (strstr(format, told_by[i].words))
			atomic_fetch_add(&n_said[told_by[i].news], 1);
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
	count(format);
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

uint64_t ffmpeg_log_count(enum ffmpeg_log_news news)
{
	return atomic_load(&n_said[news]);
}
