/* SPDX-License-Identifier: BSD-2-Clause */
/* Which source an input needs. */
#include "source.h"

#include "settings.h"

enum source_outcome source_open(struct source **source, const struct settings *settings, struct publisher *publisher,
	struct report *report)
{
	const struct source_class *class = settings->is_test ? &source_test : &source_av;

	*source = NULL;
	return class->open(source, settings, publisher, report);
}

enum source_outcome source_next(struct source *source, struct picture *picture)
{
	return source->class->next(source, picture);
}

void source_close(struct source **source)
{
	if (*source)
		(*source)->class->close(*source);
	*source = NULL;
}
