/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of pools that no other test has at the same time. */
#ifndef SUPPORT_NAME_H
#define SUPPORT_NAME_H

#include <stdbool.h>

#include <zoetrope/pool.h>

/* "WHAT-PID", of this process. */
void own_pool_name(char name[ZOE_NAME_BYTES], const char *what);

/* How many objects of this pool /dev/shm has: reel, seats, and those that are not yet or no more in place. */
unsigned count_pool_objects(const char *name);

#endif
