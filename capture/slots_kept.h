/* SPDX-License-Identifier: BSD-2-Clause */
/* How many slots a decoder needs for itself. */
#ifndef CAPTURE_SLOTS_KEPT_H
#define CAPTURE_SLOTS_KEPT_H

#include <stdint.h>

#include <libavcodec/avcodec.h>

/* The most slots that an open decoder keeps: pictures that it refers back to, and those under way. */
uint32_t slots_kept(const AVCodecContext *decoder);

#endif
