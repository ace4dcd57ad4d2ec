/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/json_line.h"

TestSuite(json_line);

static char *text;
static size_t n_bytes;

/* The numbers have as many digits as was asked for, and the line is out when the call returns. */
Test(json_line, digits)
{
	FILE *stream = open_memstream(&text, &n_bytes);

	cr_assert(zi_json_line(stream, json_pack("{s:f, s:s}", "a", 1.0 / 3, "b", "x\ny"), 3) == 0);
	cr_assert(strcmp(text, "{\"a\":0.333,\"b\":\"x\\ny\"}\n") == 0, "%s", text);
	cr_assert(zi_json_line(stream, json_pack("{s:f}", "a", 0.1), 0) == 0);
	cr_assert(strtod(strrchr(text, ':') + 1, NULL) == 0.1, "%s", text);
	fclose(stream);
	free(text);
}

/* What a terminal would obey is escaped: C0 by JSON itself, DEL and C1 here; other characters are as they are. */
Test(json_line, controls)
{
	FILE *stream = open_memstream(&text, &n_bytes);

	cr_assert(zi_json_line(stream,
			  json_pack("{s:s}", "a",
				  "\x1b[2J\x7f\xc2\x9b"
				  "1m\xc2\xa0\xc3\x9b"),
			  0) == 0);
	cr_assert(strcmp(text, "{\"a\":\"\\u001B[2J\\u007f\\u009b1m\xc2\xa0\xc3\x9b\"}\n") == 0, "%s", text);
	fclose(stream);
	free(text);
}

/* Of several objects the members are one object's, each with its own digits. */
Test(json_line, parts)
{
	FILE *stream = open_memstream(&text, &n_bytes);
	struct zi_json_part parts[] = {
		{ json_object(), 1 },
		{ json_pack("{s:f, s:i}", "a", 0.123456, "b", 2), 2 },
		{ json_object(), 1 },
		{ json_pack("{s:f}", "c", 0.123456), 4 },
	};

	cr_assert(zi_json_line_of(stream, parts, 4) == 0);
	cr_assert(strcmp(text, "{\"a\":0.12,\"b\":2,\"c\":0.1235}\n") == 0, "%s", text);
	fclose(stream);
	free(text);
}

/* An object without members is a line, too. */
Test(json_line, empty)
{
	FILE *stream = open_memstream(&text, &n_bytes);

	cr_assert(zi_json_line(stream, json_object(), 0) == 0);
	cr_assert(strcmp(text, "{}\n") == 0, "%s", text);
	fclose(stream);
	free(text);
}

/* The reference is taken, whatever becomes of the line. */
Test(json_line, takes_the_reference)
{
	FILE *full = fopen("/dev/full", "w"), *null = fopen("/dev/null", "w");
	json_t *object = json_pack("{s:i}", "a", 1);
	struct zi_json_part parts[] = { { json_incref(object), 0 }, { NULL, 0 } };

	cr_assert(full && null && object);
	cr_assert(zi_json_line(null, json_incref(object), 0) == 0);
	cr_assert(zi_json_line(full, json_incref(object), 0) < 0);
	cr_assert(zi_json_line_of(null, parts, 2) == -ENOMEM);
	cr_assert(object->refcount == 1, "%zu", object->refcount);
	json_decref(object);
}

/* A full disk is told at once, not when the program ends. */
Test(json_line, full_disk)
{
	FILE *full = fopen("/dev/full", "w");

	cr_assert(full);
	cr_assert(zi_json_line(full, json_pack("{s:i}", "a", 1), 0) == -ENOSPC);
}

/* So is a reader that has gone. */
Test(json_line, no_reader)
{
	int ends[2];
	FILE *stream;

	signal(SIGPIPE, SIG_IGN);
	cr_assert(pipe(ends) == 0 && close(ends[0]) == 0);
	stream = fdopen(ends[1], "w");
	cr_assert(zi_json_line(stream, json_pack("{s:i}", "a", 1), 0) == -EPIPE);
}

/* An object that could not be made prints nothing. */
Test(json_line, no_memory)
{
	FILE *stream = open_memstream(&text, &n_bytes);

	cr_assert(zi_json_line(stream, NULL, 0) == -ENOMEM);
	fclose(stream);
	cr_assert(n_bytes == 0);
	free(text);
}

/* Text of any bytes is a string that can be read back; what is not known is null. */
Test(json_line, text)
{
	FILE *stream = open_memstream(&text, &n_bytes);
	json_t *object = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "a", zi_json_text("caf\xe9\x1b"), "b",
		zi_json_text(""), "c", zi_json_text_or_null("x"), "d", zi_json_text_or_null(""), "e",
		zi_json_real_if(true, 0.5), "f", zi_json_real_if(false, 0.5), "g", zi_json_integer_if(true, 0), "h",
		zi_json_integer_if(false, 7));

	cr_assert(zi_json_line(stream, object, 3) == 0);
	cr_assert(strcmp(text,
			  "{\"a\":\"caf\xef\xbf\xbd\\u001B\",\"b\":\"\",\"c\":\"x\",\"d\":null,\"e\":0.5,\"f\":null,"
			  "\"g\":0,\"h\":null}\n") == 0,
		"%s", text);
	fclose(stream);
	free(text);
}
