/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether what cannot be sought, such as a pipe or a camera over HTTP, comes at its own pace (live) or as
 * fast as it is read (a file). Only the first must be shown when it comes: its timestamps may be a guess.
 */
#ifndef CAPTURE_ARRIVAL_H
#define CAPTURE_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arrival {
	int64_t first_offset; /* of the input's bytes when the first packet was asked for: what libavformat had read */
	double fastest_live;  /* of video for each second */
	int64_t stored_ns;    /* so much of it the sender may give at once, and still be live */
	int64_t total_ns;
	bool past_buffered; /* packets come from beyond it, */
	bool blocked;       /* and one had to be waited for: since then */
	int64_t begun_ns, media_ns;
	size_t n_bytes;
};

enum arrival_verdict { ARRIVAL_OPEN, ARRIVAL_LIVE, ARRIVAL_FILE };

/* offset: of the input's bytes, now. Who has made up its timestamps may come much faster than they say; a server may begin
 * with what it has had since the last key picture. */
void arrival_init(struct arrival *arrival, int64_t offset, bool has_timestamps, bool is_served);

/* A packet of so many bytes and nanoseconds of video was read from begun_ns to done_ns, up to this offset. */
enum arrival_verdict arrival_note(struct arrival *arrival, int64_t begun_ns, int64_t done_ns, int64_t offset,
	int64_t media_ns, size_t n_bytes);

#endif
