/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a source that may go away: connecting, playing, waiting before it is tried again. A state
 * machine without FFmpeg, thread or clock: its owner says what happened and when, and does what it answers.
 */
#ifndef CAPTURE_SESSION_H
#define CAPTURE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

enum session_state {
	SESSION_CONNECTING, /* it is being opened, or is open, and gave no picture yet */
	SESSION_PLAYING,
	SESSION_WAITING, /* for the next try, at next_ns */
};

/* All times are of CLOCK_MONOTONIC. */
struct session {
	enum session_state state;
	bool is_local;      /* for the owner to set: nobody far away is asked, so there is no reason for long pauses */
	uint32_t random;    /* for the jitter */
	unsigned n_tries;   /* that failed since the source was last good */
	unsigned n_away;    /* of these: since its last picture */
	int64_t playing_ns; /* since when it plays */
	int64_t picture_ns; /* when the last picture came; before the first: when it began */
	int64_t next_ns;
};

/* The first try begins now. */
void session_begin(struct session *session, uint32_t seed, int64_t now_ns);

/* A picture came. True: the first since it was lost or begun. */
bool session_picture(struct session *session, int64_t now_ns);

/* It could not be opened, it broke off or it ended: next_ns says when it is tried again. */
void session_failed(struct session *session, int64_t now_ns);

/* It is tried again. */
void session_try(struct session *session);

#endif
