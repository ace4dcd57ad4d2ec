/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Liveness by the kernel: open-file-description write locks on single bytes of the shared
 * memory objects. The kernel drops such a lock when its process dies, however it dies and
 * in whatever container, and only after the process's memory is gone.
 */
#ifndef ZI_LOCK_H
#define ZI_LOCK_H

#include <stdbool.h>

/* Take the byte without waiting. 0, or -EAGAIN when somebody else has it, or -errno. */
int zi_lock_take(int fd, unsigned byte);

/* 0 or -errno: it is still ours. */
int zi_lock_drop(int fd, unsigned byte);

/* True when another open file description has the write lock on this byte. */
bool zi_lock_held(int fd, unsigned byte);

#endif
