/* SPDX-License-Identifier: BSD-2-Clause */
/* The shared memory directory: the entries that are a pool's, and what is behind them. */
#ifndef ZI_DIRECTORY_H
#define ZI_DIRECTORY_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>

#include <zoetrope/list.h>

#include "pool/layout/layout.h"
#include "pool/layout/name.h"

/* Goes through the entries that are called as a pool's objects are. */
struct zi_directory {
	DIR *stream;
	const char *text;      /* the present entry as it stands there */
	struct zi_entry entry; /* and taken apart */
};

/* 0 or -errno. */
int zi_directory_open(struct zi_directory *directory);

/* The next entry, of this pool alone unless `name` is NULL. False: there is none. */
bool zi_directory_next(struct zi_directory *directory, const char *name);

/* The present entry opened for reading: a descriptor if it is the object that it is called, otherwise -errno. */
int zi_directory_open_object(const struct zi_directory *directory);

void zi_directory_close(struct zi_directory *directory);

/*
 * What is behind a descriptor: 1 for a regular file that begins as this object does, of whatever
 * layout version, or is empty if it is the lock; 0 for anything else; or -errno.
 */
int zi_entry_is(int fd, enum zi_object which);

/* True when the maker of this object died: it locked it before it had any name. */
bool zi_entry_stale(int fd, enum zi_object which);

/*
 * Remove what those who died left under a temporary name of this pool, or as its lock, and count it unless
 * `cleaned` is NULL. Not between zi_descriptors_pause() and _resume().
 */
void zi_directory_sweep(const char *name, struct zoe_cleaned *cleaned);

/* Count an object that is removed. */
void zi_directory_count(struct zoe_cleaned *cleaned, const struct stat *status);

#endif
