/* SPDX-License-Identifier: BSD-2-Clause */
/* Which codec a packet is of, by its own word: a sender may change it without the demuxer's noticing. */
#ifndef CAPTURE_CODEC_GUESS_H
#define CAPTURE_CODEC_GUESS_H

#include <stddef.h>
#include <stdint.h>

#include <libavcodec/codec_id.h>

/*
 * H.264 or HEVC with start codes (Annex B): the one whose parameter sets the packet begins with.
 * AV_CODEC_ID_NONE: it has none, as packets between key frames.
 */
enum AVCodecID codec_guess(const uint8_t *data, size_t n_bytes);

#endif
