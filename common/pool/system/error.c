/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/system/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <zoetrope/pool.h>

static _Thread_local char sentence[512];
static _Thread_local const char *said; /* a sentence that stands somewhere else; NULL: the one above */

/* A sentence may quote what stands in a pool, and goes to terminals: without control characters, C1 included. */
static void clean(char *text)
{
	unsigned char before = 0;

	for (unsigned char *c = (unsigned char *)text; *c; before = *c++) {
		bool is_c1 = *c >= 0x80 && *c < 0xa0 && (before < 0x80 || before == 0xc2);
		if (is_c1 && before == 0xc2)
			c[-1] = '?';
		if (*c < ' ' || *c == 0x7f || is_c1)
			*c = '?';
	}
}

int zi_fail(int error, const char *format, ...)
{
	int saved = errno;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	clean(sentence);
	said = NULL;
	errno = saved;
	return -error;
}

int zi_fail_plain(int error, const char *constant)
{
	said = constant;
	return -error;
}

int zi_check_name(const char *name)
{
	if (zoe_name_valid(name))
		return 0;
	if (!name || name[strcspn(name, "./:")] == '\0')
		return zi_fail(EINVAL, "'%.80s' is no name for a pool: 1 to %d letters, digits, '_' or '-'",
			name ? name : "", ZOE_NAME_BYTES - 1);
	return zi_fail(EINVAL,
		"'%.150s' is no name for a pool: 1 to %d letters, digits, '_' or '-'; what a file, URL or device shows "
		"is put into a pool by zoe-capture %.150s",
		name, ZOE_NAME_BYTES - 1, name);
}

const char *zoe_error(void)
{
	return said ? said : sentence;
}

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

const char *zoe_version(void)
{
	return TEXT(ZOE_VERSION_MAJOR) "." TEXT(ZOE_VERSION_MINOR) "." TEXT(ZOE_VERSION_PATCH);
}
