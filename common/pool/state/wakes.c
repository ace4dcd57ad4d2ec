/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/state/wakes.h"

/* A wake-up takes microseconds: what lay there for so long at the end of a sleep woke nobody. */
#define LATE_NS INT64_C(2000000)

/* How short sleeps are then, and for how long. */
#define SHORT_NS INT64_C(1000000)
#define DISTRUST_NS INT64_C(2000000000)

int64_t zi_wakes_bound(const struct zi_wakes *wakes, int64_t now_ns, int64_t until_ns)
{
	return now_ns < wakes->short_until_ns && until_ns > now_ns + SHORT_NS ? now_ns + SHORT_NS : until_ns;
}

void zi_wakes_note(struct zi_wakes *wakes, int64_t now_ns, int64_t until_ns, int64_t came_ns)
{
	/* It stands in shared memory, and may be any number: no difference of two overflows like this. */
	if (now_ns >= until_ns && came_ns > 0 && came_ns < now_ns - LATE_NS)
		wakes->short_until_ns = now_ns + DISTRUST_NS;
}
