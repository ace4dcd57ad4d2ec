/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/message.h"

TestSuite(message, .init = cr_redirect_stderr);

/* What was said so far; each call continues where the last one ended. */
static const char *said(void)
{
	static char text[8192];
	size_t n;

	fflush(stderr);
	n = fread(text, 1, sizeof(text) - 1, cr_get_redirected_stderr());
	text[n] = '\0';
	return text;
}

/* Messages and errors begin with the program's name; an error is what a failed run exits with. */
Test(message, is_a_line)
{
	zi_message_init("zoe-thing", false);
	zi_message("pool (%s): %d frames", "cam0", 3);
	cr_assert(strcmp(said(), "zoe-thing: pool (cam0): 3 frames\n") == 0, "message");
	cr_assert(zi_message_error("no %s", "memory") == 1, "status");
	cr_assert(strcmp(said(), "zoe-thing: error: no memory\n") == 0, "error");
	cr_assert(zi_message_error_of("zoe-thing part", "%d", 5) == 1, "status of a part's");
	cr_assert(strcmp(said(), "zoe-thing part: error: 5\n") == 0, "a part's error");
}

/* A quiet program says errors alone, and shows no progress. */
Test(message, quiet)
{
	zi_message_init("zoe-thing", true);
	zi_message("hello");
	zi_message_error("no");
	cr_assert(strcmp(said(), "zoe-thing: error: no\n") == 0, "text");
	cr_assert(!zi_message_has_progress(), "progress");
}

/* What it names does not become the terminal's to obey, nor a line of its own. */
Test(message, shows_what_a_terminal_would_obey)
{
	zi_message_init("p", false);
	zi_message("%s", "a\x1b[2J\nb");
	cr_assert_str_eq(said(), "p: a\\x1b[2J\\x0ab\n");
	zi_message_error("%s", "\x9b");
	cr_assert_str_eq(said(), "p: error: \\x9b\n");
}

/* A text of any length is one line that ends. */
Test(message, long_text)
{
	static char text[6000];
	const char *line;

	memset(text, 'x', sizeof(text) - 1);
	zi_message_init("p", false);
	zi_message("%s", text);
	line = said();
	cr_assert(strlen(line) > 4000 && strchr(line, '\n') == line + strlen(line) - 1, "line");
}

/* A shorter line of progress covers the longer one before it; a message begins a line of its own. */
Test(message, progress)
{
	zi_message_init("p", false);
	zi_message_progress("12345");
	zi_message_progress("ab");
	zi_message_progress("abc");
	cr_assert(strcmp(said(), "\r12345\rab   \rabc") == 0, "covered");
	zi_message("x");
	zi_message("y");
	cr_assert(strcmp(said(), "\np: x\np: y\n") == 0, "one line is finished, once");
	zi_message_progress("1");
	cr_assert(strcmp(said(), "\r1") == 0, "a new line covers nothing");
	zi_message_error("z");
	cr_assert(strcmp(said(), "\np: error: z\n") == 0, "an error finishes it, too");
}

/* Progress is for a terminal; criterion's stderr is none. */
Test(message, has_progress)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY), side;

	zi_message_init("p", false);
	cr_assert(!zi_message_has_progress(), "no terminal");
	cr_assert(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0, "terminal");
	side = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	cr_assert(side >= 0 && dup2(side, STDERR_FILENO) == STDERR_FILENO, "its other side");
	zi_message_init("p", false);
	cr_assert(zi_message_has_progress(), "a terminal");
	zi_message_init("p", true);
	cr_assert(!zi_message_has_progress(), "quiet on a terminal");
}
