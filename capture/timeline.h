/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A timestamp for each picture: that of the stream, made up where it is missing, and rising in a loop. Of what is
 * live it always rises, and is never far ahead of the clock, whatever the camera's own does.
 */
#ifndef CAPTURE_TIMELINE_H
#define CAPTURE_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "picture.h"

struct timeline {
	AVRational time_base;
	int64_t frame_duration; /* where a picture does not say its own; in the time base */
	int64_t loop_offset;    /* from the stream's timestamps to ours */
	int64_t next_pts;       /* of the stream, expected */
	int64_t own_pts;        /* of the stream, of the last picture that had one, */
	int64_t shortest_step;  /* and the shortest from one to the next; 0: none yet */
	bool has_own;
	int64_t last_pts;   /* ours, */
	int64_t end_pts;    /* where that picture's time ends, */
	int64_t away_ticks; /* and so much later the next begins */
	bool has_last, restarted;
	bool skipped;          /* what followed the last picture was left out, */
	int64_t skipped_ticks; /* and so much more of it than of our time has passed */
	bool may_jump;         /* for the owner to set: times of this container jump, where others have long pictures */
	bool is_live;         /* as well: pictures come when they happen, so that times which cannot be are made anew */
	int64_t last_read_ns; /* the latest of all pictures so far, */
	int64_t late_ticks;   /* so much later than by their own times they came, which they may make up for; */
	unsigned n_off;       /* so many before it, one after the other, had a time that could not be; */
	uint64_t n_restamped; /* in all */
};

void timeline_init(struct timeline *timeline, AVRational time_base, AVRational rate);

/* The stream's own timestamp of this picture, or, where it has none, the one that was due. */
int64_t timeline_next(struct timeline *timeline, const AVFrame *frame);

/* Set pts, duration and discontinuity of the picture, read_ns of which is set, and whose own timestamp is pts. */
void timeline_set(struct timeline *timeline, struct picture *picture, int64_t pts);

/* The stream begins again, opened anew. */
void timeline_restart(struct timeline *timeline, AVRational time_base, AVRational rate);

/* And so long after the last picture ended. */
void timeline_wait(struct timeline *timeline, int64_t ns);

/* What followed the last picture was left out, since it was so late. */
void timeline_skip(struct timeline *timeline, int64_t lag_ns);

#endif
