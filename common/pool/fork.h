/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a forked child must not inherit. Its copies of our descriptors would keep the
 * parent's locks alive after the parent's death, so they are closed in the child, and the
 * child's copies of readers and writers know that they are only copies.
 */
#ifndef ZI_FORK_H
#define ZI_FORK_H

#include <stdbool.h>

struct zi_fork {
	int fds[2];             /* -1: none */
	bool is_copy;           /* this is the child of the process that made it */
	struct zi_fork *next, *previous;
};

/* Join the list of what the child gives up. 0 or -ENOMEM. */
int zi_fork_watch(struct zi_fork *entry, int fd0, int fd1);

/* Leave it and close the descriptors that are still open. */
void zi_fork_close(struct zi_fork *entry);

#endif
