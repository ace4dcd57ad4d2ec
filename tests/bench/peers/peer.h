/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One transport for frames as a program of its own, with its own dependencies:
 *
 *   peer-NAME version                                          print the version of what it measures, or why it
 *                                                              cannot (exit 1)
 *   peer-NAME serve DIR WIDTHxHEIGHT                           run what it needs beside it, frames no larger than
 *                                                              that, from the line "ready" until SIGTERM
 *   peer-NAME run WAY DIR WIDTHxHEIGHT FRAMES INTERVAL_NS      send frames from one process to another, and print for
 *                                                              each of FRAMES how many ns it took, then "missed N"
 *
 * A peer fills in `struct peer`; main() is in peer_main.c. It forks before the peer does
 * anything: the parent publishes, at a steady pace and for as long as the child receives.
 * DIR exists, is private to the run, and its last part is a name that nobody else has:
 * whatever a peer must call by name has that in it, so that a run which is killed can be
 * cleaned up.
 */
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct peer_task {
	const char *way;        /* one of the ways of a peer that has several: "poll" */
	const char *dir, *name; /* the run's directory, and its last part */
	uint32_t width_px, height_px;
	uint64_t bytes; /* of a frame: yuv420p, no padding */
	uint32_t fps;   /* for those who want to be told */
};

struct peer {
	const char *(*version)(void);                 /* NULL, having said on stdout why it cannot run */
	int (*serve)(const struct peer_task *task);   /* NULL: needs nothing beside it */
	int (*prepare)(const struct peer_task *task); /* before the fork; NULL: nothing to do */
	/* Until peer_next() or peer_got() say that it is over. 0, or not, having said why on stderr. */
	int (*publish)(const struct peer_task *task);
	int (*receive)(const struct peer_task *task);
};

extern const struct peer peer;

/* The publisher: wait until the next frame is due. False: the receiver has all it wants, or a signal came. */
bool peer_next(void);

/* The publisher, as the last thing before it hands a frame over: write into it the time, and which frame it is. */
void peer_stamp(void *frame);

/* The receiver, as the first thing when it holds a frame. False: that was the last. */
bool peer_got(const void *frame);

/* "NAME: error: …" on stderr. Returns 1. */
int peer_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#ifdef __cplusplus
}
#endif
#endif
