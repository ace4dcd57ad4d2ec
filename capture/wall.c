/* SPDX-License-Identifier: BSD-2-Clause */
#include "wall.h"

#define NS_PER_S INT64_C(1000000000)
#define OLDEST_NS (10 * NS_PER_S)
/* A clock that is about as late does not come and go. */
#define STILL_NS (15 * NS_PER_S)
/* Two clocks that are set over a network are never quite the same. */
#define AHEAD_NS (NS_PER_S / 5)

void wall_packet(struct wall *wall, int64_t tag, int64_t taken_ns, int64_t now_ns)
{
	int64_t said_ns = taken_ns;

	if (wall->is_of_next)
		taken_ns = wall->next_ns;
	wall->next_ns = said_ns;
	wall->is_believed = taken_ns > 0 && taken_ns <= now_ns + AHEAD_NS &&
		taken_ns >= now_ns - (wall->is_believed ? STILL_NS : OLDEST_NS);
	if (!wall->is_believed)
		return;
	wall->packet[wall->next].tag = tag;
	wall->packet[wall->next].taken_ns = taken_ns;
	wall->next = (wall->next + 1) % WALL_PACKETS;
}

int64_t wall_taken(const struct wall *wall, int64_t tag)
{
	for (unsigned i = 0; i < WALL_PACKETS; i++)
		if (wall->packet[i].taken_ns && wall->packet[i].tag == tag)
			return wall->packet[i].taken_ns;
	return 0;
}
