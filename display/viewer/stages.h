/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a frame's age comes from: what each stage of its way took, now and over the last ten seconds. */
#ifndef DISPLAY_STAGES_H
#define DISPLAY_STAGES_H

#include <stddef.h>
#include <stdint.h>

#include <zoetrope/frame.h>
#include <zoetrope/histogram.h>

enum stage {
	STAGE_DECODE,  /* from packet read to picture complete */
	STAGE_PUBLISH, /* to published */
	STAGE_ACQUIRE, /* to acquired by this window */
	STAGE_PRESENT, /* to the end of the call that presented it */
	STAGE_ALL,     /* from packet read to presented */
	N_STAGES,
};

/* What the stages of one frame took; -1 where its writer did not say when they began or ended. */
struct stages {
	int64_t ns[N_STAGES];
};

struct stages stages_of(const struct zoe_frame_info *info, int64_t acquired_ns, int64_t presented_ns);

/* For people: "decode" … "in all". */
const char *stage_name(enum stage stage);

/* For programs, what lies on either side: "read_to_decoded" … "read_to_presented". */
const char *stage_span(enum stage stage);

/* Milliseconds with the two digits that a histogram knows; "-" below 0, which is not known. Returns text. */
#define STAGE_MS_BYTES 24
const char *stage_ms(char text[STAGE_MS_BYTES], int64_t ns);

/* Counts the frames of which a stage is known. */
struct stage_ages {
	struct zoe_histogram of[N_STAGES];
};

void stage_ages_add(struct stage_ages *ages, const struct stages *stages);

/* Of many frames; -1 where nothing is known of a stage. */
struct stage_figures {
	int64_t p50_ns[N_STAGES], p99_ns[N_STAGES];
};

void stage_ages_get(const struct stage_ages *ages, struct stage_figures *figures);

#define HISTORY_COLUMNS 100
#define HISTORY_COLUMN_NS INT64_C(100000000)

/* The frames presented within one tenth of a second. */
struct history_column {
	int64_t number; /* of that tenth, since the clock began */
	uint32_t n_frames;
	int64_t sum_ns;       /* of their ages */
	int64_t oldest_ns;    /* the age of the oldest, as far as its stages are known, */
	struct stages oldest; /* and its stages */
};

/* A ring. Zeroes are an empty one. */
struct history {
	struct history_column columns[HISTORY_COLUMNS];
};

void history_add(struct history *history, int64_t now_ns, const struct stages *stages);

/* The column that ended n_back columns before the present one; NULL: no frame was presented then. */
const struct history_column *history_get(const struct history *history, int64_t now_ns, int n_back);

/* The greatest age in it. */
int64_t history_oldest_ns(const struct history *history, int64_t now_ns);

#endif
