/* SPDX-License-Identifier: BSD-2-Clause */
/* What a view says of its pool: one state, the same for its readers and for those who list pools. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "pool/system/clock.h"
#include "pool/view/view.h"

static struct zi_reel reel;
/* Without descriptors the kernel is not asked: the writer counts as alive. */
static struct zi_view view = { .descriptors = { .fds = { -1, -1 } }, .reel = &reel };

static void a_live_pool(void)
{
	memset(&reel, 0, sizeof(reel));
	reel.writer_pid = 7;
	atomic_store(&reel.published_ns, 100);
	atomic_store(&reel.state_since_ns, 200);
	atomic_store(&reel.heartbeat_ns, zoe_now_ns());
}

static enum zoe_state status(int64_t *since_ns)
{
	*since_ns = -1;
	return zi_view_status(&view, since_ns);
}

Test(view, live_since_the_newest_frame, .init = a_live_pool)
{
	int64_t since;
	cr_assert(status(&since) == ZOE_STATE_LIVE && since == 100);
	cr_assert(zi_view_check_live(&view, "a") == 0);
}

Test(view, source_lost_and_stalled, .init = a_live_pool)
{
	int64_t since;
	atomic_store(&reel.source_lost_ns, 300);
	cr_assert(status(&since) == ZOE_STATE_SOURCE_LOST && since == 300);
	/* A writer that does not run cannot know what its source does. */
	atomic_store(&reel.heartbeat_ns, 400);
	cr_assert(status(&since) == ZOE_STATE_STALLED && since == 400);
}

Test(view, ended, .init = a_live_pool)
{
	int64_t since;
	atomic_store(&reel.state, ZI_POOL_ENDED);
	atomic_store(&reel.source_lost_ns, 300);
	cr_assert(status(&since) == ZOE_STATE_ENDED && since == 200);
	cr_assert(zi_view_check_live(&view, "a") == -ENODATA && strstr(zoe_error(), "'a' has ended"));
}

/* Its successor's frames come under the same name, whatever the retired writer still does. */
Test(view, retired_is_live, .init = a_live_pool)
{
	int64_t since;
	atomic_store(&reel.state, ZI_POOL_RETIRED);
	cr_assert(status(&since) == ZOE_STATE_LIVE && since == 100);
	atomic_store(&reel.source_lost_ns, 300);
	atomic_store(&reel.heartbeat_ns, 400);
	cr_assert(status(&since) == ZOE_STATE_LIVE && since == 100);
	/* Who opens it just then must look again: the name means another. */
	cr_assert(zi_view_check_live(&view, "a") == -ESTALE);
}

Test(view, over_in_words, .init = a_live_pool)
{
	cr_assert(zi_view_fail_over(&view, "a", ZI_VIEW_LIVE) == 0 &&
		zi_view_fail_over(&view, "a", ZI_VIEW_RETIRED) == 0);
	cr_assert(zi_view_fail_over(&view, "a", ZI_VIEW_WRITER_GONE) == -EOWNERDEAD);
	cr_assert_str_eq(zoe_error(), "the writer of pool 'a' (pid 7) died");
}
