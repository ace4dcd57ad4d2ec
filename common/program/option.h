/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line of every program: one table of options, from which parsing and --help
 * come. Both spellings are understood, "--seek 5", "--seek=5" and, as FFmpeg's users type
 * it, "-seek 5"; "-n NAME" and "-nNAME" for one-letter names.
 */
#ifndef ZI_OPTION_H
#define ZI_OPTION_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Turns an option's text into a value at `into`. Returns 0, or -1 having set *why to what
 * was expected ("a positive number", "WxH such as 640x480"). value is NULL for an option
 * without an argument.
 */
typedef int zi_option_parse(const char *value, void *into, const char **why);

struct zi_option {
	char letter;          /* 0: none */
	const char *name;     /* without the dashes */
	const char *argument; /* what --help calls it; NULL: takes none */
	zi_option_parse *parse;
	size_t offset;    /* of the value in the settings */
	const char *help; /* one or more lines, '\n' between */
};

/* An option of another program that people type out of habit, and what is to be used here. */
struct zi_foreign_option {
	const char *name; /* without the dash, and without what follows a colon: "c" is "-c:v", too */
	const char *advice;
};

struct zi_command {
	const char *name;
	const char *usage;    /* what follows the name: "[options] INPUT" */
	const char *summary;  /* one sentence */
	const char *epilogue; /* examples and notes at the end of --help; may be NULL */
	const struct zi_option *options;
	size_t n_options;
	const struct zi_foreign_option *foreign; /* refused with their advice */
	size_t n_foreign;
	size_t max_arguments; /* operands beyond this are a usage error */
	/* Unknown "-key value" pairs go here instead of being errors; NULL: they are. Returns 0 or -1 (no memory). */
	int (*unknown)(void *settings, const char *key, const char *value);
};

enum zi_option_outcome {
	ZI_OPTION_RUN,   /* parsed: go on */
	ZI_OPTION_DONE,  /* --help or --version was printed on stdout: exit 0 */
	ZI_OPTION_USAGE, /* an error was printed on stderr: exit 2 */
};

/*
 * Parse argv into settings; the operands' addresses go to operands[0 .. *n_operands - 1],
 * which has room for max_arguments. --help, -h and --version need no entry in the table;
 * "--" ends the options; "-" is an operand. Standard streams that are closed are opened first
 * (zi_output_init()).
 */
enum zi_option_outcome zi_option_parse_all(const struct zi_command *command, int argc, char **argv, void *settings,
	const char **operands, size_t *n_operands);

/*
 * The same for a command of max_arguments 1 whose operand is a pool's name: it is checked and
 * goes to *name, which is left as it is when there is no operand.
 */
enum zi_option_outcome zi_option_parse_pool(const struct zi_command *command, int argc, char **argv, void *settings,
	const char **name);

/* What to exit with where it was not ZI_OPTION_RUN: 0, 1 when what was printed could not be written, or 2. */
int zi_option_status(enum zi_option_outcome outcome);

/* One line "NAME: error: …; see NAME --help" on stderr for what only the program can find wrong. */
enum zi_option_outcome zi_option_usage_error(const struct zi_command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The largest side of a picture: what H.264 level 6.2 ends at. */
#define ZI_MAX_SIDE_PX 16384

struct zi_size {
	int width_px, height_px;
};

/* Read a size at the beginning of text. Returns what follows it, or NULL when there is none. */
const char *zi_option_read_size(const char *text, struct zi_size *size);

/* Ready-made values, by the type that they fill. */
zi_option_parse zi_option_flag;         /* bool, true */
zi_option_parse zi_option_text;         /* const char *, points into argv; empty refused */
zi_option_parse zi_option_u32;          /* uint32_t, 1 to 2^32 - 1 */
zi_option_parse zi_option_count;        /* uint64_t, 0 and up */
zi_option_parse zi_option_positive;     /* uint64_t, 1 and up */
zi_option_parse zi_option_bytes;        /* uint64_t > 0, with K, M, G for powers of 1024 */
zi_option_parse zi_option_seconds_ns;   /* int64_t ns >= 0 from "5", "1.5", "90ms", "1:30", "1:02:03.5" */
zi_option_parse zi_option_pool_name;    /* const char *, points into argv */
zi_option_parse zi_option_owner;        /* const char *, points into argv: a user, or "any" */
zi_option_parse zi_option_size;         /* struct zi_size from "640x480", each side 1 to ZI_MAX_SIDE_PX */
zi_option_parse zi_option_follow;       /* enum zoe_follow from "restarts", "always", "never" */
zi_option_parse zi_option_follow_never; /* the last of them, for an option without a value */
zi_option_parse zi_option_mailbox;      /* enum zoe_mailbox from "mutex", "atomic" */
zi_option_parse zi_option_cond;         /* enum zoe_cond from "futex", "pthread" */

/* Which of n words the value is; -1: none. */
int zi_option_word(const char *value, const char *const *words, int n);

#endif
