/* SPDX-License-Identifier: BSD-2-Clause */
/* What the window says of a pool that is over. */
#include <criterion/criterion.h>
#include <string.h>

#include "source.h"

/* It says how that came, and that it is not the end of the window. */
Test(source, over_and_waited_for)
{
	static const struct {
		enum source_state state;
		enum zoe_end end;
		const char *text;
	} cases[] = {
		{ SOURCE_HAS_ENDED, ZOE_END_INPUT, "the input has ended: waiting for the next" },
		{ SOURCE_HAS_ENDED, ZOE_END_STOPPED, "capture was stopped: waiting for the next" },
		{ SOURCE_HAS_ENDED, ZOE_END_FAILED, "capture failed: waiting for the next" },
		{ SOURCE_LOST_WRITER, ZOE_END_INPUT, "capture died: waiting for the next" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = source_over_text(cases[i].state, cases[i].end);

		cr_assert(strcmp(text, cases[i].text) == 0, "%s instead of %s", text, cases[i].text);
	}
}
