/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines on stderr, each written whole so that several programs' lines do not mix. */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>

static bool is_quiet;

static void print_line(const char *kind, const char *format, va_list arguments)
{
	char line[1024];

	vsnprintf(line, sizeof(line), format, arguments);
	fprintf(stderr, "zoe-display: %s%s\n", kind, line);
}

void say_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line("error: ", format, arguments);
	va_end(arguments);
}

void say(const char *format, ...)
{
	va_list arguments;

	if (is_quiet)
		return;
	va_start(arguments, format);
	print_line("", format, arguments);
	va_end(arguments);
}

void say_quietly(bool quiet)
{
	is_quiet = quiet;
}
