/* SPDX-License-Identifier: BSD-2-Clause */
/* libavcodec, decoding into the publisher's slots. */
#ifndef CAPTURE_DECODER_H
#define CAPTURE_DECODER_H

#include <stdbool.h>

#include <libavcodec/avcodec.h>

#include "input.h"
#include "publisher.h"

/*
 * Open the decoder for an input. SOURCE_OK: it is open. Takes what it knows of the
 * input's left-over options; what remains is a usage error, but for one that takes another's place.
 */
enum source_outcome decoder_open(AVCodecContext **decoder, struct input *input, struct publisher *publisher);

/* True when it decodes straight into slots. */
bool decoder_is_in_place(const AVCodecContext *decoder);

/* "frame", "slice" or "no" threads. */
const char *decoder_threading(const AVCodecContext *decoder);

#endif
