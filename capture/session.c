/* SPDX-License-Identifier: BSD-2-Clause */
#include "session.h"

#include <assert.h>

#define NS_PER_S INT64_C(1000000000)
#define GOOD_NS (60 * NS_PER_S) /* who played for so long begins with the shortest pause again */
#define JITTER_PERCENT 20       /* not all that lost the same server come back at the same moment */

/* So many tries with so long a pause before each; the last for all that follow. As go2rtc's. */
static const struct {
	unsigned n;
	int64_t pause_ns;
} steps[] = {
	{ 5, 1 * NS_PER_S },
	{ 5, 5 * NS_PER_S },
	{ 10, 10 * NS_PER_S },
	{ 0, 60 * NS_PER_S },
};

void session_begin(struct session *session, uint32_t seed, int64_t now_ns)
{
	*session = (struct session){
		.state = SESSION_CONNECTING,
		.random = seed,
		.picture_ns = now_ns,
	};
}

bool session_picture(struct session *session, int64_t now_ns)
{
	bool is_first = session->state != SESSION_PLAYING;

	assert(session->state != SESSION_WAITING);
	if (is_first) {
		session->state = SESSION_PLAYING;
		session->playing_ns = now_ns;
		session->n_away = 0;
	}
	session->picture_ns = now_ns;
	return is_first;
}

static int64_t pause_after(const struct session *session)
{
	unsigned left = session->n_tries - 1, i = 0;

	/* What has just played is likely to be back soon, however long it was away before. */
	if (session->n_away == 1)
		return steps[0].pause_ns;
	while (!session->is_local && steps[i].n > 0 && left >= steps[i].n)
		left -= steps[i++].n;
	return steps[i].pause_ns;
}

/* The same pause, give or take 20 %. */
static int64_t with_jitter(struct session *session, int64_t pause_ns)
{
	/* The constants of Numerical Recipes' "quick and dirty" generator; its high bits are the better ones. */
	session->random = session->random * 1664525u + 1013904223u;
	int64_t percent = (int64_t)(session->random >> 16) % (2 * JITTER_PERCENT + 1) - JITTER_PERCENT;

	return pause_ns + pause_ns / 100 * percent;
}

void session_failed(struct session *session, int64_t now_ns)
{
	assert(session->state != SESSION_WAITING);
	if (session->state == SESSION_PLAYING && session->picture_ns - session->playing_ns >= GOOD_NS)
		session->n_tries = 0;
	session->n_tries++;
	session->n_away++;
	session->state = SESSION_WAITING;
	session->next_ns = now_ns + with_jitter(session, pause_after(session));
}

void session_try(struct session *session)
{
	assert(session->state == SESSION_WAITING);
	session->state = SESSION_CONNECTING;
}
