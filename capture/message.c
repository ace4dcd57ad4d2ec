/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FFmpeg's libraries often know the reason of a failure only in their log ("moov atom not
 * found"). The log is kept off the terminal; its last error is remembered for ours.
 */
#include "message.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libavutil/log.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool quiet, verbose, has_terminal;
static size_t progress_columns; /* of the line that stands unfinished, 0: none */
static char av_error[256];
static bool saw_cut_file;

static void on_av_log(void *source, int level, const char *format, va_list arguments)
{
	if (verbose) {
		va_list again;
		va_copy(again, arguments);
		av_log_default_callback(source, level, format, again);
		va_end(again);
	}
	if (level > AV_LOG_ERROR)
		return;
	pthread_mutex_lock(&lock);
	vsnprintf(av_error, sizeof(av_error), format, arguments);
	av_error[strcspn(av_error, "\n")] = '\0';
	saw_cut_file |= strstr(av_error, "ended prematurely") != NULL;
	pthread_mutex_unlock(&lock);
}

void message_init(bool be_quiet, bool be_verbose)
{
	quiet = be_quiet;
	verbose = be_verbose;
	has_terminal = !be_quiet && isatty(STDERR_FILENO);
	av_log_set_callback(on_av_log);
}

void message_take_av_error(char *into, size_t n_bytes)
{
	pthread_mutex_lock(&lock);
	snprintf(into, n_bytes, "%s", av_error);
	av_error[0] = '\0';
	pthread_mutex_unlock(&lock);
}

bool message_saw_cut_file(void)
{
	pthread_mutex_lock(&lock);
	bool saw = saw_cut_file;
	pthread_mutex_unlock(&lock);
	return saw;
}

static void say_line(const char *prefix, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

static void say_line(const char *prefix, const char *format, va_list arguments)
{
	pthread_mutex_lock(&lock);
	if (progress_columns > 0)
		fputc('\n', stderr);
	progress_columns = 0;
	fputs(prefix, stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	pthread_mutex_unlock(&lock);
}

void say(const char *format, ...)
{
	va_list arguments;

	if (quiet)
		return;
	va_start(arguments, format);
	say_line("zoe-capture: ", format, arguments);
	va_end(arguments);
}

void say_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_line("zoe-capture: error: ", format, arguments);
	va_end(arguments);
}

bool message_has_progress(void)
{
	return has_terminal;
}

void say_progress(const char *line)
{
	size_t columns = strlen(line);
	int blanks = progress_columns > columns ? (int)(progress_columns - columns) : 0;

	pthread_mutex_lock(&lock);
	fprintf(stderr, "\r%s%*s", line, blanks, "");
	fflush(stderr);
	progress_columns = columns;
	pthread_mutex_unlock(&lock);
}
