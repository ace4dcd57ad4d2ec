/* SPDX-License-Identifier: BSD-2-Clause */
/* The processes of the soak: started, stopped, killed, told; and what went wrong with them. */
#ifndef SOAK_PROCESSES_H
#define SOAK_PROCESSES_H

#include "soak.h"

struct soak_member {
	char title[16]; /* "reader 3", for reports */
	struct soak_words *words;
	pid_t pid;               /* 0: none */
	int64_t overdue_call_ns; /* the promise that it was seen to break, */
	int64_t overdue_ns;      /* and for how long, not counting what it waited for a processor */
	struct soak_threads threads;
	bool is_starved;           /* one of its threads waits for a processor */
	uint64_t frames_before;    /* at the last event */
	struct soak_process usual; /* what it had when all was calm first */
	bool has_usual;
};

struct soak {
	struct soak_plan plan;
	struct soak_shared *shared;
	struct soak_member writer;
	struct soak_member rival; /* in a race for the name, else none */
	struct soak_member reader[SOAK_MAX_READERS];
	uint64_t random;
	uint64_t event;
	char action[64]; /* what the last event was */
	uint64_t torn, hangs, leaks, errors;
	int64_t longest_publish_ns;
	int64_t longest_wait_ns; /* until all was well after an event */
};

int soak_init(struct soak *soak, const struct soak_plan *plan, uint64_t seed);

/* The next random number below n. */
uint32_t soak_random(struct soak *soak, uint32_t n);

/* Every figure of a report goes through here: one line for each thing that went wrong. */
void soak_complain(struct soak *soak, uint64_t *counter, const char *format, ...) __attribute__((format(printf, 3, 4)));

void soak_start_writer(struct soak *soak, struct soak_member *member, uint32_t side);
void soak_start_reader(struct soak *soak, uint32_t index);
void soak_kill(struct soak *soak, struct soak_member *member);

/* Wait until it has ended by itself, with patience; its exit status, or -1. */
int soak_await_end(struct soak *soak, struct soak_member *member);

/* Give an order without waiting; wait until it is done, with patience. */
void soak_tell(struct soak_member *member, enum soak_order order, uint32_t argument);
void soak_await_done(struct soak *soak, struct soak_member *member);

/* Sleep for a moment, watching that nobody's call outlives its promise. Returns the time to count, in ns. */
int64_t soak_watch(struct soak *soak);

/* After an event: frames flow, seats and objects are those of the living. */
void soak_settle(struct soak *soak);

/* Let everybody run and come to rest, and compare what each has with what it had. */
void soak_calm(struct soak *soak);

#endif
