/* SPDX-License-Identifier: BSD-2-Clause */
#include "damage.h"

#include "compat.h"

/* A key packet that follows the mark of a gap more closely may be the one that has the gap. */
#define NEAR_PACKETS 2

/* Of a decoder that gives its pictures other times so many key pictures heal it, whatever their time. */
#define HEALED_BY 2

/* The decoder has had that packet: the next key packet is another one, unless there is a gap near by as well. */
void damage_error(struct damage *damage)
{
	if (!damage->by_packet)
		damage->n_packets = NEAR_PACKETS;
	damage->by_packet = true;
	damage->has_healing = false;
}

/* What was begun without a key packet lacks all before it. */
static void join(struct damage *damage, const AVPacket *packet)
{
	damage->is_joined = false;
	if (!(packet->flags & AV_PKT_FLAG_KEY))
		damage_error(damage);
}

/* The mark of a gap may be that of the packet behind it. */
static void mark_gap(struct damage *damage)
{
	damage_error(damage);
	damage->n_packets = 0;
}

void damage_packet(struct damage *damage, const AVPacket *packet)
{
	if (damage->is_joined)
		join(damage, packet);
	if (packet->flags & AV_PKT_FLAG_CORRUPT) {
		mark_gap(damage);
		return;
	}
	if (!damage->by_packet || ++damage->n_packets < NEAR_PACKETS || damage->has_healing ||
		!(packet->flags & AV_PKT_FLAG_KEY))
		return;
	damage->has_healing = true;
	damage->healing_pts = packet->pts;
	damage->n_keys = 0;
}

/* Its mark may be that of the key packet which follows. That may heal, having come no closer than the others. */
void damage_skipped(struct damage *damage, const AVPacket *packet)
{
	if (packet->flags & AV_PKT_FLAG_CORRUPT)
		mark_gap(damage);
	else if (damage->by_packet)
		damage->n_packets++;
}

/* A decoder with a delay gives key pictures from before the gap after it was given what follows that. */
static bool heals(struct damage *damage, const AVFrame *frame)
{
	if (!damage->has_healing)
		return false;
	return ++damage->n_keys >= HEALED_BY || frame->pts == AV_NOPTS_VALUE || frame->pts == damage->healing_pts;
}

bool damage_picture(struct damage *damage, const AVFrame *frame)
{
	if (frame->decode_error_flags || (frame->flags & AV_FRAME_FLAG_CORRUPT)) {
		damage->by_picture = true;
	} else if (compat_is_key(frame)) {
		damage->by_picture = false;
		damage->by_packet = damage->by_packet && !heals(damage, frame);
	}
	return damage->by_picture || damage->by_packet;
}
