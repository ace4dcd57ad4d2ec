/* SPDX-License-Identifier: BSD-2-Clause */
#include "damage.h"

#include "compat.h"

/* A key packet that follows the mark of a gap more closely may be the one that has the gap. */
#define NEAR_PACKETS 2

/* The decoder has had that packet: the next key packet is another one, unless there is a gap near by as well. */
void damage_error(struct damage *damage)
{
	if (!damage->by_packet) {
		damage->n_packets = NEAR_PACKETS;
		damage->from_tag = INT64_MIN;
	}
	damage->by_packet = true;
	damage->has_healing = damage->is_anew = false;
}

/* What was begun without a key packet lacks all before it. */
static void join(struct damage *damage, const AVPacket *packet)
{
	damage->is_joined = false;
	if (packet->flags & AV_PKT_FLAG_KEY)
		return;
	damage_error(damage);
	damage->is_anew = damage->recovers;
}

/* The mark of a gap may be that of the packet behind it. */
static void mark_gap(struct damage *damage, int64_t tag)
{
	bool is_first = !damage->by_packet;

	damage_error(damage);
	damage->n_packets = 0;
	if (is_first)
		damage->from_tag = tag;
}

bool damage_begins_anew(struct damage *damage, const AVPacket *packet)
{
	bool is_now = damage->by_bits && damage->by_packet && (packet->flags & AV_PKT_FLAG_KEY) &&
		!(packet->flags & AV_PKT_FLAG_CORRUPT) && damage->n_packets + 1 >= NEAR_PACKETS;

	if (is_now) {
		damage->by_bits = damage->has_healing = false;
		damage->is_anew = true;
	}
	return is_now;
}

void damage_packet(struct damage *damage, const AVPacket *packet, int64_t tag)
{
	if (damage->is_joined)
		join(damage, packet);
	if (packet->flags & AV_PKT_FLAG_CORRUPT) {
		mark_gap(damage, tag);
		return;
	}
	if (!damage->by_packet || ++damage->n_packets < NEAR_PACKETS || damage->has_healing ||
		!(packet->flags & AV_PKT_FLAG_KEY))
		return;
	damage->has_healing = true;
	damage->healing_tag = tag;
}

/* Its mark may be that of the key packet which follows. That may heal, having come no closer than the others. */
void damage_skipped(struct damage *damage, const AVPacket *packet)
{
	if (packet->flags & AV_PKT_FLAG_CORRUPT)
		mark_gap(damage, INT64_MIN);
	else if (damage->by_packet)
		damage->n_packets++;
}

/* A decoder with a delay gives pictures from before the gap after it was given what follows that. */
static void look_for_healing(struct damage *damage, bool is_key, int64_t tag)
{
	bool is_behind = damage->by_packet && damage->has_healing && tag >= damage->healing_tag;

	if (is_behind && (is_key || damage->is_anew)) {
		damage->by_packet = damage->by_picture = damage->is_anew = false;
	} else if (is_behind && damage->recovers && tag == damage->healing_tag) {
		damage->by_bits = true;
		damage->has_healing = false;
	}
}

/* Of a decoder that keeps none it is as if the picture were of the last packet. */
static int64_t tag_of(const AVFrame *frame)
{
	int64_t tag = compat_tag_of(frame);

	return tag > 0 ? tag : INT64_MAX;
}

bool damage_picture(struct damage *damage, const AVFrame *frame)
{
	int64_t tag = tag_of(frame);

	if (frame->decode_error_flags || (frame->flags & AV_FRAME_FLAG_CORRUPT)) {
		damage->by_picture = true;
	} else {
		damage->by_picture = damage->by_picture && !compat_is_key(frame);
		look_for_healing(damage, compat_is_key(frame), tag);
	}
	return damage->by_picture || (damage->by_packet && tag >= damage->from_tag);
}
