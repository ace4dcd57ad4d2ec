/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of pools, and the entries of the shared memory directory that are made of them. */
#ifndef ZI_NAME_H
#define ZI_NAME_H

#include <stdbool.h>

#include <zoetrope/pool.h>

#include "pool/layout/layout.h"

struct zi_entry {
	char name[ZOE_NAME_BYTES]; /* the pool's */
	enum zi_object which;
	bool is_temp; /* "zoe.NAME.EPOCH[.seats].tmp" */
};

/* Take an entry of the shared memory directory apart. False: it is none of a pool's. */
bool zi_entry_parse(const char *text, struct zi_entry *entry);

#endif
