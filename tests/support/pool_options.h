/* SPDX-License-Identifier: BSD-2-Clause */
/* --mailbox and --cond, the same for every fault test. */
#ifndef POOL_OPTIONS_H
#define POOL_OPTIONS_H

#include <zoetrope/writer.h>

#include "program/option.h"

struct pool_options {
	enum zoe_mailbox mailbox;
	enum zoe_cond cond;
};

/* Their lines of an option table; `at` is the offset of the struct in the settings. */
#define POOL_OPTIONS(at) \
	{ 0, "mailbox", "WHICH", zi_option_mailbox, (at) + offsetof(struct pool_options, mailbox), \
		"mutex (default) or atomic." }, \
	{ \
		0, "cond", "WHICH", zi_option_cond, (at) + offsetof(struct pool_options, cond), \
			"futex (default) or pthread, of a mutex mailbox." \
	}

/* As text, for reports. */
static inline const char *mailbox_name(const struct pool_options *options)
{
	return options->mailbox == ZOE_MAILBOX_ATOMIC ? "atomic" : "mutex";
}

static inline const char *cond_name(const struct pool_options *options)
{
	return options->cond == ZOE_COND_PTHREAD ? "pthread" : "futex";
}

static inline void use_pool_options(struct zoe_writer_options *to, const struct pool_options *options)
{
	to->mailbox = options->mailbox;
	to->cond = options->cond;
}

#endif
