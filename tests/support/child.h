/* SPDX-License-Identifier: BSD-2-Clause */
/* Children that do not outlive the test that made them. */
#ifndef SUPPORT_CHILD_H
#define SUPPORT_CHILD_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * fork(), with a child that is killed when the thread that made it ends, at whatever
 * moment that is, and through an exec, too. The parent must be in the same PID namespace.
 */
pid_t child_fork(void);

/* Kill *pid, if it is one, wait for its end, and clear it. */
void child_kill(pid_t *pid);

#ifdef __cplusplus
}
#endif

#endif
