/* SPDX-License-Identifier: BSD-2-Clause */
/* The ready-made values of options: strict, no sign, no locale, nothing left over. */
#include "program/option.h"

#include <pwd.h>
#include <stdint.h>
#include <string.h>

#include <zoetrope/pool.h>

/* Reads digits up to the first other character; NULL when there is none or too many. */
static const char *read_whole(const char *text, uint64_t *value)
{
	const char *p = text;

	*value = 0;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(*value, 10, value) ||
			__builtin_add_overflow(*value, (uint64_t)(*p - '0'), value))
			return NULL;
	}
	return p == text ? NULL : p;
}

static int parse_whole(const char *text, uint64_t *value)
{
	const char *end = read_whole(text, value);

	return end && *end == '\0' ? 0 : -1;
}

int zi_option_flag(const char *value, void *into, const char **why)
{
	(void)value;
	(void)why;
	*(bool *)into = true;
	return 0;
}

int zi_option_text(const char *value, void *into, const char **why)
{
	*why = "something other than nothing";
	if (*value == '\0')
		return -1;
	*(const char **)into = value;
	return 0;
}

int zi_option_u32(const char *value, void *into, const char **why)
{
	uint64_t number;

	*why = "a whole number from 1 to 4294967295";
	if (parse_whole(value, &number) < 0 || number < 1 || number > UINT32_MAX)
		return -1;
	*(uint32_t *)into = (uint32_t)number;
	return 0;
}

int zi_option_count(const char *value, void *into, const char **why)
{
	uint64_t number;

	*why = "a whole number, 0 or more";
	if (parse_whole(value, &number) < 0)
		return -1;
	*(uint64_t *)into = number;
	return 0;
}

int zi_option_positive(const char *value, void *into, const char **why)
{
	uint64_t number;

	*why = "a whole number, 1 or more";
	if (parse_whole(value, &number) < 0 || number == 0)
		return -1;
	*(uint64_t *)into = number;
	return 0;
}

int zi_option_bytes(const char *value, void *into, const char **why)
{
	static const char units[] = "KkMmGg";
	uint64_t number;
	const char *unit, *end = read_whole(value, &number);

	*why = "a size above 0 such as 64M or 2G";
	if (!end || number == 0)
		return -1;
	if (*end != '\0') {
		unit = strchr(units, *end);
		if (!unit || end[1] != '\0' ||
			__builtin_mul_overflow(number, UINT64_C(1024) << (unit - units) / 2 * 10, &number))
			return -1;
	}
	*(uint64_t *)into = number;
	return 0;
}

/* "12.5" to ns; digits beyond the ninth are cut. Returns what follows, or NULL. */
static const char *read_decimal(const char *text, uint64_t *ns)
{
	const char *p = text;
	uint64_t whole = 0, part = 0, unit = 1000000000;

	if (*p != '.') {
		p = read_whole(p, &whole);
		if (!p)
			return NULL;
	}
	if (*p == '.') {
		if (p[1] < '0' || p[1] > '9')
			return NULL;
		for (p++; *p >= '0' && *p <= '9'; p++) {
			unit /= 10;
			part += (uint64_t)(*p - '0') * unit;
		}
	}
	if (__builtin_mul_overflow(whole, UINT64_C(1000000000), ns) || __builtin_add_overflow(*ns, part, ns))
		return NULL;
	return p;
}

/* The "1:02:" of "1:02:03.5", in minutes. Returns what follows, or NULL. */
static const char *read_minutes(const char *text, uint64_t *minutes)
{
	uint64_t field;
	const char *end;

	*minutes = 0;
	for (int n = 0; strchr(text, ':'); n++, text = end + 1) {
		end = read_whole(text, &field);
		if (!end || *end != ':' || n == 2 || (n == 1 && field > 59))
			return NULL;
		if (__builtin_mul_overflow(*minutes, 60, minutes) || __builtin_add_overflow(*minutes, field, minutes))
			return NULL;
	}
	return text;
}

int zi_option_seconds_ns(const char *value, void *into, const char **why)
{
	uint64_t minutes, minutes_ns, ns;
	const char *seconds = read_minutes(value, &minutes), *unit;

	*why = "a time such as 5, 1.5, 90ms or 1:02:03.5";
	if (!seconds)
		return -1;
	unit = read_decimal(seconds, &ns);
	if (!unit)
		return -1;
	if (seconds != value && ns >= UINT64_C(60000000000))
		return -1;
	if (strcmp(unit, "ms") == 0 && seconds == value)
		ns /= 1000;
	else if (*unit != '\0')
		return -1;
	if (__builtin_mul_overflow(minutes, UINT64_C(60000000000), &minutes_ns) ||
		__builtin_add_overflow(ns, minutes_ns, &ns) || ns > INT64_MAX)
		return -1;
	*(int64_t *)into = (int64_t)ns;
	return 0;
}

