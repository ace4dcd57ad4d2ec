/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets that libavformat read while it looked at the stream say nothing, nor do those that a pipe had in
 * store. What follows the first one that had to be waited for is measured against the clock.
 */
#include "arrival.h"

#include "ticks.h"

#define NS_PER_S INT64_C(1000000000)
#define BLOCKED_NS 3000000        /* a read that takes longer waited */
#define WINDOW_NS NS_PER_S        /* of the clock or of the video: long enough to tell */
#define SERVED_NS (10 * NS_PER_S) /* a server may have as much in store of what is live */
#define STORED_BYTES 200000       /* more than a pipe and a buffer hold */
#define MOST_BYTES 64000000       /* kept in memory meanwhile */

/* A clock runs on as fast as the video, give or take what one packet holds; a guessed rate may be far off. */
#define KNOWN_PACE 1.5
#define GUESSED_PACE 8.0

void arrival_init(struct arrival *arrival, int64_t offset, bool has_timestamps, bool is_served)
{
	*arrival = (struct arrival){
		.first_offset = offset,
		.fastest_live = has_timestamps ? KNOWN_PACE : GUESSED_PACE,
		.stored_ns = is_served ? SERVED_NS : WINDOW_NS,
	};
}

static enum arrival_verdict judge(const struct arrival *arrival, int64_t elapsed_ns)
{
	bool is_live = (double)arrival->media_ns <= (double)elapsed_ns * arrival->fastest_live;

	return is_live ? ARRIVAL_LIVE : ARRIVAL_FILE;
}

enum arrival_verdict arrival_note(struct arrival *arrival, int64_t begun_ns, int64_t done_ns, int64_t offset,
	int64_t media_ns, size_t n_bytes)
{
	arrival->n_bytes += n_bytes;
	arrival->past_buffered |= offset != arrival->first_offset;
	if (!arrival->past_buffered)
		return arrival->n_bytes > MOST_BYTES ? ARRIVAL_FILE : ARRIVAL_OPEN;
	arrival->media_ns = ticks_add(arrival->media_ns, media_ns);
	arrival->total_ns = ticks_add(arrival->total_ns, media_ns);
	if (arrival->blocked) {
		int64_t elapsed_ns = done_ns - arrival->begun_ns;
		bool enough = elapsed_ns >= WINDOW_NS || arrival->media_ns >= WINDOW_NS ||
			arrival->n_bytes > MOST_BYTES;
		enum arrival_verdict verdict = enough ? judge(arrival, elapsed_ns) : ARRIVAL_OPEN;
		if (verdict != ARRIVAL_FILE || arrival->total_ns >= arrival->stored_ns || arrival->n_bytes > MOST_BYTES)
			return verdict;
		arrival->begun_ns = done_ns;
		arrival->media_ns = 0;
		return ARRIVAL_OPEN;
	}
	if (done_ns - begun_ns >= BLOCKED_NS) {
		arrival->blocked = true;
		arrival->begun_ns = done_ns;
		arrival->media_ns = 0;
	} else if ((arrival->media_ns >= arrival->stored_ns && offset - arrival->first_offset >= STORED_BYTES) ||
		arrival->n_bytes > MOST_BYTES) {
		return ARRIVAL_FILE;
	}
	return ARRIVAL_OPEN;
}
