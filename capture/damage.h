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
	bool recovers;      /* as well: a decoder that begins anew leaves out what is not whole */
	bool by_packet;     /* a packet was: from the picture of this one */
	int64_t from_tag;   /* up to that of the key packet that heals it, */
	unsigned n_packets; /* which is not one of those near by; so many since */
	bool has_healing;   /* it came, */
	int64_t healing_tag;
	bool is_anew; /* and is what the decoder began with, */
	bool by_bits; /* or is to be: its picture was no key picture, as where each renews a part of it */
};

/* True: the decoder is to be emptied before it is given this packet, and to begin anew with it. */
bool damage_begins_anew(struct damage *damage, const AVPacket *packet);

/* The decoder is given this packet, whose tag is greater than those before; it had an error with it. */
void damage_packet(struct damage *damage, const AVPacket *packet, int64_t tag);
void damage_error(struct damage *damage);

/* This packet is left out, and so are all up to a key packet. */
void damage_skipped(struct damage *damage, const AVPacket *packet);

/* True when this picture, the next that came out of the decoder, lacks something. */
bool damage_picture(struct damage *damage, const AVFrame *frame);

#endif
