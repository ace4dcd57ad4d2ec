/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a forked child must not inherit. Its copies of our descriptors would keep the
 * parent's locks alive after the parent's death, so they are closed in the child, and the
 * child's copies of readers and writers know that they are only copies.
 */
#ifndef ZI_DESCRIPTORS_H
#define ZI_DESCRIPTORS_H

#include <stdbool.h>
#include <sys/types.h>

struct zi_descriptors {
	int fds[2]; /* -1: none */
	/* What they were opened for: a careless library may close any number, and somebody else get it. */
	dev_t device[2];
	ino_t inode[2];
	bool is_copy;  /* this is the child of the process that made it */
	bool has_left; /* the list: it has no descriptors any more */
	struct zi_descriptors *next, *previous;
};

/* Join the list of what the child gives up, without any descriptor yet. 0 or -errno, with zoe_error() set. */
int zi_descriptors_watch(struct zi_descriptors *entry);

/*
 * Between these two no other thread forks: a descriptor that is opened here is in its
 * entry, or closed again, before a child could inherit it unseen. Nor is this thread cancelled.
 */
void zi_descriptors_pause(void);
void zi_descriptors_resume(void);

/*
 * For every descriptor that the library opens. Where a standard stream is closed, an object would get its
 * number, and what the program prints would be written over the pool. Takes what open() and the like
 * returned, with errno; the descriptor, never 0, 1 or 2, or -errno.
 */
int zi_descriptors_above_standard(int fd);

/* Note a descriptor as the entry's i-th. Between pause and resume. */
void zi_descriptors_adopt(struct zi_descriptors *entry, int i, int fd);

/* True while the i-th descriptor is open and still what it was opened for. */
bool zi_descriptors_intact(const struct zi_descriptors *entry, int i);

/* 0 for the process that made it; in a forked child -ECHILD and a sentence about `what` it is. */
int zi_descriptors_check(const struct zi_descriptors *entry, const char *what);

/* Leave the list and close the descriptors that are still open. */
void zi_descriptors_close(struct zi_descriptors *entry);

/* The same at once. False, and nothing is done, while another thread forks or is between pause and resume. */
bool zi_descriptors_try_close(struct zi_descriptors *entry);

/* Close the descriptors and stay in the list: a forked child learns that it has a copy. */
void zi_descriptors_shut(struct zi_descriptors *entry);

#endif
