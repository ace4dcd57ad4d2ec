/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of /dev/shm: which of them are a pool's, and what they say. */
#ifndef ZI_ENTRY_H
#define ZI_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/pool.h>

#include "pool/system/object.h"

struct zi_entry {
	char name[ZOE_NAME_BYTES];      /* the pool's */
	enum zi_object which;
	bool in_transit;                /* "zoe.NAME.EPOCH[.seats].tmp" */
};

/* Take an entry of /dev/shm apart. False: it is none of a pool's. */
bool zi_entry_parse(const char *text, struct zi_entry *entry);

/*
 * What is behind a descriptor: a regular file that begins as this object does, of whatever
 * layout version? 1, 0 or -errno.
 */
int zi_entry_is(int fd, enum zi_object which);

/* Did the maker of this object die? It locked it before it had any name. */
bool zi_entry_stale(int fd, enum zi_object which);

/* Remove what writers of this name that died left in transit. */
void zi_entry_sweep(const char *name);

#endif
