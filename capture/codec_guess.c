/* SPDX-License-Identifier: BSD-2-Clause */
#include "codec_guess.h"

#include <stdbool.h>
#include <string.h>

/* Parameter sets stand before the first picture. */
#define MOST_BYTES 4096

/* The two bytes of a NAL unit of HEVC's base layer, of the lowest temporal one. */
#define HEVC_VPS 0x4001
#define HEVC_SPS 0x4201

/* H.264's nal_unit_type; nal_ref_idc before it is not 0. */
#define H264_SPS 7
#define H264_PPS 8

static bool is_h264(unsigned nal, unsigned type)
{
	return (nal >> 8 & 0x9f) == type && (nal >> 13 & 3) != 0;
}

/* profile_idc, which is the byte behind the head of a sequence parameter set. */
static bool is_h264_profile(unsigned nal)
{
	static const uint8_t profiles[] = { 66, 77, 88, 100, 110, 122, 244, 44, 118, 128 };

	return memchr(profiles, (int)(nal & 0xff), sizeof(profiles)) != NULL;
}

/*
 * A single head may mean something in both: HEVC's are of types that H.264 does not use, or in data partitions, H.264's
 * of layers that nobody sends. Two of them, one after the other, are of one codec.
 */
enum AVCodecID codec_guess(const uint8_t *data, size_t n_bytes)
{
	bool has_vps = false, has_sps = false;

	for (size_t i = 0; i + 5 <= n_bytes && i < MOST_BYTES; i++) {
		if (data[i] != 0 || data[i + 1] != 0 || data[i + 2] != 1)
			continue;
		unsigned nal = (unsigned)data[i + 3] << 8 | data[i + 4];
		if (nal == HEVC_SPS && has_vps)
			return AV_CODEC_ID_HEVC;
		if (is_h264(nal, H264_PPS) && has_sps)
			return AV_CODEC_ID_H264;
		has_vps = nal == HEVC_VPS;
		has_sps = is_h264(nal, H264_SPS) && is_h264_profile(nal);
	}
	return AV_CODEC_ID_NONE;
}
