/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pool that is nobody's: the two objects of a real one, with bytes of the fuzzer's laid
 * over all that matters, under a private name, and locked as a living writer would.
 */
#ifndef FUZZ_IMAGE_H
#define FUZZ_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zoetrope/zoetrope.h>

extern char image_name[ZOE_NAME_BYTES];

/* What an input says beside the bytes of the objects: see image.c. */
struct image_orders {
	uint8_t reel_cut; /* 0: whole; else cut short */
	uint8_t seats_cut;
	uint8_t mutex; /* which of the sane states of a mutex */
	uint8_t hold, depth, policy, spin;
	uint8_t steps;  /* frames to be taken */
	uint8_t writer; /* 0: dead, others: alive */
};

/* The seats have a board. To be set before the first image is laid. */
extern bool image_has_board;

/* Make the objects out of an input. False: too short for that. */
int image_lay(const uint8_t *data, size_t size, struct image_orders *orders);

/*
 * Around calls of the library: meanwhile others write whenever it sleeps or asks about a
 * lock. The end sees that it slept no oftener than that and left nothing open.
 */
void image_begin(void);
void image_end(unsigned most_sleeps);

/* Apply the next of the edits that the input wants to come later: others write, while the library reads. */
void image_change(void);

/* The same, and what a living writer does meanwhile: it welcomes who claimed a seat. */
void image_live(void);

/* Read what a frame says it has, to its last byte. */
void image_look_at(const struct zoe_frame *frame);

/* Ends the process unless this is one of the errors that the header names. */
void image_check_error(int error, const char *where);

/* Write the seeds of a corpus into a folder: images of real pools. */
int image_write_seeds(const char *folder);

#endif
