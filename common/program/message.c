/* SPDX-License-Identifier: BSD-2-Clause */
#include "program/message.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program/text.h"

/* What is longer is cut. */
#define MESSAGE_BYTES 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *name;
static bool is_quiet, has_progress;
static size_t progress_columns; /* of the unfinished line, 0: there is none */

void zi_message_init(const char *program, bool quiet)
{
	pthread_mutex_lock(&lock);
	name = program;
	is_quiet = quiet;
	has_progress = !quiet && isatty(STDERR_FILENO);
	pthread_mutex_unlock(&lock);
}

static void print_line(const char *program, const char *kind, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

/* One call of a stream without a buffer of its own is one write. The lock is held. */
static void print_line(const char *program, const char *kind, const char *format, va_list arguments)
{
	char text[MESSAGE_BYTES], shown[MESSAGE_BYTES];

	vsnprintf(text, sizeof(text), format, arguments);
	/* Names, labels and what libraries say of a file are somebody else's words. */
	zi_text_shown(shown, sizeof(shown), text);
	fprintf(stderr, "%s%s: %s%s\n", progress_columns > 0 ? "\n" : "", program, kind, shown);
	progress_columns = 0;
}

static const char *own_name(void)
{
	return name ? name : program_invocation_short_name;
}

void zi_message(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	pthread_mutex_lock(&lock);
	if (!is_quiet)
		print_line(own_name(), "", format, arguments);
	pthread_mutex_unlock(&lock);
	va_end(arguments);
}

int zi_message_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	pthread_mutex_lock(&lock);
	print_line(own_name(), "error: ", format, arguments);
	pthread_mutex_unlock(&lock);
	va_end(arguments);
	return 1;
}

int zi_message_error_of(const char *program, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	pthread_mutex_lock(&lock);
	print_line(program, "error: ", format, arguments);
	pthread_mutex_unlock(&lock);
	va_end(arguments);
	return 1;
}

bool zi_message_has_progress(void)
{
	pthread_mutex_lock(&lock);
	bool has = has_progress;
	pthread_mutex_unlock(&lock);
	return has;
}

void zi_message_progress(const char *line)
{
	size_t columns = strlen(line);

	pthread_mutex_lock(&lock);
	int blanks = progress_columns > columns ? (int)(progress_columns - columns) : 0;
	fprintf(stderr, "\r%s%*s", line, blanks, "");
	progress_columns = columns;
	pthread_mutex_unlock(&lock);
}
