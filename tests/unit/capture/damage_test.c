/* SPDX-License-Identifier: BSD-2-Clause */
/* What is lost damages what is made from it, up to the next key picture that is whole. */
#include <criterion/criterion.h>

#include "compat.h"
#include "damage.h"

static struct damage damage;
static AVPacket *packet;
static AVFrame *frame;

static void begin(void)
{
	packet = av_packet_alloc();
	frame = av_frame_alloc();
	cr_assert(packet && frame);
}

static void end(void)
{
	av_packet_free(&packet);
	av_frame_free(&frame);
}

TestSuite(damage, .init = begin, .fini = end);

static bool is_anew; /* the decoder was to be emptied before the packet that was given last */

/* Packets' tags are their times, and one more. */
static void set_tag(int64_t tag)
{
#if LIBAVCODEC_VERSION_MAJOR < 60
	frame->reordered_opaque = tag;
#else
	frame->opaque = (void *)(intptr_t)tag;
#endif
}

static void give(int64_t pts, int flags)
{
	packet->pts = pts;
	packet->flags = flags;
	is_anew = damage_begins_anew(&damage, packet);
	damage_packet(&damage, packet, pts + 1);
}

static void leave_out(int64_t pts, int flags)
{
	packet->pts = pts;
	packet->flags = flags;
	damage_skipped(&damage, packet);
}

/* A picture comes; whether it is damaged. */
static bool is_damaged(int64_t pts, bool is_key, int flags)
{
	av_frame_unref(frame);
	frame->pts = pts;
	set_tag(pts == AV_NOPTS_VALUE ? 0 : pts + 1);
	frame->flags = flags;
#ifdef AV_FRAME_FLAG_KEY
	frame->flags |= is_key ? AV_FRAME_FLAG_KEY : 0;
#else
	frame->key_frame = is_key;
#endif
	return damage_picture(&damage, frame);
}

Test(damage, up_to_the_next_key_picture)
{
	cr_assert(!is_damaged(0, true, 0) && !is_damaged(1, false, 0));
	cr_assert(is_damaged(2, false, AV_FRAME_FLAG_CORRUPT));
	cr_assert(is_damaged(3, false, 0) && is_damaged(4, false, 0));
	cr_assert(is_damaged(5, true, AV_FRAME_FLAG_CORRUPT), "a key picture that is damaged itself");
	cr_assert(is_damaged(6, false, 0));
	cr_assert(!is_damaged(7, true, 0) && !is_damaged(8, false, 0));
}

/* A stream that is joined between two key pictures is damaged up to the next, of which it need not be far. */
Test(damage, of_what_is_joined)
{
	damage.is_joined = true;
	give(1, 0);
	cr_assert(is_damaged(1, false, 0));
	give(2, AV_PKT_FLAG_KEY);
	cr_assert(!is_damaged(2, true, 0));
	give(3, 0);
	cr_assert(!is_damaged(3, false, 0));
	damage = (struct damage){ .is_joined = true };
	give(4, AV_PKT_FLAG_KEY);
	give(5, 0);
	cr_assert(!is_damaged(4, true, 0) && !is_damaged(5, false, 0));
	damage = (struct damage){ 0 };
	give(6, 0);
	cr_assert(!is_damaged(6, false, 0), "whole from its first picture on");
}

/* A key packet that follows an error of the decoder's is none of its business, if no gap was near by. */
Test(damage, of_an_error_before_a_key_packet)
{
	give(1, 0);
	damage_error(&damage);
	give(2, AV_PKT_FLAG_KEY);
	cr_assert(is_damaged(1, false, 0) && !is_damaged(2, true, 0));
	give(3, AV_PKT_FLAG_CORRUPT);
	damage_error(&damage);
	give(4, AV_PKT_FLAG_KEY);
	cr_assert(is_damaged(3, false, 0) && is_damaged(4, true, 0));
}

/* The mark of a gap may stand at the packet before: a key packet next to it heals nothing. */
Test(damage, of_a_packet)
{
	give(0, AV_PKT_FLAG_KEY);
	cr_assert(!is_damaged(0, true, 0));
	give(1, AV_PKT_FLAG_CORRUPT);
	cr_assert(is_damaged(1, false, 0));
	give(2, AV_PKT_FLAG_KEY);
	cr_assert(is_damaged(2, true, 0));
	give(3, 0);
	cr_assert(is_damaged(3, false, 0));
	give(4, AV_PKT_FLAG_KEY | AV_PKT_FLAG_CORRUPT);
	cr_assert(is_damaged(4, true, 0), "a decoder may not have noticed");
	give(5, 0);
	cr_assert(is_damaged(5, false, 0));
	give(6, AV_PKT_FLAG_KEY);
	cr_assert(!is_damaged(6, true, 0));
	give(7, 0);
	cr_assert(!is_damaged(7, false, 0));
}

