/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of /dev/shm: which of them are a pool's, and what they say. */
#ifndef ZI_DIRECTORY_H
#define ZI_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "pool/layout/layout.h"
#include "pool/layout/name.h"

/*
 * What is behind a descriptor: a regular file that begins as this object does, of whatever
 * layout version? 1, 0 or -errno.
 */
int zi_entry_is(int fd, enum zi_object which);

/* Did the maker of this object die? It locked it before it had any name. */
bool zi_entry_stale(int fd, enum zi_object which);

/* Remove what writers of this name that died left under a temporary name. */
void zi_entry_sweep(const char *name);

#endif
