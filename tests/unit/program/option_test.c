/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "program/option.h"

struct settings {
	bool quiet;
	const char *name;
	uint32_t slots;
	uint64_t frames;
	uint64_t memory;
	int64_t seek_ns;
	char key[32], value[32];
};

static const struct zi_option options[] = {
	{ 'n', "name", "NAME", zi_option_text, offsetof(struct settings, name), "The pool's name (main)." },
	{ 0, "slots", "N", zi_option_u32, offsetof(struct settings, slots), "At most N slots." },
	{ 0, "frames", "N", zi_option_count, offsetof(struct settings, frames),
		"Stop after N frames, which is a good deal less than a film has but a good deal more than a "
		"picture has.\nA second line." },
	{ 0, "memory", "BYTES", zi_option_bytes, offsetof(struct settings, memory), "At most so much." },
	{ 0, "seek", "TIME", zi_option_seconds_ns, offsetof(struct settings, seek_ns), "Begin at TIME." },
	{ 0, "a-name-that-is-rather-long", "ARGUMENT", zi_option_text, offsetof(struct settings, name), "Long." },
	{ 'q', "quiet", NULL, zi_option_flag, offsetof(struct settings, quiet), "Say nothing." },
};

static struct zi_command command = {
	.name = "zoe-thing",
	.usage = "[options] INPUT",
	.summary = "Does a thing.",
	.epilogue = "Examples:\n  zoe-thing a b",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.max_arguments = 2,
};

static struct settings settings;
static const char *operands[2];
static size_t n_operands;

TestSuite(option);

/* Parse the words of a line. */
static enum zi_option_outcome parse(const char *line)
{
	static char words[512];
	char *argv[32] = { "zoe-thing" };
	int argc = 1;

	memset(&settings, 0, sizeof(settings));
	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return zi_option_parse_all(&command, argc, argv, &settings, operands, &n_operands);
}

static int keep_unknown(void *into, const char *key, const char *value)
{
	struct settings *kept = into;

	snprintf(kept->key, sizeof(kept->key), "%s", key);
	snprintf(kept->value, sizeof(kept->value), "%s", value);
	return 0;
}

static size_t read_all(FILE *file, char *text, size_t n_bytes)
{
	size_t n = fread(text, 1, n_bytes - 1, file);

	text[n] = '\0';
	return n;
}

/* What was printed on stderr; each call continues where the last one ended. */
static const char *complaint(void)
{
	static char text[4096];

	fflush(stderr);
	read_all(cr_get_redirected_stderr(), text, sizeof(text));
	return text;
}

/* Every spelling of an option with a value gives the value. */
Test(option, parse_all_spellings)
{
	static const char *const lines[] = {
		"--name cam0",
		"--name=cam0",
		"-name cam0",
		"-name=cam0",
		"-n cam0",
		"-ncam0",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		cr_assert(parse(lines[i]) == ZI_OPTION_RUN, "%s", lines[i]);
		cr_assert(settings.name && strcmp(settings.name, "cam0") == 0, "%s", lines[i]);
		cr_assert(n_operands == 0, "%s", lines[i]);
	}
}

/* Options and operands may be mixed; of an option given twice the last counts. */
Test(option, parse_all_mixed)
{
	cr_assert(parse("in.mp4 --frames 3 -q - --frames=4") == ZI_OPTION_RUN, "outcome");
	cr_assert(n_operands == 2, "operands");
	cr_assert(strcmp(operands[0], "in.mp4") == 0 && strcmp(operands[1], "-") == 0, "operands' text");
	cr_assert(settings.quiet && settings.frames == 4, "values");
}

/* Nothing at all is no error: the program knows what it needs. */
Test(option, parse_all_nothing)
{
	cr_assert(parse("") == ZI_OPTION_RUN && n_operands == 0, "outcome");
}

/* After -- everything is an operand. */
Test(option, parse_all_after_two_dashes)
{
	cr_assert(parse("-q -- --frames") == ZI_OPTION_RUN, "outcome");
	cr_assert(n_operands == 1 && strcmp(operands[0], "--frames") == 0, "operand");
}

/* A value may be empty only where the option allows it, and names itself in the error. */
Test(option, parse_all_empty_text, .init = cr_redirect_stderr)
{
	cr_assert(parse("--name=") == ZI_OPTION_USAGE, "outcome");
	cr_assert(strcmp(complaint(),
			  "zoe-thing: error: option --name (): expected something other than "
			  "nothing; see zoe-thing --help\n") == 0,
		"text");
}

/* One operand too many is named. */
Test(option, parse_all_too_many_operands, .init = cr_redirect_stderr)
{
	cr_assert(parse("a b c") == ZI_OPTION_USAGE, "outcome");
	cr_assert(strcmp(complaint(),
			  "zoe-thing: error: one argument too many (c); "
			  "see zoe-thing --help\n") == 0,
		"text");
}

