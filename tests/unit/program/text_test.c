/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of others, made fit for where it goes. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "program/text.h"

TestSuite(text);

#define BAD "\xef\xbf\xbd"

static const struct {
	const char *text, *utf8;
} cases[] = {
	{ "", "" },
	{ "caf\xc3\xa9, \xe2\x82\xac, \xf0\x9f\x8e\xa5", "caf\xc3\xa9, \xe2\x82\xac, \xf0\x9f\x8e\xa5" },
	{ "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf",
		"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf" },
	/* ISO 8859-1; a lonely continuation; cut at the end, and in the middle */
	{ "caf\xe9.mp4", "caf" BAD ".mp4" },
	{ "\x80x\xbf", BAD "x" BAD },
	{ "\xe2\x82", BAD BAD },
	{ "\xf0\x9f\x8eg", BAD BAD BAD "g" },
	/* overlong, a surrogate, beyond the last code point, bytes that never occur */
	{ "\xc0\xaf\xe0\x80\xaf", BAD BAD BAD BAD BAD },
	{ "\xed\xa0\x80", BAD BAD BAD },
	{ "\xf4\x90\x80\x80", BAD BAD BAD BAD },
	{ "\xf8\xfe\xff", BAD BAD BAD },
};

/* What is UTF-8 stays as it is, and each byte that is none becomes U+FFFD. */
Test(text, utf8)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *utf8 = zi_text_utf8(cases[i].text);

		cr_assert(utf8 && strcmp(utf8, cases[i].utf8) == 0, "%zu: %s", i, utf8);
		free(utf8);
	}
}

/* For a terminal: nothing but printable ASCII, and never more than there is room for. */
Test(text, printable)
{
	char to[8];

	zi_text_printable(to, sizeof(to), "a\x1b[2J\xe9~");
	cr_assert(strcmp(to, "a?[2J?~") == 0, "%s", to);
	zi_text_printable(to, sizeof(to), "longer than that");
	cr_assert(strcmp(to, "longer ") == 0, "%s", to);
	zi_text_printable(to, sizeof(to), "");
	cr_assert(to[0] == '\0', "%s", to);
}

/* What a terminal would obey is shown instead: escape sequences, line ends, DEL, C1 in UTF-8 and raw. */
Test(text, shown)
{
	char to[64];
	zi_text_shown(to, sizeof(to),
		"caf\xc3\xa9 \x1b[2J\n\x7f \xc2\x9b"
		"31m \x9b \xe2\x82 \xc2\xa3");
	cr_assert_str_eq(to, "caf\xc3\xa9 \\x1b[2J\\x0a\\x7f \\xc2\\x9b31m \\x9b \\xe2\\x82 \xc2\xa3");
	/* Neither an escape nor a character is cut. */
	zi_text_shown(to, 5, "ab\x1b");
	cr_assert_str_eq(to, "ab");
	zi_text_shown(to, 5, "abc\xc3\xa9");
	cr_assert_str_eq(to, "abc");
}
