/* SPDX-License-Identifier: BSD-2-Clause */
/* When to say what is wrong with a source that plays, and in which words: soon after it begins, then once a minute. */
#ifndef CAPTURE_TROUBLES_H
#define CAPTURE_TROUBLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum trouble {
	TROUBLE_SKIPPED,
	TROUBLE_CORRUPT,
	TROUBLE_DAMAGED,
	TROUBLE_DROPPED,
	TROUBLE_ERROR,
	TROUBLE_RESTAMPED,
	N_TROUBLES,
};

/* Zeroes: nothing was said yet. */
struct troubles {
	uint64_t said[N_TROUBLES]; /* the counts when it was last said, */
	int64_t said_ns;           /* and when that was; 0: never */
	int64_t begun_ns;          /* when more was seen, which is not said yet; 0: nothing is */
};

/*
 * So many there were in all. True: it is time to say how many there were since it was last said, which is in the line. So
 * many fit into 320 bytes.
 */
bool troubles_line(struct troubles *troubles, const uint64_t counts[N_TROUBLES], int64_t now_ns, char *line,
	size_t n_bytes);

#endif
