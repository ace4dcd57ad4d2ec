/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The countdown: each public function of libzoetrope is driven through the failure of its
 * first system or pthread call, of its second, and so on, until none is left to fail.
 */
#ifndef COUNTDOWN_H
#define COUNTDOWN_H

#include <stdbool.h>

#include <zoetrope/zoetrope.h>

/* One function in one situation. */
struct scenario {
	const char *name;
	const int *errors;   /* what it may return here, of its header's list; ends with 0 */
	void (*setup)(void); /* may be NULL, as may be `again` */
	int (*call)(void);   /* 0 when all went as it must without faults */
	void (*again)(void); /* before it is called anew, now without faults */
	void (*teardown)(void);
	bool fresh; /* each try in a process that never used the library before */
};

extern const struct scenario writer_scenarios[], reader_scenarios[], observer_scenarios[], results_scenarios[],
	list_scenarios[];
extern const unsigned n_writer_scenarios, n_reader_scenarios, n_observer_scenarios, n_results_scenarios,
	n_list_scenarios;

/* The kinds of pool that every scenario is run with. */
enum pool_kind { KIND_FUTEX, KIND_PTHREAD, KIND_ATOMIC, N_KINDS };

/* Of this process: the pool's name, and its kind. */
extern char pool[ZOE_NAME_BYTES];
extern enum pool_kind pool_kind;

/* What is being tried, in words. */
extern char trying[256];

/* What a scenario prepares, it prepares with these; they end the process when they fail. */
enum { WITH_THREAD = 1, LOSSLESS = 2, NAMED = 4 };
struct zoe_writer_options kind_options(void);
struct zoe_writer *make_writer(unsigned flags, struct zoe_writer *predecessor);
uint32_t fill_slot(struct zoe_writer *writer);
int publish_slot(struct zoe_writer *writer, uint32_t slot);
void publish_frame(struct zoe_writer *writer);
void must(int error, const char *what);

/* Attach to a pool whose writer has no thread: it keeps house meanwhile. */
struct zoe_reader *attach_to(struct zoe_writer *writer, const struct zoe_reader_options *options);

/* A pool whose writer is another process, seated and killed as told. */
int start_writer_process(void);
void kill_writer_process(int pid);

/* Take away whatever has the pool's name, as the next writer does. */
void clean_name(void);

#endif
