/* SPDX-License-Identifier: BSD-2-Clause */
/* Where zoe-top listens, as it is typed and as it is shown. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "endpoint.h"

/* What is shown of an endpoint that was typed so; NULL: it is refused, and nothing is changed. */
static const char *shown(const char *typed, bool *is_local)
{
	static char text[TOP_ENDPOINT_BYTES];
	struct top_endpoint endpoint = { 0 };
	const char *why = NULL;
	int error = top_endpoint_parse(typed, &endpoint, &why);

	cr_assert(why && (error != 0) == (endpoint.bytes == 0), "%s", typed);
	if (error)
		return NULL;
	top_endpoint_print(text, sizeof(text), &endpoint);
	*is_local = top_endpoint_is_local(&endpoint);
	return text;
}

/* A port alone is this machine's; the longest address has room. */
Test(endpoint, good)
{
	static const struct {
		const char *typed, *shown;
		bool is_local;
	} cases[] = {
		{ "9099", "127.0.0.1:9099", true },
		{ "0", "127.0.0.1:0", true },
		{ "65535", "127.0.0.1:65535", true },
		{ "127.0.0.2:80", "127.0.0.2:80", true },
		{ "[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:80", true },
		{ "[::ffff:192.0.2.1]:80", "[::ffff:192.0.2.1]:80", false },
		{ "0.0.0.0:9099", "0.0.0.0:9099", false },
		{ "192.0.2.127:9099", "192.0.2.127:9099", false },
		{ "[::1]:9099", "[::1]:9099", true },
		{ "[::]:9099", "[::]:9099", false },
		{ "[2001:0db8:0000:0000:0001:0002:0003:0004]:65535", "[2001:db8::1:2:3:4]:65535", false },
		{ "[1111:2222:3333:4444:5555:6666:123.123.123.123]:65535",
			"[1111:2222:3333:4444:5555:6666:7b7b:7b7b]:65535", false },
	};
	bool is_local;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = shown(cases[i].typed, &is_local);

		cr_assert(text && strcmp(text, cases[i].shown) == 0, "%s: %s", cases[i].typed, text ? text : "refused");
		cr_assert(is_local == cases[i].is_local, "%s", cases[i].typed);
	}
}

/* Names, half an address and what is no port are refused. */
Test(endpoint, bad)
{
	static const char *const cases[] = { "", ":", "x", "-1", "+1", " 1", "1 ", "65536", "99999999999999999999",
		":9099", "127.0.0.1:", "localhost:9099", "127.1:9099", "1.2.3.4.5:9", "::1:9099", "[::1]", "[::1",
		"[]:9099", "[:9099", "]:9099", "[x]:9099", "[127.0.0.1]:9099", "::1]:9099", "[::1]9099",
		"[1111:2222:3333:4444:5555:6666:123.123.123.1234]:1" };
	bool is_local;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_assert(!shown(cases[i], &is_local), "%s", cases[i]);
}
