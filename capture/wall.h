/* SPDX-License-Identifier: BSD-2-Clause */
/* When pictures were taken, by the camera's own clock, where it says so and that can be so. */
#ifndef CAPTURE_WALL_H
#define CAPTURE_WALL_H

#include <stdbool.h>
#include <stdint.h>

/* As many packets as a decoder may have before their pictures come out. */
#define WALL_PACKETS 128

/* Zeroes: nothing is known. */
struct wall {
	bool is_of_next;  /* for the owner to set: what a packet says is of the one behind it; */
	int64_t next_ns;  /* and the last said this */
	bool is_believed; /* what was said last */
	struct {
		int64_t tag;
		int64_t taken_ns;
	} packet[WALL_PACKETS]; /* the last ones, in a ring */
	unsigned next;
};

/*
 * A packet came at now_ns, and its picture was taken at taken_ns as the camera says (RTCP sender reports; 0: it
 * does not), both of CLOCK_REALTIME. One that is set wrong is not believed: later than now, or
 * more than 10 s ago (15 s after one that was believed). The tag is no other packet's, and comes out of the decoder with the picture.
 */
void wall_packet(struct wall *wall, int64_t tag, int64_t taken_ns, int64_t now_ns);

/* When the picture of the packet with this tag was taken; 0: not known. */
int64_t wall_taken(const struct wall *wall, int64_t tag);

#endif
