/* SPDX-License-Identifier: BSD-2-Clause */
/* What zoe-bench targets asks of the other subcommands. */
#ifndef BENCH_TARGETS_H
#define BENCH_TARGETS_H

#include <stddef.h>
#include <stdint.h>

#define TARGETS_WHY_BYTES 640

/*
 * `runs` pairs of the same figure of ours and of theirs, measured in turn (ours[i] beside theirs[i]).
 *
 * Returns 0; 1 when it cannot be measured here, with the reason in `why` ("iceoryx is not installed"); -EINTR
 * when told to stop. Whatever fails is a reason, too: the other rows go on.
 */

/* Blocking p50 in µs of a 1080p frame, through zoetrope and through the peer: "gstreamer", "iceoryx" (its WaitSet). */
int peers_pairs(const char *peer, uint32_t runs, uint32_t frames, double *ours, double *theirs,
	char why[TARGETS_WHY_BYTES]);

/* CPU seconds of zoe-capture --fast and of ffmpeg -f null for a clip of so many 1080p frames. */
int decode_pairs(uint32_t runs, uint32_t frames, double *ours, double *theirs, char why[TARGETS_WHY_BYTES]);

#endif
