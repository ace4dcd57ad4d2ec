/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A decoder that goes on with a key packet after a gap would make the pictures that precede it, by their time, from
 * what was before the gap. So it is emptied first: then it leaves those out itself, and all that it gives are whole.
 */
#include "catch_up.h"

#include "ticks.h"

void catch_up_begin(struct catch_up *catch_up, const AVCodecContext *decoder, bool is_dated, int64_t max_ns)
{
	*catch_up = (struct catch_up){ .is_dated = is_dated, .own_discard = decoder->skip_frame };
	lag_init(&catch_up->lag, max_ns);
}

static int64_t time_ns_of(const struct catch_up *catch_up, const AVPacket *packet, AVRational time_base)
{
	int64_t time = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;

	return catch_up->is_dated && time != AV_NOPTS_VALUE ? ticks_rescale(time, time_base, ticks_ns) : LAG_NO_TIME;
}

void catch_up_empty(struct catch_up *catch_up, AVCodecContext *decoder)
{
	catch_up->is_emptying = true;
	avcodec_send_packet(decoder, NULL);
}

static void drop(struct catch_up *catch_up, AVCodecContext *decoder, bool is_first)
{
	if (!is_first)
		return;
	catch_up->dropped_at_ns = catch_up->lag.lag_ns;
	catch_up_empty(catch_up, decoder);
}

bool catch_up_wants(struct catch_up *catch_up, AVCodecContext *decoder, const AVPacket *packet, int64_t waited_ns,
	struct timeline *timeline, struct damage *damage, struct counters *counters)
{
	const struct lag_packet judged = {
		.time_ns = time_ns_of(catch_up, packet, decoder->pkt_timebase),
		.arrival_ns = zoe_now_ns(),
		.waited_ns = waited_ns,
		.is_key = (packet->flags & AV_PKT_FLAG_KEY) != 0,
		.has_parameters = av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, NULL) != NULL,
	};
	bool was_dropping = catch_up->lag.is_dropping;
	enum lag_verdict verdict = lag_judge(&catch_up->lag, &judged);

	counters->lag_ns = catch_up->lag.lag_ns;
	if (verdict == LAG_DROP) {
		counters->skipped++;
		damage_skipped(damage, packet);
		drop(catch_up, decoder, !was_dropping);
		return false;
	}
	if (was_dropping)
		timeline_skip(timeline, catch_up->dropped_at_ns);
	decoder->skip_frame = catch_up->own_discard;
	if (verdict == LAG_DECODE_REFERENCES && decoder->skip_frame < AVDISCARD_NONREF)
		decoder->skip_frame = AVDISCARD_NONREF;
	return true;
}

void catch_up_given(struct catch_up *catch_up)
{
	catch_up->n_inside++;
}

void catch_up_picture(struct catch_up *catch_up)
{
	if (catch_up->n_inside > 0)
		catch_up->n_inside--;
}

/* What is inside and not waiting for its turn was left out, or gave no picture anyway. */
void catch_up_idle(struct catch_up *catch_up, const AVCodecContext *decoder, struct counters *counters)
{
	int n_gone = catch_up->n_inside - decoder->has_b_frames;

	if (n_gone <= 0)
		return;
	catch_up->n_inside -= n_gone;
	if (decoder->skip_frame != catch_up->own_discard)
		counters->skipped += (uint64_t)n_gone;
}

bool catch_up_emptied(struct catch_up *catch_up, AVCodecContext *decoder)
{
	if (!catch_up->is_emptying)
		return false;
	catch_up_flushed(catch_up);
	avcodec_flush_buffers(decoder);
	return true;
}

void catch_up_flushed(struct catch_up *catch_up)
{
	catch_up->is_emptying = false;
	catch_up->n_inside = 0;
}