/* A mistyped option is an error, and the one that was meant is named when it is near. */
Test(option, parse_all_mistyped, .init = cr_redirect_stderr)
{
	cr_assert(parse("--framse 5") == ZI_OPTION_USAGE, "swapped letters");
	cr_assert(strcmp(complaint(),
			  "zoe-thing: error: unknown option --framse (did you mean --frames?);"
			  " see zoe-thing --help\n") == 0,
		"swapped letters, text");
	cr_assert(parse("--mem=5") == ZI_OPTION_USAGE, "beginning only");
	cr_assert(strstr(complaint(), "unknown option --mem=5 (did you mean --memory?)") != NULL,
		"beginning only, text");
	cr_assert(parse("--zebra 5") == ZI_OPTION_USAGE, "nothing near");
	cr_assert(strcmp(complaint(),
			  "zoe-thing: error: unknown option --zebra; "
			  "see zoe-thing --help\n") == 0,
		"nothing near, text");
	cr_assert(parse("-qn") == ZI_OPTION_USAGE, "letters in one word");
	cr_assert(parse("-N") == ZI_OPTION_USAGE, "another letter");
}

/* A missing value, and one too many, name the option. */
Test(option, parse_all_value_missing_or_superfluous, .init = cr_redirect_stderr)
{
	cr_assert(parse("--frames") == ZI_OPTION_USAGE, "missing");
	cr_assert(strstr(complaint(), "option --frames needs a value: N; see") != NULL, "missing, text");
	cr_assert(parse("-n") == ZI_OPTION_USAGE, "missing after a letter");
	cr_assert(strstr(complaint(), "option --name needs a value: NAME; see") != NULL, "letter, text");
	cr_assert(parse("--quiet=1") == ZI_OPTION_USAGE, "superfluous");
	cr_assert(strstr(complaint(), "option --quiet takes no value (1); see") != NULL, "superfluous, text");
}

/* Pairs that the table does not know are passed on, whatever letters it has; --words never are. */
Test(option, parse_all_unknown_pairs, .init = cr_redirect_stderr)
{
	command.unknown = keep_unknown;
	cr_assert(parse("-nframerate 30 -n cam0") == ZI_OPTION_RUN, "outcome");
	cr_assert(strcmp(settings.key, "nframerate") == 0 && strcmp(settings.value, "30") == 0, "pair");
	cr_assert(strcmp(settings.name, "cam0") == 0, "a known letter");
	cr_assert(parse("-itsoffset -5 x") == ZI_OPTION_RUN, "a value with a dash");
	cr_assert(strcmp(settings.value, "-5") == 0 && n_operands == 1, "a value with a dash, pair");
	cr_assert(parse("-rtsp_transport") == ZI_OPTION_USAGE, "no value");
	cr_assert(strstr(complaint(), "option -rtsp_transport is unknown and has no value") != NULL, "no value, text");
	cr_assert(parse("--framse 5") == ZI_OPTION_USAGE, "two dashes");
	cr_assert(strstr(complaint(), "did you mean --frames?") != NULL, "two dashes, text");
}

/* --help in each spelling prints on stdout and ends; it is aligned, and no line is over 80 columns. */
Test(option, parse_all_help, .init = cr_redirect_stdout)
{
	char text[4096];
	const char *frames, *second;

	cr_assert(parse("--frames 3 --help --zebra") == ZI_OPTION_DONE, "outcome");
	fflush(stdout);
	read_all(cr_get_redirected_stdout(), text, sizeof(text));
	cr_assert(strncmp(text, "Usage: zoe-thing [options] INPUT\nDoes a thing.\n", 47) == 0, "head: %s", text);
	cr_assert(strstr(text, "\n  -n, --name NAME     The pool's name (main).\n") != NULL, "letter: %s", text);
	cr_assert(strstr(text,
			  "\n      --a-name-that-is-rather-long ARGUMENT\n"
			  "                      Long.\n") != NULL,
		"long: %s", text);
	cr_assert(strstr(text, "\n  -h, --help          Print this") != NULL, "help: %s", text);
	cr_assert(strstr(text, "\n\nExamples:\n  zoe-thing a b\n") != NULL, "epilogue: %s", text);
	frames = strstr(text, "      --frames N      Stop after N frames");
	second = strstr(text, "\n                      A second line.\n");
	cr_assert(frames && second && second > frames, "wrapped: %s", text);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		cr_assert(strcspn(line, "\n") <= 80, "too long: %s", line);
	cr_assert(parse("-h") == ZI_OPTION_DONE && parse("-help") == ZI_OPTION_DONE, "other spellings");
}

