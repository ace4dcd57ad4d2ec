/* SPDX-License-Identifier: BSD-2-Clause */
/* How much comes from a source, and how often it can be entered: bit rate, distance of key frames. */
#ifndef CAPTURE_TRAFFIC_H
#define CAPTURE_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroes: nothing came yet. */
struct traffic {
	uint64_t bits_per_s;   /* over the last second or more; 0 not known yet */
	uint32_t key_interval; /* packets from the last key packet but one to the last; 0 not known yet */
	int64_t begun_ns;      /* when the second under way began; 0: none did */
	uint64_t bytes;        /* in it */
	uint32_t since_key;    /* packets, with the last key packet; 0: none came yet */
};

/* A packet of the shown stream came; now_ns is of CLOCK_MONOTONIC. */
void traffic_packet(struct traffic *traffic, int bytes, bool is_key, int64_t now_ns);

#endif
