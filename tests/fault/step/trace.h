/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Single steps: a victim is a child process whose every instruction can be stopped at.
 *
 * Its cycle is first recorded by stepping through it once. From then on a point of that
 * path is reached by breakpoints: from where the victim stands, the farthest recorded
 * instruction whose address does not come before it on the way gets one, and so on. That
 * is a few stops instead of tens of thousands.
 *
 * The cycle is cut by marks, where victim and director meet. What the director does at a
 * mark happens while the victim stands still, so that the path is the same in each run,
 * and each mark is a new beginning from which instructions are counted.
 */
#ifndef STEP_TRACE_H
#define STEP_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Called by a victim at a mark; its director is told. Does nothing in a process that nobody traces but end it. */
void step_mark(int mark);

struct step_place {
	uint64_t rip;    /* the instruction that is executed next here */
	uint32_t before; /* the last place before with this address and the same mark; own index: none */
	int16_t mark;    /* the mark that was passed last */
	bool inside;     /* in libzoetrope */
	bool again;      /* not the first place with this address, whatever the mark */
	bool sleeps;     /* a system call that sleeps */
};

/* A cycle as recorded. Place k is where the victim stands after k instructions. */
struct step_path {
	struct step_place *places;
	uint32_t n;
	uint32_t n_inside;
};

struct step_victim {
	pid_t pid; /* 0: none */
	bool over; /* the process has ended, with: */
	int status;
	int mark; /* passed last; -1 none yet */
	/* The director's part at a mark. */
	void (*at_mark)(void *director, int mark);
	/* And while its cycle is recorded, before each instruction; NULL: none. */
	void (*at_place)(void *director);
	void *director;
};

/* True when this process can trace its children; else *why says why not. */
bool step_possible(const char **why);

/* Start a child that runs cycle(argument) and exits with what that returns, stopped before its first mark. */
void step_begin(struct step_victim *victim, int (*cycle)(void *), void *argument);

/* Step through the whole cycle. False when it did not end well. */
bool step_record(struct step_victim *victim, struct step_path *path);

/* Free a recorded path. */
void step_forget(struct step_path *path);

/*
 * Bring the victim to place k, or, if `asleep`, into the sleep of the system call there;
 * `slowly`: by single steps, as it was recorded. False when it did not come there: it
 * stands somewhere else after as many instructions, or at the next mark, or it is over.
 */
bool step_reach(struct step_victim *victim, const struct step_path *path, uint32_t k, bool asleep, bool slowly);

/* Where it stands now. */
uint64_t step_rip(const struct step_victim *victim);

/* Let it run to its end, past its marks. Its wait status; -1 when it did not end in time (it is killed then). */
int step_finish(struct step_victim *victim);

/* Kill it where it stands and wait until it is gone. */
void step_kill(struct step_victim *victim);

/* True when this process sleeps in the kernel, and is not merely stopped. */
bool step_sleeps(pid_t pid);

/* The state that the kernel says it is in: R for running or ready to; 0 when there is no such process. */
char step_state(pid_t pid);

/* "libc.so.6+0x8e0f4 pthread_mutex_trylock", the file and line where addr2line knows them. */
void step_name(uint64_t rip, char *text, size_t bytes);

/*
 * Memory that children share. A director takes all of its own from here and none from
 * malloc: its children's heaps are copies of its own, and have to be the same each time.
 */
void *step_pages(size_t bytes);

/* No wait for a victim takes longer than this: a timer interrupts it. */
void step_watchdog(unsigned seconds);

#endif
