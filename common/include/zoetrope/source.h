/* SPDX-License-Identifier: BSD-2-Clause */
/* How the source of a pool does: a camera's troubles, for everybody who looks. */
#ifndef ZOETROPE_SOURCE_H
#define ZOETROPE_SOURCE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Room for why a source is lost, with its end. */
#define ZOE_WHY_BYTES 192

/*
 * What a writer says of where its frames come from (zoe_writer_set_source()). Counts are of the writer's
 * run, over all its epochs. What does not apply is 0.
 */
struct zoe_source {
	uint64_t decoded;      /* pictures that came out of the source */
	uint64_t dropped;      /* of these: not published, since no slot was free */
	uint64_t dropped_full; /* of these: since shared memory was full */
	uint64_t damaged; /* of the decoded: not published, since something was lacking and only whole frames are */
	uint64_t skipped; /* packets that were not decoded, to keep up with a live source */
	uint64_t corrupt; /* frames published with ZOE_FRAME_CORRUPT */
	uint64_t decode_errors;  /* packets that gave an error */
	uint64_t restamped;      /* frames published with another time than the source's, which could not be */
	uint64_t reconnects;     /* that the source went away and came back */
	int64_t lag_ns;          /* how far a live source is behind */
	uint64_t bits_per_s;     /* of what is decoded, over the last second or so; 0 unknown */
	uint32_t key_interval;   /* pictures from one key frame to the next; 0 unknown */
	uint32_t n_tries;        /* that failed since the source was lost */
	char why[ZOE_WHY_BYTES]; /* why it is lost: one line of any bytes, then '\0'; "" it is not, or not known */
	uint64_t reserved[16];   /* 0 */
};

#ifdef __cplusplus
}
#endif
#endif