Test(damage, of_an_error)
{
	damage_error(&damage);
	give(1, 0);
	cr_assert(is_damaged(1, false, 0));
	give(2, AV_PKT_FLAG_KEY);
	cr_assert(!is_damaged(2, true, 0));
}

/* Key pictures from before the gap that a decoder gives after it heal nothing. */
Test(damage, in_a_decoder_with_a_delay)
{
	give(0, AV_PKT_FLAG_KEY);
	give(1, 0);
	give(2, AV_PKT_FLAG_CORRUPT);
	give(3, 0);
	cr_assert(!is_damaged(0, true, 0));
	give(4, AV_PKT_FLAG_KEY);
	cr_assert(!is_damaged(1, false, 0));
	give(5, 0);
	cr_assert(is_damaged(2, false, 0) && is_damaged(3, false, 0) && !is_damaged(4, true, 0));
}

/* Nor does one close by when there are many between it and what is given, and what is whole in between stays so. */
Test(damage, in_a_decoder_with_many_threads)
{
	give(0, AV_PKT_FLAG_KEY);
	give(1, 0);
	give(2, AV_PKT_FLAG_KEY);
	give(3, AV_PKT_FLAG_KEY);
	give(4, AV_PKT_FLAG_CORRUPT);
	give(5, 0);
	give(6, AV_PKT_FLAG_KEY);
	cr_assert(!is_damaged(0, true, 0) && !is_damaged(1, false, 0) && !is_damaged(2, true, 0) &&
		!is_damaged(3, true, 0));
	cr_assert(is_damaged(4, false, 0) && is_damaged(5, false, 0) && !is_damaged(6, true, 0));
}

/* A second gap, before the key picture that was to heal the first has come: another must. */
Test(damage, twice)
{
	give(0, AV_PKT_FLAG_CORRUPT);
	give(1, 0);
	give(2, AV_PKT_FLAG_KEY);
	give(3, AV_PKT_FLAG_CORRUPT);
	cr_assert(is_damaged(0, false, 0) && is_damaged(1, false, 0) && is_damaged(2, true, 0) &&
		is_damaged(3, false, 0));
	give(4, 0);
	give(5, AV_PKT_FLAG_KEY);
	cr_assert(is_damaged(4, false, 0) && !is_damaged(5, true, 0));
}

/* A decoder that keeps no tags does not keep it damaged. */
Test(damage, without_tags)
{
	damage_error(&damage);
	give(3, 0);
	cr_assert(is_damaged(AV_NOPTS_VALUE, true, 0));
	give(4, AV_PKT_FLAG_KEY);
	cr_assert(!is_damaged(AV_NOPTS_VALUE, true, 0));
}

/* Where no picture is a key picture, since each renews a part, the decoder begins anew with what can be begun with. */
Test(damage, that_heals_by_bits)
{
	damage.recovers = true;
	give(0, AV_PKT_FLAG_KEY);
	cr_assert(!is_damaged(0, true, 0));
	give(1, AV_PKT_FLAG_CORRUPT);
	give(2, 0);
	give(3, AV_PKT_FLAG_KEY);
	cr_assert(!is_anew && is_damaged(1, false, 0) && is_damaged(2, false, 0) && is_damaged(3, false, 0));
	give(4, 0);
	cr_assert(!is_anew && is_damaged(4, false, 0));
	give(5, AV_PKT_FLAG_KEY);
	cr_assert(is_anew && !is_damaged(6, false, 0), "what comes out of it is whole");
	give(7, AV_PKT_FLAG_KEY);
	cr_assert(!is_anew && !is_damaged(7, false, 0));
	/* What is joined began anew. */
	damage = (struct damage){ .is_joined = true, .recovers = true };
	give(8, 0);
	give(9, AV_PKT_FLAG_KEY);
	cr_assert(!is_anew && !is_damaged(10, false, 0));
}

/* Packets that are left out damage nothing, but their marks may be the key packet's that follows. */
Test(damage, of_what_was_left_out)
{
	give(0, AV_PKT_FLAG_KEY);
	cr_assert(!is_damaged(0, true, 0));
	leave_out(1, 0);
	leave_out(2, 0);
	give(3, AV_PKT_FLAG_KEY);
	cr_assert(!is_damaged(3, true, 0));
	leave_out(4, AV_PKT_FLAG_CORRUPT);
	give(5, AV_PKT_FLAG_KEY);
	cr_assert(is_damaged(5, true, 0), "marked close by");
	leave_out(6, AV_PKT_FLAG_KEY);
	leave_out(7, 0);
	give(8, AV_PKT_FLAG_KEY);
	cr_assert(!is_damaged(8, true, 0), "one that was left out heals nothing, nor keeps the next from it");
}
