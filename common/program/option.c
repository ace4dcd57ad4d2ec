/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: parsing and --help. */
#include "program/option.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "program/message.h"
#include "program/output.h"

#define HELP_COLUMNS 80
#define HELP_INDENT_MAX 30 /* a longer option has a line to itself */

/* Help */

static const struct zi_option common_options[] = {
	{ 'h', "help", NULL, NULL, 0, "Print this and exit." },
	{ 0, "version", NULL, NULL, 0, "Print the version and exit." },
};

/* Columns that UTF-8 text takes: continuation bytes take none. */
static int columns_of(const char *text, size_t n_bytes)
{
	int columns = 0;

	for (size_t i = 0; i < n_bytes; i++)
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
	return columns;
}

static int format_left(const struct zi_option *option, char *left, size_t n_bytes)
{
	char letter[5] = "    ";

	if (option->letter)
		snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	snprintf(left, n_bytes, "  %s--%s%s%s", letter, option->name, option->argument ? " " : "",
		option->argument ? option->argument : "");
	return columns_of(left, strlen(left));
}

static int widest_left(const struct zi_option *options, size_t n, int widest)
{
	char left[128];

	for (size_t i = 0; i < n; i++) {
		int width = format_left(&options[i], left, sizeof(left));

		if (width > widest && width + 2 <= HELP_INDENT_MAX)
			widest = width;
	}
	return widest;
}

/* Print text from column `at` on, its lines wrapped between `indent` and the last column. */
static void print_wrapped(const char *text, int at, int indent)
{
	bool first = true;

	while (*text) {
		size_t n = strcspn(text, " \n");
		int width = columns_of(text, n);

		if (!first && at + 1 + width > HELP_COLUMNS) {
			putchar('\n');
			at = 0;
		} else if (!first && at > indent) {
			putchar(' ');
			at++;
		}
		if (at < indent) {
			printf("%*s", indent - at, "");
			at = indent;
		}
		fwrite(text, 1, n, stdout);
		at += width;
		first = false;
		text += n;
		if (*text == '\n') {
			putchar('\n');
			at = 0;
			first = true;
		}
		text += *text != '\0';
	}
	putchar('\n');
}

static void print_options(const struct zi_option *options, size_t n, int indent)
{
	for (size_t i = 0; i < n; i++) {
		char left[128];
		int at = format_left(&options[i], left, sizeof(left));

		fputs(left, stdout);
		if (at + 2 > indent) {
			putchar('\n');
			at = 0;
		}
		print_wrapped(options[i].help, at, indent);
	}
}

static enum zi_option_outcome print_help(const struct zi_command *command)
{
	int indent;

	printf("Usage: %s %s\n", command->name, command->usage);
	print_wrapped(command->summary, 0, 0);
	indent = widest_left(common_options, 2, 0);
	indent = widest_left(command->options, command->n_options, indent) + 2;
	fputs("\nOptions:\n", stdout);
	print_options(command->options, command->n_options, indent);
	print_options(common_options, 2, indent);
	if (command->epilogue)
		printf("\n%s%s", command->epilogue,
			command->epilogue[strlen(command->epilogue) - 1] == '\n' ? "" : "\n");
	return ZI_OPTION_DONE;
}

/* Errors */

enum zi_option_outcome zi_option_usage_error(const struct zi_command *command, const char *format, ...)
{
	char message[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	zi_message_error_of(command->name, "%s; see %s --help", message, command->name);
	return ZI_OPTION_USAGE;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Letters to insert, delete or change to make one word of the other. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b);

	if (n >= sizeof(row) / sizeof(row[0]))
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t changed = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = smallest(row[j] + 1, row[j - 1] + 1, changed);
		}
	}
	return row[n];
}

/* The option that was probably meant; NULL if none is near. */
static const char *nearest_name(const struct zi_command *command, const char *typed)
{
	const char *best = NULL;
	size_t least = 3;

	for (size_t i = 0; i < command->n_options + 2; i++) {
		const char *name = i < command->n_options ? command->options[i].name
							  : common_options[i - command->n_options].name;
		size_t distance = edit_distance(typed, name);

		if (strlen(typed) > 2 && strncmp(name, typed, strlen(typed)) == 0)
			distance = 1;
		if (distance < least && distance * 2 < strlen(name)) {
			least = distance;
			best = name;
		}
	}
	return best;
}

static enum zi_option_outcome unknown_option(const struct zi_command *command, const char *word)
{
	char typed[64];
	const char *name = word + strspn(word, "-"), *near;

	snprintf(typed, sizeof(typed), "%.*s", (int)strcspn(name, "="), name);
	near = nearest_name(command, typed);
	if (near)
		return zi_option_usage_error(command, "unknown option %s (did you mean --%s?)", word, near);
	return zi_option_usage_error(command, "unknown option %s", word);
}

/* Parsing */

/* Where one stands in argv. */
struct cursor {
	int argc, at;
	char **argv;
};

