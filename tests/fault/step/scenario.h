/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scenario: what a victim does in its cycle, who else is on the stage, and what must hold
 * after the victim was killed, or stopped for a while, at some point of it.
 */
#ifndef STEP_SCENARIO_H
#define STEP_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "stage.h"
#include "trace.h"

/* The longest that anything took, over all points. */
struct step_most {
	_Atomic int64_t publish_ns; /* a publish, with a reader stopped or dead */
	_Atomic int64_t back_ns;    /* until a killed reader's seat could be taken again */
	_Atomic int64_t learn_ns;   /* until a reader knew that its writer is dead */
	_Atomic int64_t follow_ns;  /* until a reader had a frame of the restarted writer */
	_Atomic int64_t late_ns;    /* that a call came back after its deadline */
};

struct step_scenario {
	const char *name;
	int (*cycle)(void *stage);
	int64_t patience_ms[2]; /* of the watchers, when the victim is killed, stopped */
	uint32_t max_seats;
	/* Put on the stage who is there from the beginning. */
	bool (*open)(struct step_stage *stage);
	void (*at_mark)(struct step_stage *stage, int mark);
	/* What must hold after place k; the victim is dead, or stands still and is then run to its end. */
	bool (*killed)(struct step_stage *stage, struct step_most *most, uint32_t k);
	bool (*stopped)(struct step_stage *stage, struct step_most *most, uint32_t k);
	/* After that: the stage is emptied, and nothing may be left. */
	bool (*close)(struct step_stage *stage, struct step_most *most);
};

extern const struct step_scenario step_reader_scenario, step_writer_scenario;

/* For scenarios: every watcher leaves, then capture, if there is one; nothing is left. */
bool step_all_leave(struct step_stage *stage);

/* A watcher with this number comes. */
bool step_watcher_comes(struct step_stage *stage, int number);

/* Tell it what to do. */
void step_request(struct step_stage *stage, int number, enum step_request request);

/* For step_until: true when the watcher whose number is the argument has a seat. */
bool step_is_attached(struct step_stage *stage, void *number);

#endif
