/* SPDX-License-Identifier: BSD-2-Clause */
/* What codecs keep, by their standards and by what the open decoder says of itself. */
#include "slots_kept.h"

#include <stdbool.h>

#include <libavcodec/codec_desc.h>

static bool is_intra_only(enum AVCodecID id)
{
	const AVCodecDescriptor *description = avcodec_descriptor_get(id);

	return description && (description->props & AV_CODEC_PROP_INTRA_ONLY);
}

/* Pictures that a codec refers back to, at most, where its context does not say it. */
static int n_references(const AVCodecContext *decoder)
{
	static const struct {
		enum AVCodecID id;
		int n;
	} known[] = {
		{ AV_CODEC_ID_HEVC, 6 },
		{ AV_CODEC_ID_MPEG1VIDEO, 2 },
		{ AV_CODEC_ID_MPEG2VIDEO, 2 },
		{ AV_CODEC_ID_MPEG4, 2 },
		{ AV_CODEC_ID_VP8, 4 },
		{ AV_CODEC_ID_VP9, 8 },
	};
	int n = decoder->refs;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].id == decoder->codec_id && known[i].n > n)
			n = known[i].n;
	return n;
}

uint32_t slots_kept(const AVCodecContext *decoder)
{
	int n_delayed = decoder->active_thread_type == FF_THREAD_FRAME ? decoder->thread_count : 1;

	if (is_intra_only(decoder->codec_id))
		return (uint32_t)(n_delayed + 1);
	return (uint32_t)(n_references(decoder) + decoder->has_b_frames + n_delayed + 2);
}