static const char *next_word(struct cursor *cursor)
{
	return cursor->at < cursor->argc ? cursor->argv[cursor->at++] : NULL;
}

static const struct zi_option *find_name(const struct zi_command *command, const char *name, size_t n_bytes)
{
	for (size_t i = 0; i < command->n_options; i++) {
		const char *candidate = command->options[i].name;

		if (strlen(candidate) == n_bytes && memcmp(candidate, name, n_bytes) == 0)
			return &command->options[i];
	}
	return NULL;
}

/*
 * -n NAME, and -nNAME where no unknown key could be meant by it: "-framerate" is no -f
 * with "ramerate".
 */
static const struct zi_option *find_letter(const struct zi_command *command, const char *word)
{
	for (size_t i = 0; i < command->n_options; i++) {
		const struct zi_option *option = &command->options[i];

		if (option->letter && option->letter == word[0] &&
			(word[1] == '\0' || (option->argument && !command->unknown)))
			return option;
	}
	return NULL;
}

/* value: what is written in the same word, or NULL. */
static enum zi_option_outcome set_option(const struct zi_command *command, const struct zi_option *option,
	const char *value, struct cursor *cursor, void *settings)
{
	const char *why = "something else";

	if (!option->argument && value)
		return zi_option_usage_error(command, "option --%s takes no value (%s)", option->name, value);
	if (option->argument && !value) {
		value = next_word(cursor);
		if (!value)
			return zi_option_usage_error(command, "option --%s needs a value: %s", option->name,
				option->argument);
	}
	if (option->parse(value, (char *)settings + option->offset, &why) < 0)
		return zi_option_usage_error(command, "option --%s (%s): expected %s", option->name, value ? value : "",
			why);
	return ZI_OPTION_RUN;
}

/* True when it is an option of another program: then *outcome says so, and what to do instead. */
static bool refuse_foreign(const struct zi_command *command, const char *name, enum zi_option_outcome *outcome)
{
	size_t n_bytes = strcspn(name, ":=");

	for (size_t i = 0; i < command->n_foreign; i++) {
		const struct zi_foreign_option *foreign = &command->foreign[i];

		if (strlen(foreign->name) != n_bytes || memcmp(foreign->name, name, n_bytes) != 0)
			continue;
		*outcome = zi_option_usage_error(command, "option -%s is not one of %s: %s", name, command->name,
			foreign->advice);
		return true;
	}
	return false;
}

static enum zi_option_outcome pass_on(const struct zi_command *command, const char *key, struct cursor *cursor,
	void *settings)
{
	const char *value = next_word(cursor);

	if (!value)
		return zi_option_usage_error(command, "option -%s is unknown and has no value to pass on", key);
	if (command->unknown(settings, key, value) < 0)
		return zi_option_usage_error(command, "option -%s (%s): out of memory", key, value);
	return ZI_OPTION_RUN;
}

static enum zi_option_outcome parse_option(const struct zi_command *command, const char *word, struct cursor *cursor,
	void *settings)
{
	bool is_long = word[1] == '-';
	const char *name = word + 1 + is_long, *equals = strchr(name, '=');
	size_t n_bytes = equals ? (size_t)(equals - name) : strlen(name);
	const struct zi_option *option = find_name(command, name, n_bytes);

	if (option)
		return set_option(command, option, equals ? equals + 1 : NULL, cursor, settings);
	option = is_long ? NULL : find_letter(command, name);
	if (option)
		return set_option(command, option, name[1] ? name + 1 : NULL, cursor, settings);
	if (strcmp(name, "help") == 0 || strcmp(word, "-h") == 0)
		return print_help(command);
	if (strcmp(name, "version") == 0) {
		printf("%s (zoetrope) %s\n", command->name, ZOE_PROJECT_VERSION);
		return ZI_OPTION_DONE;
	}
	enum zi_option_outcome refused;
	if (refuse_foreign(command, name, &refused))
		return refused;
	if (command->unknown && !is_long)
		return pass_on(command, name, cursor, settings);
	return unknown_option(command, word);
}

enum zi_option_outcome zi_option_parse_all(const struct zi_command *command, int argc, char **argv, void *settings,
	const char **operands, size_t *n_operands)
{
	struct cursor cursor = { argc, 1, argv };
	bool options_end = false;
	const char *word;

	zi_output_init();
	*n_operands = 0;
	while ((word = next_word(&cursor))) {
		if (!options_end && strcmp(word, "--") == 0) {
			options_end = true;
		} else if (!options_end && word[0] == '-' && word[1] != '\0') {
			enum zi_option_outcome outcome = parse_option(command, word, &cursor, settings);

			if (outcome != ZI_OPTION_RUN)
				return outcome;
		} else if (*n_operands == command->max_arguments) {
			return zi_option_usage_error(command, "one argument too many (%s)", word);
		} else {
			operands[(*n_operands)++] = word;
		}
	}
	return ZI_OPTION_RUN;
}

int zi_option_status(enum zi_option_outcome outcome)
{
	return outcome == ZI_OPTION_DONE ? zi_output_finish() : 2;
}
