/* SPDX-License-Identifier: BSD-2-Clause */
#include "program/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE_BYTES 4 /* "\\xNN" */

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* How many bytes the character at the beginning of text has; 0 when they are no UTF-8. */
static size_t character_bytes(const unsigned char *text)
{
	/* The least code point that needs so many bytes. */
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n_bytes = text[0] < 0x80 ? 1
		: text[0] >> 5 == 6     ? 2
		: text[0] >> 4 == 14    ? 3
		: text[0] >> 3 == 30    ? 4
					: 0;
	uint32_t code = n_bytes > 1 ? text[0] & 0xffu >> (n_bytes + 1) : text[0];

	for (size_t i = 1; i < n_bytes; i++) {
		/* The end of the text is no continuation either. */
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3fu);
	}
	if (n_bytes > 1 && (code < least[n_bytes] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)))
		return 0;
	return n_bytes;
}

char *zi_text_utf8(const char *text)
{
	char *copy = malloc(strlen(text) * (sizeof(replacement) - 1) + 1), *end = copy;

	if (!copy)
		return NULL;
	while (*text) {
		size_t n_bytes = character_bytes((const unsigned char *)text);

		if (n_bytes > 0)
			end = mempcpy(end, text, n_bytes);
		else
			end = mempcpy(end, replacement, sizeof(replacement) - 1);
		text += n_bytes ? n_bytes : 1;
	}
	*end = '\0';
	return copy;
}

static bool is_control(const unsigned char *text, size_t n_bytes)
{
	return n_bytes == 0 || text[0] < ' ' || text[0] == 0x7f || (n_bytes == 2 && text[0] == 0xc2 && text[1] < 0xa0);
}

void zi_text_shown(char *to, size_t bytes, const char *text)
{
	char *end = to + bytes - 1; /* where the end of the text goes, at the latest */

	while (*text) {
		size_t n_bytes = character_bytes((const unsigned char *)text);
		bool shown = !is_control((const unsigned char *)text, n_bytes);
		size_t n_room = shown ? n_bytes : ESCAPE_BYTES;

		if (to + n_room > end)
			break;
		if (shown)
			memcpy(to, text, n_bytes);
		else
			snprintf(to, ESCAPE_BYTES + 1, "\\x%02x", (unsigned char)*text);
		to += n_room;
		text += shown ? n_bytes : 1;
	}
	*to = '\0';
}

void zi_text_printable(char *to, size_t bytes, const char *text)
{
	size_t i;

	for (i = 0; i + 1 < bytes && text[i] != '\0'; i++)
		to[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	to[i] = '\0';
}