/* --version prints the program's name and a version. */
Test(option, parse_all_version, .init = cr_redirect_stdout)
{
	char text[256], version[64];

	cr_assert(parse("--version") == ZI_OPTION_DONE, "outcome");
	fflush(stdout);
	read_all(cr_get_redirected_stdout(), text, sizeof(text));
	cr_assert(sscanf(text, "zoe-thing (zoetrope) %63[0-9.]", version) == 1, "text: %s", text);
}

/* An error that only the program can find has the same form. */
Test(option, usage_error, .init = cr_redirect_stderr)
{
	cr_assert(zi_option_usage_error(&command, "no input (%d)", 3) == ZI_OPTION_USAGE, "outcome");
	cr_assert(strcmp(complaint(), "zoe-thing: error: no input (3); see zoe-thing --help\n") == 0, "text");
}

/* A u32 is 1 to 2^32 - 1 in digits alone. */
Test(option, u32)
{
	static const char *const wrong[] = {
		"",
		"0",
		"-1",
		"+1",
		" 1",
		"1 ",
		"1x",
		"0x1",
		"4294967296",
		"1.0",
		"99999999999999999999",
	};
	const char *why;
	uint32_t value = 0;

	cr_assert(zi_option_u32("1", &value, &why) == 0 && value == 1, "1");
	cr_assert(zi_option_u32("4294967295", &value, &why) == 0 && value == UINT32_MAX, "greatest");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		why = NULL;
		cr_assert(zi_option_u32(wrong[i], &value, &why) == -1, "'%s' was taken", wrong[i]);
		cr_assert(why != NULL && value == UINT32_MAX, "'%s': reason, and value untouched", wrong[i]);
	}
}

/* A count is 0 to 2^64 - 1. */
Test(option, count)
{
	const char *why;
	uint64_t value = 7;

	cr_assert(zi_option_count("0", &value, &why) == 0 && value == 0, "0");
	cr_assert(zi_option_count("18446744073709551615", &value, &why) == 0, "greatest");
	cr_assert(value == UINT64_MAX, "greatest, value");
	cr_assert(zi_option_count("18446744073709551616", &value, &why) == -1, "one more");
	cr_assert(zi_option_count("-1", &value, &why) == -1, "negative");
	cr_assert(zi_option_count("", &value, &why) == -1, "nothing");
}

/* Bytes know K, M and G as powers of 1024, and no overflow. */
Test(option, bytes)
{
	static const char *const wrong[] = {
		"",
		"0",
		"0K",
		"K",
		"1T",
		"1KB",
		"-1",
		"1.5G",
		"17179869184G",
		"1 K",
	};
	const char *why;
	uint64_t value = 0;

	cr_assert(zi_option_bytes("5", &value, &why) == 0 && value == 5, "5");
	cr_assert(zi_option_bytes("3K", &value, &why) == 0 && value == 3072, "3K");
	cr_assert(zi_option_bytes("64m", &value, &why) == 0 && value == UINT64_C(64) << 20, "64m");
	cr_assert(zi_option_bytes("2G", &value, &why) == 0 && value == UINT64_C(2) << 30, "2G");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert(zi_option_bytes(wrong[i], &value, &why) == -1, "'%s' was taken", wrong[i]);
}

/* Times in each of the forms that FFmpeg's users type, to the nanosecond. */
Test(option, seconds_ns)
{
	static const struct {
		const char *text;
		int64_t ns;
	} right[] = {
		{ "0", 0 },
		{ "5", 5000000000 },
		{ "1.5", 1500000000 },
		{ ".25", 250000000 },
		{ "90ms", 90000000 },
		{ "0.5ms", 500000 },
		{ "1:30", 90000000000 },
		{ "1:02:03.5", 3723500000000 },
		{ "100:00", 6000000000000 },
		{ "0.0000000019", 1 },
		{ "9223372036.854775807", INT64_MAX },
	};
	static const char *const wrong[] = {
		"",
		"-1",
		"5s",
		"1.",
		".",
		"ms",
		"1:60",
		"1:60:00",
		"1:2:3:4",
		":5",
		"1:",
		"1:30ms",
		"1e3",
		" 1",
		"9223372036.854775808",
		"99999999999999999999",
		"999999999999999999:00",
	};
	const char *why;
	int64_t ns;

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		ns = -1;
		cr_assert(zi_option_seconds_ns(right[i].text, &ns, &why) == 0, "'%s' was refused", right[i].text);
		cr_assert(ns == right[i].ns, "'%s' is %lld", right[i].text, (long long)ns);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert(zi_option_seconds_ns(wrong[i], &ns, &why) == -1, "'%s' was taken", wrong[i]);
}

