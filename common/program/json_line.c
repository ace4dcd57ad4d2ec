/* SPDX-License-Identifier: BSD-2-Clause */
#include "program/json_line.h"

#include <errno.h>
#include <stdlib.h>

#include "program/text.h"

json_t *zi_json_text(const char *text)
{
	json_t *json = json_string(text);
	char *copy;

	if (json)
		return json;
	copy = zi_text_utf8(text);
	json = copy ? json_string(copy) : NULL;
	free(copy);
	return json;
}

json_t *zi_json_text_or_null(const char *text)
{
	return text[0] ? zi_json_text(text) : json_null();
}

json_t *zi_json_real_if(bool known, double value)
{
	return known ? json_real(value) : json_null();
}

json_t *zi_json_integer_if(bool known, json_int_t value)
{
	return known ? json_integer(value) : json_null();
}

/* Jansson escapes what JSON must; DEL and C1, which a terminal would obey, are escaped here. */
static void print_escaped(FILE *stream, const char *text)
{
	for (; *text; text++) {
		const unsigned char *c = (const unsigned char *)text;

		if (c[0] == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0)) {
			text += c[0] != 0x7f;
			fprintf(stream, "\\u00%02x", c[0] == 0x7f ? c[0] : c[1]);
		} else {
			putc(c[0], stream);
		}
	}
}

static int print_part(FILE *stream, const struct zi_json_part *part, const char *separator)
{
	char *text = json_dumps(part->object, JSON_COMPACT | JSON_EMBED | JSON_REAL_PRECISION(part->digits));

	if (!text)
		return -ENOMEM;
	fputs(separator, stream);
	print_escaped(stream, text);
	free(text);
	return 0;
}

static int print_parts(FILE *stream, const struct zi_json_part *parts, size_t n_parts)
{
	const char *separator = "{";
	int error = 0;

	for (size_t i = 0; i < n_parts && !error; i++) {
		if (json_object_size(parts[i].object) == 0)
			continue;
		error = print_part(stream, &parts[i], separator);
		separator = ",";
	}
	if (error)
		return error;
	fputs(separator[0] == '{' ? "{}\n" : "}\n", stream);
	return 0;
}

/* Written into memory first, so that nothing is printed of what has no memory. */
static int make_line(const struct zi_json_part *parts, size_t n_parts, char **line, size_t *n_bytes)
{
	FILE *memory = open_memstream(line, n_bytes);
	int error;

	if (!memory)
		return -ENOMEM;
	error = print_parts(memory, parts, n_parts);
	return fclose(memory) == 0 ? error : -ENOMEM;
}

int zi_json_line_of(FILE *stream, const struct zi_json_part *parts, size_t n_parts)
{
	char *line = NULL;
	size_t n_bytes = 0;
	int error = 0;

	for (size_t i = 0; i < n_parts; i++)
		if (!parts[i].object)
			error = -ENOMEM;
	if (!error)
		error = make_line(parts, n_parts, &line, &n_bytes);
	if (!error) {
		errno = EIO;
		if (fwrite(line, 1, n_bytes, stream) != n_bytes || fflush(stream) == EOF)
			error = -errno;
	}
	free(line);
	for (size_t i = 0; i < n_parts; i++)
		json_decref(parts[i].object);
	return error;
}

int zi_json_line(FILE *stream, json_t *object, unsigned digits)
{
	const struct zi_json_part part = { object, digits };

	return zi_json_line_of(stream, &part, 1);
}
