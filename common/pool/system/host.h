/* SPDX-License-Identifier: BSD-2-Clause */
/* What must be the same on both sides for pthread objects to work between two processes. */
#ifndef ZI_HOST_H
#define ZI_HOST_H

#include <stdint.h>

/* The inode of this process's PID namespace, or 0 where /proc does not tell. */
uint64_t zi_host_pid_namespace(void);

/* The libc and its version: "glibc 2.36". */
void zi_host_libc(char text[32]);

#endif
