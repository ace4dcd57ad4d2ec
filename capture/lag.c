/* SPDX-License-Identifier: BSD-2-Clause */
#include "lag.h"

#include <libavutil/common.h>

#include "ticks.h"

#define MS INT64_C(1000000)
#define NS_PER_S (1000 * MS)

#define HALF_WINDOW_NS (30 * NS_PER_S)

/* Two clocks drift apart by less than 100 ms in it; then nothing is known before a read has waited again. */
#define STALE_NS (600 * NS_PER_S)

/* No packet's time goes back by so much, nor so much faster than the clock, unless that of the source jumps. */
#define BACK_NS NS_PER_S
#define AHEAD_NS (5 * NS_PER_S)

/* A reader that sleeps for a tenth of the time, however little at once, is not behind. */
#define EXCUSED_TIMES 10
#define WAITED_NS MS

void lag_init(struct lag *lag, int64_t max_ns)
{
	*lag = (struct lag){ .max_ns = max_ns };
}

static bool has_jumped(const struct lag *lag, const struct lag_packet *packet)
{
	int64_t step_ns = ticks_sub(packet->time_ns, lag->time_ns);

	return step_ns < -BACK_NS || ticks_sub(step_ns, packet->arrival_ns - lag->arrival_ns) > AHEAD_NS;
}

/* All that is known of the source's time is this packet. */
static void begin_anew(struct lag *lag, int64_t offset_ns, int64_t now_ns)
{
	lag->least_ns[0] = offset_ns;
	lag->least_ns[1] = INT64_MAX;
	lag->begun_ns = now_ns;
	lag->proven_ns = 0;
	lag->excused_ns = 0;
	lag->lag_ns = 0;
}

static void measure(struct lag *lag, int64_t offset_ns)
{
	int64_t least_ns = lag->least_ns[0] < lag->least_ns[1] ? lag->least_ns[0] : lag->least_ns[1];

	if (offset_ns < lag->least_ns[0])
		lag->least_ns[0] = offset_ns;
	lag->lag_ns = offset_ns > least_ns ? ticks_sub(offset_ns, least_ns) : 0;
}

/* A read slept for more than a moment, or for a tenth of the time since the last packet. */
static bool has_waited(const struct lag *lag, const struct lag_packet *packet)
{
	int64_t elapsed_ns = packet->arrival_ns - lag->arrival_ns;

	return packet->waited_ns >= WAITED_NS ||
		(packet->waited_ns > 0 && packet->waited_ns >= elapsed_ns / EXCUSED_TIMES);
}

static void excuse(struct lag *lag, const struct lag_packet *packet, int64_t last_ns)
{
	int64_t faded_ns = (packet->arrival_ns - lag->arrival_ns) / 2;
	bool was_well = lag->excused_ns == 0 && last_ns < lag->max_ns / 2;

	lag->excused_ns = lag->excused_ns > faded_ns ? lag->excused_ns - faded_ns : 0;
	if (has_waited(lag, packet))
		lag->excused_ns = ticks_add(lag->excused_ns, packet->waited_ns * EXCUSED_TIMES);
	else if (was_well && lag->lag_ns > last_ns)
		lag->excused_ns = lag->lag_ns - last_ns;
	if (lag->excused_ns > lag->lag_ns)
		lag->excused_ns = lag->lag_ns;
}

/* Nothing is behind for sure: only such a moment may make the window forget an older one. */
static void prove(struct lag *lag, int64_t offset_ns, int64_t now_ns)
{
	int64_t age_ns = now_ns - lag->begun_ns;

	lag->proven_ns = now_ns;
	if (age_ns < HALF_WINDOW_NS)
		return;
	lag->least_ns[1] = age_ns < 2 * HALF_WINDOW_NS ? lag->least_ns[0] : INT64_MAX;
	lag->least_ns[0] = offset_ns;
	lag->begun_ns = now_ns;
}

/* A key packet has been due for as long as ever lay between two: there may be none any more. */
static bool has_keys(const struct lag *lag, const struct lag_packet *packet)
{
	return lag->n_keys > 1 && ticks_sub(packet->time_ns, lag->key_ns) / 2 <= lag->longest_ns;
}

/* With what precedes the next key packet as much is gone as it is behind: the fewest that it ever takes. */
static bool is_good_moment(const struct lag *lag, const struct lag_packet *packet, int64_t behind_ns)
{
	int64_t left_ns = ticks_sub(lag->next_key_ns, packet->time_ns);

	return behind_ns >= lag->max_ns / 4 * 3 && left_ns > 0 && left_ns <= behind_ns;
}

static enum lag_verdict decide(struct lag *lag, const struct lag_packet *packet)
{
	int64_t behind_ns = lag->lag_ns - lag->excused_ns, half_ns = lag->max_ns / 2;
	bool is_stale = lag->proven_ns == 0 || packet->arrival_ns - lag->proven_ns > STALE_NS;

	if (lag->is_dropping)
		lag->is_dropping = !packet->is_key || ((is_stale || behind_ns >= half_ns) && !packet->has_parameters);
	else
		lag->is_dropping = has_keys(lag, packet) &&
			(behind_ns >= (is_stale ? half_ns : lag->max_ns) || is_good_moment(lag, packet, behind_ns));
	if (lag->is_dropping)
		return LAG_DROP;
	return behind_ns >= half_ns ? LAG_DECODE_REFERENCES : LAG_DECODE;
}

enum lag_verdict lag_judge(struct lag *lag, const struct lag_packet *packet)
{
	int64_t offset_ns = ticks_sub(packet->arrival_ns, packet->time_ns), last_ns = lag->lag_ns;

	lag->n_keys += packet->is_key;
	if (packet->time_ns == LAG_NO_TIME) {
		lag->is_dropping = lag->is_dropping && !packet->is_key;
		return lag->is_dropping ? LAG_DROP : LAG_DECODE;
	}
	bool is_anew = !lag->has_packet || has_jumped(lag, packet);
	if (is_anew) {
		begin_anew(lag, offset_ns, packet->arrival_ns);
	} else {
		measure(lag, offset_ns);
		excuse(lag, packet, last_ns);
	}
	if (has_waited(lag, packet) && lag->excused_ns == lag->lag_ns)
		prove(lag, offset_ns, packet->arrival_ns);
	if (packet->is_key) {
		if (lag->n_keys > 1 && !is_anew)
			lag->longest_ns = FFMAX(lag->longest_ns, ticks_sub(packet->time_ns, lag->key_ns));
		lag->next_key_ns = ticks_add(packet->time_ns, ticks_sub(packet->time_ns, lag->key_ns));
		lag->key_ns = packet->time_ns;
	}
	lag->has_packet = true;
	lag->time_ns = packet->time_ns;
	lag->arrival_ns = packet->arrival_ns;
	return lag->max_ns > 0 ? decide(lag, packet) : LAG_DECODE;
}