/* A pool's name points into argv; what is none is refused. */
Test(option, pool_name)
{
	static const char *const wrong[] = { "", "a b", "a/b", "../x", ".", "ä",
		"12345678901234567890123456789012345678901234567890123456789012345" };
	const char *why, *name = NULL, *longest = "1234567890123456789012345678901234567890123456789012345678-_aZ64";

	cr_assert(strlen(longest) == 64 && zi_option_pool_name(longest, &name, &why) == 0 && name == longest,
		"longest");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		why = NULL;
		cr_assert(zi_option_pool_name(wrong[i], &name, &why) == -1 && name == longest, "'%s'", wrong[i]);
		cr_assert(strcmp(why, "1 to 64 letters, digits, '_' or '-'") == 0, "reason: %s", why);
	}
}

/* A pool's name as the only operand is optional, checked, and named when it is wrong. */
Test(option, parse_pool, .init = cr_redirect_stderr)
{
	char *none[] = { "zoe-thing", "-q" }, *one[] = { "zoe-thing", "cam0", "-q" };
	char *wrong[] = { "zoe-thing", "a b" }, *unknown[] = { "zoe-thing", "cam0", "--zebra" };
	const char *name = "main";

	command.max_arguments = 1;
	cr_assert(zi_option_parse_pool(&command, 2, none, &settings, &name) == ZI_OPTION_RUN, "none");
	cr_assert(strcmp(name, "main") == 0 && settings.quiet, "none: the default stays");
	cr_assert(zi_option_parse_pool(&command, 3, one, &settings, &name) == ZI_OPTION_RUN && name == one[1], "one");
	cr_assert(zi_option_parse_pool(&command, 2, wrong, &settings, &name) == ZI_OPTION_USAGE && name == one[1]);
	cr_assert(strcmp(complaint(),
			  "zoe-thing: error: pool name (a b): expected 1 to 64 letters, digits, '_' or '-'; "
			  "see zoe-thing --help\n") == 0,
		"text");
	cr_assert(zi_option_parse_pool(&command, 3, unknown, &settings, &name) == ZI_OPTION_USAGE, "unknown option");
}

/* A positive number is a count that is not 0. */
Test(option, positive)
{
	const char *why;
	uint64_t value = 7;

	cr_assert(zi_option_positive("0", &value, &why) == -1 && value == 7, "0");
	cr_assert(strcmp(why, "a whole number, 1 or more") == 0, "reason: %s", why);
	cr_assert(zi_option_positive("-1", &value, &why) == -1 && zi_option_positive("", &value, &why) == -1, "none");
	cr_assert(zi_option_positive("1", &value, &why) == 0 && value == 1, "1");
	cr_assert(zi_option_positive("18446744073709551615", &value, &why) == 0 && value == UINT64_MAX, "greatest");
}

/* A size is two sides of 1 to 16384 with an x between them, and nothing else. */
Test(option, size)
{
	static const char *const wrong[] = { "", "x", "640", "640x", "x480", "0x480", "640x0", "16385x1", "1x16385",
		"640X480", " 640x480", "640 x480", "640x480 ", "+640x480", "-640x480", "640x-480", "640x480x1",
		"640.5x480", "99999999999999999999x1" };
	struct zi_size size = { 7, 8 };
	const char *why, *rest;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		why = NULL;
		cr_assert(zi_option_size(wrong[i], &size, &why) == -1, "'%s' was taken", wrong[i]);
		cr_assert(why != NULL && size.width_px == 7 && size.height_px == 8, "'%s': value touched", wrong[i]);
	}
	cr_assert(zi_option_size("640x480", &size, &why) == 0 && size.width_px == 640 && size.height_px == 480);
	cr_assert(zi_option_size("1x16384", &size, &why) == 0 && size.width_px == 1 && size.height_px == 16384);
	rest = zi_option_read_size("320x240@30", &size);
	cr_assert(rest && strcmp(rest, "@30") == 0 && size.width_px == 320 && size.height_px == 240, "what follows");
}

/* What other programs have is refused with what to use here, however it is written; what is like it is not. */
Test(option, foreign, .init = cr_redirect_stderr)
{
	static const struct zi_foreign_option foreign[] = { { "ss", "use --seek T" }, { "c", "leave it out" } };

	command.foreign = foreign;
	command.n_foreign = 2;
	command.unknown = keep_unknown;
	cr_assert(parse("-sss 5") == ZI_OPTION_RUN && strcmp(settings.key, "sss") == 0, "not that one");
	cr_assert(parse("--ss=5") == ZI_OPTION_USAGE && parse("-c:v h264") == ZI_OPTION_USAGE, "other spellings");
	cr_assert(parse("-ss 5") == ZI_OPTION_USAGE);
	cr_assert(strstr(complaint(), "zoe-thing: error: option -ss is not one of zoe-thing: use --seek T; see"),
		"text");
}