int zi_option_pool_name(const char *value, void *into, const char **why)
{
	_Static_assert(ZOE_NAME_BYTES == 65, "the message names it");
	*why = "1 to 64 letters, digits, '_' or '-'";
	if (!zoe_name_valid(value))
		return -1;
	*(const char **)into = value;
	return 0;
}

/* The library looks the user up once more: here it is only known, early, that there is one. */
int zi_option_owner(const char *value, void *into, const char **why)
{
	uint64_t number;
	bool is_number = parse_whole(value, &number) == 0 && number < UINT32_MAX;

	*why = "a user's name or number, or any";
	if (!is_number && strcmp(value, "any") != 0 && strcmp(value, "*") != 0 && !getpwnam(value))
		return -1;
	*(const char **)into = value;
	return 0;
}

static enum zi_option_outcome pool_name_error(const struct zi_command *command, const char *operand, const char *why)
{
	if (operand[strcspn(operand, "./:")] == '\0')
		return zi_option_usage_error(command, "pool name (%.80s): expected %s", operand, why);
	return zi_option_usage_error(command,
		"pool name (%.400s): expected %s; what a file, URL or device shows is put into a pool by zoe-capture %.400s",
		operand, why, operand);
}

enum zi_option_outcome zi_option_parse_pool(const struct zi_command *command, int argc, char **argv, void *settings,
	const char **name)
{
	const char *operand, *why;
	size_t n_operands;
	enum zi_option_outcome outcome = zi_option_parse_all(command, argc, argv, settings, &operand, &n_operands);

	if (outcome != ZI_OPTION_RUN || n_operands == 0)
		return outcome;
	if (zi_option_pool_name(operand, name, &why) < 0)
		return pool_name_error(command, operand, why);
	return ZI_OPTION_RUN;
}

static const char *read_side(const char *text, int *side_px)
{
	uint64_t number;
	const char *end = read_whole(text, &number);

	if (!end || number < 1 || number > ZI_MAX_SIDE_PX)
		return NULL;
	*side_px = (int)number;
	return end;
}

const char *zi_option_read_size(const char *text, struct zi_size *size)
{
	struct zi_size read;
	const char *end = read_side(text, &read.width_px);

	if (!end || *end != 'x')
		return NULL;
	end = read_side(end + 1, &read.height_px);
	if (end)
		*size = read;
	return end;
}

int zi_option_size(const char *value, void *into, const char **why)
{
	struct zi_size size;
	const char *end = zi_option_read_size(value, &size);

	_Static_assert(ZI_MAX_SIDE_PX == 16384, "the message names it");
	*why = "WxH such as 1280x720, each from 1 to 16384";
	if (!end || *end != '\0')
		return -1;
	*(struct zi_size *)into = size;
	return 0;
}

int zi_option_word(const char *value, const char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(value, words[i]) == 0)
			return i;
	return -1;
}

int zi_option_follow(const char *value, void *into, const char **why)
{
	static const char *const names[] = {
		[ZOE_FOLLOW_RESTARTS] = "restarts",
		[ZOE_FOLLOW_ALWAYS] = "always",
		[ZOE_FOLLOW_NEVER] = "never",
	};

	int which = zi_option_word(value, names, sizeof(names) / sizeof(names[0]));

	*why = "restarts, always or never";
	if (which >= 0)
		*(enum zoe_follow *)into = (enum zoe_follow)which;
	return which < 0 ? -1 : 0;
}

int zi_option_follow_never(const char *value, void *into, const char **why)
{
	(void)value;
	return zi_option_follow("never", into, why);
}

int zi_option_mailbox(const char *value, void *into, const char **why)
{
	*why = "mutex or atomic";
	if (strcmp(value, "mutex") && strcmp(value, "atomic"))
		return -1;
	*(enum zoe_mailbox *)into = strcmp(value, "atomic") ? ZOE_MAILBOX_MUTEX : ZOE_MAILBOX_ATOMIC;
	return 0;
}

int zi_option_cond(const char *value, void *into, const char **why)
{
	*why = "futex or pthread";
	if (strcmp(value, "futex") && strcmp(value, "pthread"))
		return -1;
	*(enum zoe_cond *)into = strcmp(value, "pthread") ? ZOE_COND_FUTEX : ZOE_COND_PTHREAD;
	return 0;
}
