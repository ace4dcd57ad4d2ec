/* SPDX-License-Identifier: BSD-2-Clause */
/* Which frame leaves, and with which result. */
#include "match.h"

#include <stdlib.h>
#include <string.h>

void match_init(struct match *match, uint32_t capacity)
{
	*match = (struct match){ .capacity = capacity };
}

bool match_is_full(const struct match *match)
{
	return match->n_frames == match->capacity;
}

void match_add_frame(struct match *match, const struct match_pair *pair)
{
	match->frames[match->n_frames++] = *pair;
	match->frame_ns = pair->acquired_ns;
}

static struct worker_result *take_result(struct match *match, uint32_t at)
{
	struct worker_result *result = match->results[at];

	match->n_results--;
	memmove(&match->results[at], &match->results[at + 1], (match->n_results - at) * sizeof(match->results[0]));
	return result;
}

void match_add_result(struct match *match, struct worker_result *result)
{
	if (match->n_results == MATCH_RESULTS)
		free(take_result(match, 0));
	match->results[match->n_results++] = result;
	if (result->seat < ZOE_MAX_SEATS) {
		match->seats[result->seat].epoch = result->epoch;
		match->seats[result->seat].seq = result->seq;
	}
	match->n_late += result->epoch == match->gone_epoch && result->seq <= match->gone_seq;
}

static struct worker_result *find_result(struct match *match, const struct zoe_frame *frame)
{
	for (uint32_t i = 0; i < match->n_results; i++)
		if (match->results[i]->epoch == frame->epoch && match->results[i]->seq == frame->seq)
			return take_result(match, i);
	return NULL;
}

/* True when a frame of that epoch waits behind the oldest one, which is of another. */
static bool follows(const struct match *match, uint64_t epoch)
{
	for (uint32_t i = 1; i < match->n_frames; i++)
		if (match->frames[i].frame->epoch == epoch)
			return true;
	return false;
}

static bool moved_on(const struct match *match, const struct zoe_frame *frame)
{
	bool one_has = false;

	for (uint32_t i = 0; i < ZOE_MAX_SEATS; i++) {
		uint64_t epoch = match->seats[i].epoch, seq = match->seats[i].seq;

		if (epoch == frame->epoch ? seq >= frame->seq : follows(match, epoch))
			one_has = true;
		else if (epoch == frame->epoch && frame->seq - seq <= MATCH_SEAT_FRAMES)
			return false;
	}
	return one_has;
}

/* Free the results about frames before this one: those were not acquired here, or have left. */
static void forget_results(struct match *match, const struct zoe_frame *frame)
{
	for (uint32_t i = 0; i < match->n_results;) {
		if (match->results[i]->epoch == frame->epoch && match->results[i]->seq < frame->seq)
			free(take_result(match, i));
		else
			i++;
	}
}

bool match_next(struct match *match, int64_t now_ns, struct match_pair *pair)
{
	const struct zoe_frame *frame = match->frames[0].frame;
	struct worker_result *result;

	if (match->n_frames == 0)
		return false;
	result = find_result(match, frame);
	if (!result && !match_is_full(match) && !moved_on(match, frame) && now_ns - match->frame_ns < MATCH_SILENCE_NS)
		return false;
	forget_results(match, frame);
	*pair = match->frames[0];
	pair->result = result;
	match->gone_epoch = frame->epoch;
	match->gone_seq = frame->seq;
	match->n_frames--;
	memmove(&match->frames[0], &match->frames[1], match->n_frames * sizeof(match->frames[0]));
	return true;
}

void match_finish(struct match *match)
{
	while (match->n_results > 0)
		free(take_result(match, 0));
}
