/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which pictures lack something: what was lost on the way damages its picture and all that are made from it, up to
 * a key picture that is whole. Decoders mark only those in which they had to make something up, and with
 * slice threads not even these; a demuxer marks the packet that it had in hand when it saw the gap, and a parser behind
 * it may move that mark to the packet before.
 */
#ifndef CAPTURE_DAMAGE_H
#define CAPTURE_DAMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>

struct damage {
	bool is_joined;     /* for the owner to set: the stream may have begun before its first packet */
	bool by_picture;    /* a picture was damaged: up to the next key picture */
	bool by_packet;     /* a packet was: up to the picture of the key packet that heals it, */
	unsigned n_packets; /* which is not one of those near by; so many since */
	bool has_healing;   /* it came, */
	int64_t healing_pts;
	unsigned n_keys; /* and so many key pictures since */
};

/* The decoder is given this packet; it had an error with it. */
void damage_packet(struct damage *damage, const AVPacket *packet);
void damage_error(struct damage *damage);

/* This packet is left out, and so are all up to a key packet. */
void damage_skipped(struct damage *damage, const AVPacket *packet);

/* True when this picture, the next that came out of the decoder, lacks something. */
bool damage_picture(struct damage *damage, const AVFrame *frame);

#endif
