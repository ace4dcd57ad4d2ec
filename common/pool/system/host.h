/* SPDX-License-Identifier: BSD-2-Clause */
/* What must be the same on both sides for pthread objects to work between two processes. */
#ifndef ZI_HOST_H
#define ZI_HOST_H

#include <stdbool.h>
#include <stdint.h>

/* The inode of this process's PID namespace, or 0 where /proc does not tell. */
uint64_t zi_host_pid_namespace(void);

/* What this process's time namespace adds to CLOCK_MONOTONIC; 0 where there are none, or /proc does not tell. */
int64_t zi_host_clock_offset_ns(void);

/*
 * True when the process that had this pid in this PID namespace is known to be dead: false also where that
 * cannot be known from here, or another has its pid by now.
 */
bool zi_host_process_gone(uint32_t pid, uint64_t pid_namespace);

/* The libc and its version: "glibc 2.36". */
void zi_host_libc(char text[32]);

#endif
